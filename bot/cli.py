"""The falin command. Commands that need no agent do not import Rasa and start in under a second."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import click

os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
# Warnings of libraries are for developers: the tests see them, people at a terminal need not.
# Rasa and TensorFlow set the filters anew when imported, so the filters alone do not help.
warnings.showwarning = lambda *_arguments, **_options: None

from bot.domain.errors import ConfigError, FalinError  # noqa: E402  after the warnings are set
from bot.settings import InvalidSetting, Settings, read_settings  # noqa: E402


class FalinGroup(click.Group):
    """Turns falin's errors into one clear message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FalinError as error:
            click.secho(f"falin: {error}", fg="red", err=True)
            sys.exit(error.exit_code)
        except InvalidSetting as error:
            click.secho(f"falin: {error}", fg="red", err=True)
            sys.exit(ConfigError.exit_code)


@click.group(cls=FalinGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="falin")
@click.pass_context
def main(ctx: click.Context) -> None:
    """法邻 falin: a legal assistant for the residents of a street."""
    ctx.obj = read_settings()


def progress(text: str) -> Any:
    """A spinner with a text while one waits; plain lines where there is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(text)
    return console.status(text)


@main.command()
@click.option("--demo", is_flag=True, help="Set up the demo street of five communities.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def init(settings: Settings, demo: bool, yes: bool) -> None:
    """Set up FALIN_HOME: street.yml, secret, database, posters."""
    from bot.installation import prepare_home, set_up, write_street

    prepare_home(settings)
    answers = None if demo or yes or settings.street_file.exists() else _ask_street()
    written = write_street(settings, answers)
    posters = set_up(settings)
    click.echo(f"{'wrote' if written else 'kept'} {settings.street_file}")
    click.echo(f"wrote {len(posters)} posters in {posters[0].parent}")
    click.echo("next: falin run")


def _ask_street() -> Any:
    from bot.installation import StreetAnswers

    street = click.prompt("街道名称 (street)", default="白鹭街道")
    names = click.prompt("社区名称，用空格分开 (communities)", default="白马社区 青杠社区").split()
    communities = []
    for number, name in enumerate(names, 1):
        communities.append((click.prompt(f"{name} 的英文代号，用于链接 (id)", default=f"community{number}"), name))
    advisers = click.prompt("法律顾问称呼，按社区顺序，用空格分开 (advisers)", default="陈律师").split()
    phone = click.prompt("司法所电话 (phone)")
    hours = click.prompt("办公时间 (hours)", default="周一至周五 9:00–12:00、14:00–18:00")
    return StreetAnswers(street, f"{street}司法所", phone, hours, communities, advisers)


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_obj
def db_upgrade(settings: Settings) -> None:
    """Bring the database to the present schema; safe to repeat."""
    from bot.installation import prepare_home
    from bot.storage.engine import make_engine
    from bot.storage.migrate import upgrade

    prepare_home(settings)
    before, after = upgrade(make_engine(settings.database_url))
    click.echo(f"schema {after}" + (" (already current)" if before == after else ""))


@main.command()
@click.option("--force", is_flag=True, help="Train even when nothing has changed.")
@click.pass_obj
def train(settings: Settings, force: bool) -> None:
    """Train the model of the present knowledge."""
    from bot.installation import prepare_home

    prepare_home(settings)
    _train(settings, force)


def _train(settings: Settings, force: bool = False) -> Path:
    from bot.assistant.training import find_current_model
    from bot.assistant.training import train as train_model

    if not force and (model := find_current_model(settings)):
        click.echo(f"model is current: {model.name}", err=True)
        return model
    from bot.bootstrap import FAQ
    from bot.knowledge.entries import load_entries

    entries = load_entries(FAQ)
    questions = sum(len(entry.ask) for entry in entries.values())
    with progress(f"training on {len(entries)} entries with {questions} questions (about 20 seconds) …"):
        trained = train_model(settings)
    click.echo(f"trained {trained.model.name} in {trained.seconds:.0f} s", err=True)
    return trained.model


@main.command()
@click.option("--demo", is_flag=True, help="Set up the demo street if there is none.")
@click.pass_obj
def run(settings: Settings, demo: bool) -> None:
    """Serve the web chat, and Telegram when there is a token."""
    import uvicorn

    from bot.bootstrap import load_street_of
    from bot.installation import prepare_home, require_free_port, set_up, write_street

    prepare_home(settings)
    if demo:
        write_street(settings, None)
    load_street_of(settings)
    require_free_port(settings)
    set_up(settings)
    model = _train(settings)
    with progress("loading the agent (about 10 seconds) …"):
        app = _make_app(settings, model)
    # uvicorn stops gracefully, then raises the signal again: being told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws="wsproto",
        ws_max_size=262_144,
        server_header=False,
    )


def _make_app(settings: Settings, model: Path) -> Any:
    from bot.bootstrap import make_assistant
    from bot.channels.server import make_server

    parts = make_assistant(settings, model)

    def announce() -> None:
        click.secho(f"法邻 is answering: {settings.web_url}", fg="green", bold=True)
        telegram = "Telegram: on" if settings.telegram_token else "Telegram: off (set FALIN_TELEGRAM_TOKEN)"
        click.echo(f"{telegram} · posters: {settings.home / 'posters'} · stop with Ctrl-C")

    street = parts.library.street
    return make_server(settings, parts.assistant, parts.open_unit, parts.engine, parts.keys, street, announce)


@main.command()
@click.pass_obj
def chat(settings: Settings) -> None:
    """Chat in the terminal."""
    from bot.assistant.training import require_model
    from bot.bootstrap import make_assistant
    from bot.channels.terminal import TerminalChat

    model = require_model(settings)
    with progress("loading the agent (about 10 seconds) …"):
        parts = make_assistant(settings, model)
    talk = TerminalChat(parts.assistant, click.echo)
    talk.say("/start")
    while True:
        try:
            line = click.prompt("您", prompt_suffix="：", default="", show_default=False)
        except (click.Abort, EOFError):
            return
        talk.say(line)


@main.command()
@click.argument("question", nargs=-1)
@click.option("--jsonl", is_flag=True, help="Read one question a line, write one JSON object a line.")
@click.pass_obj
def ask(settings: Settings, question: tuple[str, ...], jsonl: bool) -> None:
    """Answer questions without a conversation; nothing is counted."""
    from bot.assistant.asking import answer_lines
    from bot.assistant.training import require_model
    from bot.bootstrap import load_library, load_street_of, make_brain

    model = require_model(settings)
    library = load_library(load_street_of(settings))
    brain = make_brain(model)
    if not jsonl:
        for answer in answer_lines([" ".join(question) or click.prompt("问题")], brain.understand, library):
            click.echo(answer["reply"])
        return
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for answer in answer_lines(sys.stdin, brain.understand, library):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


@main.group()
def knowledge() -> None:
    """The knowledge entries."""


@knowledge.command("check")
@click.option("--laws", type=click.Path(path_type=Path), help="Folder with the law texts to check against.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Check as of this day.")
@click.pass_obj
def knowledge_check(settings: Settings, laws: Path | None, today: Any) -> None:
    """Check every entry and citation; fails on any miss."""
    from bot.bootstrap import FAQ, LAWS
    from bot.domain.calendar import beijing_day, utc_now
    from bot.knowledge.check import check_against_texts, check_entries
    from bot.knowledge.entries import load_entries
    from bot.knowledge.laws import load_laws

    day: date = today.date() if today else beijing_day(utc_now())
    entries, facts = load_entries(FAQ), load_laws(LAWS)
    findings = list(check_entries(entries, facts, day))
    if laws:
        findings += check_against_texts(entries, facts, laws, day)
    for finding in findings:
        click.echo(str(finding), err=True)
    citations = sum(len(entry.citations) for entry in entries.values())
    against = f"law texts in {laws}" if laws else "nlu_data/laws.yml"
    click.echo(
        f"{len(entries)} entries, {citations} citations of {len(facts)} laws, against {against}: {len(findings)} findings"
    )
    if findings:
        sys.exit(1)


@knowledge.command("facts")
@click.option("--laws", type=click.Path(path_type=Path), required=True, help="Folder with the law texts.")
def knowledge_facts(laws: Path) -> None:
    """Rewrite nlu_data/laws.yml from the law texts, for all laws the entries cite."""
    from bot.bootstrap import FAQ, LAWS
    from bot.domain.calendar import beijing_day, utc_now
    from bot.knowledge.entries import load_entries
    from bot.knowledge.facts_file import rewrite_facts

    missing = rewrite_facts(LAWS, load_entries(FAQ), laws, beijing_day(utc_now()))
    for law in missing:
        click.echo(f"no text in force: 《{law}》", err=True)
    sys.exit(1 if missing else 0)


@main.command()
@click.option("--year", type=int, help="Default: this year.")
@click.pass_obj
def stats(settings: Settings, year: int | None) -> None:
    """Services and people of a year by month, matter, community and kind."""
    from bot.reports.tables import print_stats

    print_stats(settings, year)


@main.command()
@click.pass_obj
def cases(settings: Settings) -> None:
    """Cases that wait for an adviser, urgent first."""
    from bot.reports.tables import print_open_cases

    print_open_cases(settings)


@main.command()
@click.option("--year", type=int, required=True)
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: falin-YEAR.FORMAT here.")
@click.pass_obj
def export(settings: Settings, year: int, file_format: str, output: Path | None) -> None:
    """The year's ledger, row by row, as CSV or Excel."""
    from bot.bootstrap import open_database
    from bot.reports.export import export_ledger

    path = output or Path(f"falin-{year}.{file_format}")
    if path.suffix != f".{file_format}":
        raise ConfigError(f"{path} does not end in .{file_format}", "name it so, or change --format")
    count = export_ledger(open_database(settings), year, path)
    click.echo(f"{count} entries of {year} in {path}")


@main.group()
def adviser() -> None:
    """The legal advisers."""


@adviser.command("invite")
@click.argument("adviser_id")
@click.pass_obj
def adviser_invite(settings: Settings, adviser_id: str) -> None:
    """A one-time link that connects an adviser's Telegram account."""
    from bot.bootstrap import load_street_of, open_database, unit_of_work_factory
    from bot.domain.calendar import utc_now
    from bot.services.advisers import invite_adviser
    from bot.storage.sealing import load_keys

    street = load_street_of(settings)
    with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))() as uow:
        token = invite_adviser(uow, street, adviser_id, utc_now())
        uow.commit()
    if settings.telegram_name:
        click.echo(f"https://t.me/{settings.telegram_name}?start=adviser_{token}")
    else:
        click.echo(f"send this to the bot (set FALIN_TELEGRAM_NAME for a link): /start adviser_{token}")
    click.echo("valid once, for seven days", err=True)


@main.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Say what is missing and how to get it."""
    from bot.doctor import examine

    worst = 0
    for check in examine(settings):
        mark, colour = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}[check.ok]
        click.echo(click.style(f"{mark} {check.name}", fg=colour) + f": {check.detail}")
        worst = max(worst, int(check.ok is False))
    sys.exit(worst)
