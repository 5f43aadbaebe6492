"""The law texts: import, search, show."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.progress import progress_bar
from bot.domain.errors import ConfigError
from bot.settings import Settings


@click.group()
def laws() -> None:
    """The law texts that you bring."""


@laws.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def laws_import(settings: Settings, folder: Path) -> None:
    """Import a folder of law texts, one markdown file a law; safe to repeat."""
    from bot.assistant.training import find_current_model
    from bot.bootstrap import open_database, unit_of_work_factory
    from bot.domain.calendar import beijing_day, utc_now
    from bot.law_texts import import_folder
    from bot.storage.sealing import load_keys

    open_unit = unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))
    with progress_bar() as advance:
        report = import_folder(settings, open_unit, folder, beijing_day(utc_now()), advance)
    for skipped in report.skipped:
        click.secho(f"skipped: {skipped}", fg="yellow", err=True)
    click.echo(
        f"{report.added} laws imported, {report.unchanged} unchanged, {len(report.skipped)} skipped, "
        f"{report.unnumbered} files without numbered articles"
    )
    if report.added and find_current_model(settings):
        click.echo("next: falin train --force (the model learns what the texts are worth)")


@laws.command("search")
@click.argument("question", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 10), default=5, show_default=True)
@click.pass_obj
def laws_search(settings: Settings, question: tuple[str, ...], limit: int) -> None:
    """The articles a question in everyday words is about."""
    from bot.assistant.training import require_model
    from bot.bootstrap import open_database, unit_of_work_factory
    from bot.domain.calendar import beijing_day, utc_now
    from bot.law_texts import require_index, search_statutes
    from bot.storage.sealing import load_keys

    index, model = require_index(settings), require_model(settings)
    open_unit = unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))
    for text in search_statutes(index, model, open_unit, " ".join(question), beijing_day(utc_now()), limit):
        click.secho(str(text.citation), bold=True)
        click.echo(f"{text.text}\n")


@laws.command("show")
@click.argument("law")
@click.argument("article")
@click.pass_obj
def laws_show(settings: Settings, law: str, article: str) -> None:
    """One article as it stands in the version in force: falin laws show 民法典 675"""
    from bot.bootstrap import open_database, unit_of_work_factory
    from bot.domain.calendar import beijing_day, utc_now
    from bot.domain.errors import NotFound
    from bot.knowledge.citations import Citation, law_title
    from bot.knowledge.numerals import parse_article
    from bot.services.laws import find_articles
    from bot.storage.sealing import load_keys

    number = parse_article(article)
    if number is None:
        raise ConfigError(f"“{article}” is no article", "write a number, 第六百七十五条, or 133之一")
    citation = Citation(law_title(law), number)
    with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))(read_only=True) as uow:
        found = find_articles(uow, (citation,), beijing_day(utc_now()))
    if not found:
        raise NotFound(f"{citation} is not among the law texts in force", "see: falin laws search WORDS")
    click.echo(found[0].text)
