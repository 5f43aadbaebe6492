"""The knowledge entries: check, facts, withdraw."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.domain.errors import ConfigError, NotFound
from bot.knowledge.law_library import LawVersion
from bot.settings import Settings


@click.group()
def knowledge() -> None:
    """The knowledge entries."""


@knowledge.command("check")
@click.option("--laws", type=click.Path(path_type=Path), help="Folder with the law texts to check against.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Check as of this day.")
@click.pass_obj
def knowledge_check(settings: Settings, laws: Path | None, today: Any) -> None:
    """Check every entry and citation; fails on any miss."""
    from bot.bootstrap import FAQ, LAWS, LEGAL_AID, TRIAGE
    from bot.domain.calendar import beijing_day, utc_now
    from bot.knowledge.aid_file import check_aid_file, load_aid_file
    from bot.knowledge.check import check_against_library, check_against_texts, check_entries, check_triage
    from bot.knowledge.entries import load_entries
    from bot.knowledge.laws import load_laws
    from bot.knowledge.triage_file import load_triage, reviewed_on

    day: date = today.date() if today else beijing_day(utc_now())
    entries, facts = load_entries(FAQ), load_laws(LAWS)
    aid = load_aid_file(LEGAL_AID)
    findings = [*check_entries(entries, facts, day), *check_aid_file(aid, facts, day)]
    findings += check_triage(load_triage(TRIAGE), reviewed_on(TRIAGE), entries, facts, day)
    if laws:
        cited = [(f"{aid.file}:{line}", citation) for citation, line in aid.citations]
        findings += check_against_texts(entries, facts, laws, day, cited)
    findings += check_against_library(entries, facts, _imported_versions(settings), day)
    warnings = [finding for finding in findings if finding.warning]
    findings = [finding for finding in findings if not finding.warning]
    for warning in warnings:
        click.secho(f"coming: {warning}", fg="yellow", err=True)
    for finding in findings:
        click.echo(str(finding), err=True)
    citations = sum(len(entry.citations) for entry in entries.values()) + len(aid.citations)
    against = f"law texts in {laws}" if laws else "nlu_data/laws.yml"
    click.echo(
        f"{len(entries)} entries, {citations} citations of {len(facts)} laws, against {against}: {len(findings)} findings"
    )
    if findings:
        sys.exit(1)


def _imported_versions(settings: Settings) -> list[LawVersion]:
    """The versions in the law library; none where there is no database or nothing was imported."""
    from bot.bootstrap import open_database, unit_of_work_factory
    from bot.domain.errors import NotReady
    from bot.storage.sealing import load_keys

    if not settings.secret_file.exists():
        return []
    try:
        with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))(read_only=True) as uow:
            return uow.laws.list_versions()
    except NotReady:
        return []


@knowledge.command("withdraw")
@click.option("--law", help="Withdraw every entry that cites this law.")
@click.option("--entry", "entry_id", help="Withdraw this entry only.")
@click.pass_obj
def knowledge_withdraw(settings: Settings, law: str | None, entry_id: str | None) -> None:
    """Take entries out of answering until they are reviewed again on a later day."""
    from bot.bootstrap import FAQ, open_database, unit_of_work_factory
    from bot.domain.calendar import beijing_day, utc_now
    from bot.knowledge.check import touched_entries
    from bot.knowledge.citations import law_title
    from bot.knowledge.entries import load_entries
    from bot.storage.sealing import load_keys

    if bool(law) == bool(entry_id):
        raise ConfigError("name a law or an entry", "e.g. falin knowledge withdraw --law 治安管理处罚法")
    entries = load_entries(FAQ)
    touched = (
        touched_entries(entries, law_title(law)) if law else [e for e in entries.values() if e.id == entry_id]
    )
    if not touched:
        raise NotFound(f"no entry cites or is called {law or entry_id}", "see the titles in nlu_data/laws.yml")
    today = beijing_day(utc_now())
    with unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))() as uow:
        for entry in touched:
            uow.answers.withdraw(entry.id, law_title(law) if law else entry.basis[0].law, today)
            click.echo(f"{entry.id}  {entry.title}")
        uow.commit()
    click.echo(f"{len(touched)} entries withdrawn until “reviewed” is later than {today}", err=True)
    click.echo("who was given them: falin knowledge withdrawn", err=True)


@knowledge.command("withdrawn")
@click.pass_obj
def knowledge_withdrawn(settings: Settings) -> None:
    """Entries that are withdrawn now, and who was given them before, as pseudonyms."""
    from bot.reports.tables import print_withdrawn

    print_withdrawn(settings)


@knowledge.command("facts")
@click.option("--laws", type=click.Path(path_type=Path), required=True, help="Folder with the law texts.")
def knowledge_facts(laws: Path) -> None:
    """Rewrite nlu_data/laws.yml from the law texts, for all laws that entries, triage and legal aid cite."""
    from bot.bootstrap import FAQ, LAWS, LEGAL_AID, TRIAGE
    from bot.domain.calendar import beijing_day, utc_now
    from bot.knowledge.aid_file import load_aid_file
    from bot.knowledge.entries import load_entries
    from bot.knowledge.facts_file import rewrite_facts
    from bot.knowledge.laws import cited_laws
    from bot.knowledge.triage_file import load_triage, triage_citations

    cited = [citation for entry in load_entries(FAQ).values() for citation in entry.citations]
    cited += [citation for found in triage_citations(load_triage(TRIAGE)).values() for citation in found]
    cited += [citation for citation, _ in load_aid_file(LEGAL_AID).citations]
    missing = rewrite_facts(LAWS, cited_laws(cited), laws, beijing_day(utc_now()))
    for law in missing:
        click.echo(f"no text in force: 《{law}》", err=True)
    sys.exit(1 if missing else 0)
