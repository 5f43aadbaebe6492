"""Check every citation of the knowledge: does the law exist, is that version in force, has it the article?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.domain.errors import NotReady
from bot.domain.triage import Triage
from bot.knowledge.citations import Citation
from bot.knowledge.entries import Entry
from bot.knowledge.law_library import LawVersion, versions_in_force
from bot.knowledge.laws import LawFacts, version_in_force
from bot.knowledge.numerals import article_name
from bot.knowledge.statutes import merge_versions, read_laws
from bot.knowledge.triage_file import triage_citations


@dataclass(frozen=True)
class Finding:
    """One thing wrong with an entry or a law fact, with its place. Args: warning: nothing is wrong yet."""

    where: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def check_entries(entries: Mapping[str, Entry], laws: Mapping[str, LawFacts], today: date) -> Iterator[Finding]:
    """Check the entries against laws.yml and against each other."""
    yield from _find_shared_questions(entries)
    for entry in entries.values():
        where = f"{entry.file}:{entry.line}: {entry.id}"
        if day := superseded_on(entry, laws, today):
            yield Finding(where, f"a law it cites has a new version since {day}: read it again, then set reviewed")
        if entry.reviewed > today:
            yield Finding(where, f"reviewed {entry.reviewed} lies in the future")
        for citation in entry.citations:
            law = laws.get(citation.law)
            if law is None:
                yield Finding(where, f"《{citation.law}》 is not in laws.yml")
            elif law.in_force_from > today:
                yield Finding(where, f"《{citation.law}》 is in force only from {law.in_force_from}")
            elif not law.has(citation.article):
                yield Finding(where, f"《{citation.law}》({law.version}) has no {article_name(citation.article)}")
        first = laws.get(entry.basis[0].law)
        if first and entry.law_date != first.version:
            yield Finding(
                where, f"was checked against the version of {entry.law_date}, in force is that of {first.version}"
            )


def _find_shared_questions(entries: Mapping[str, Entry]) -> Iterator[Finding]:
    owners: dict[str, Entry] = {}
    for entry in entries.values():
        for question in entry.ask:
            owner = owners.setdefault(question, entry)
            if owner is not entry:
                message = f"{question} stands under {owner.id} as well: leave it with the one that answers it"
                yield Finding(f"{entry.file}:{entry.line}: {entry.id}", message)


def superseded_on(entry: Entry, laws: Mapping[str, LawFacts], today: date) -> date | None:
    """The day a cited law was replaced by a version the entry was not reviewed against; None if it is up to date."""
    days = (laws[c.law].next_from for c in entry.citations if c.law in laws)
    return min((day for day in days if day and entry.reviewed < day <= today), default=None)


def check_triage(
    triage: Triage, reviewed: date, entries: Mapping[str, Entry], laws: Mapping[str, LawFacts], today: date
) -> Iterator[Finding]:
    """Check the triage's citations against laws.yml, and that every route the entries name exists.

    Args:
        reviewed: when the triage was last read against the articles.
    """
    for name, citations in triage_citations(triage).items():
        for citation in citations:
            law, where = laws.get(citation.law), f"nlu_data/triage: {name}"
            if law is None:
                yield Finding(where, f"《{citation.law}》 is not in laws.yml")
            elif not law.has(citation.article):
                yield Finding(where, f"《{citation.law}》({law.version}) has no {article_name(citation.article)}")
            elif law.next_from and reviewed < law.next_from <= today:
                yield Finding(where, f"《{citation.law}》 has a new version since {law.next_from}: read it again")
    for entry in entries.values():
        if lost := set(entry.route) - set(triage.routes):
            yield Finding(
                f"{entry.file}:{entry.line}: {entry.id}", f"the route {min(lost)} is not in nlu_data/triage"
            )


def touched_entries(entries: Mapping[str, Entry], law: str) -> list[Entry]:
    """The entries that an amendment of a law touches."""
    return [entry for entry in entries.values() if any(citation.law == law for citation in entry.citations)]


def check_against_library(
    entries: Mapping[str, Entry], laws: Mapping[str, LawFacts], versions: Iterable[LawVersion], today: date
) -> Iterator[Finding]:
    """Compare with the imported law texts: newer versions of cited laws, and the entries each one touches."""
    listed = list(versions)
    in_force = versions_in_force(listed, today)
    known = {version.law for version in listed}
    for law, facts in laws.items():
        if law not in known:
            continue
        names = ", ".join(entry.id for entry in touched_entries(entries, law))
        current = in_force.get(law)
        if current is None:
            yield Finding(f"laws.yml: {law}", f"is repealed or not in force; touches {names}")
        elif current.version and current.version > facts.version:
            message = (
                f"the version of {current.version} is in force, laws.yml knows {facts.version}; touches {names}"
            )
            yield Finding(f"laws.yml: {law}", f"{message}\n→ run: falin knowledge withdraw --law {law}")
        for version in listed:
            if version.law == law and version.begins and version.begins > today:
                message = f"a version of {version.version} comes into force on {version.begins}; touches {names}"
                yield Finding(f"laws.yml: {law}", message, warning=True)


def check_against_texts(
    entries: Mapping[str, Entry],
    laws: Mapping[str, LawFacts],
    folder: Path,
    today: date,
    cited: Iterable[tuple[str, Citation]] = (),
) -> Iterator[Finding]:
    """Check laws.yml, and with it every citation, against a folder of law texts.

    Args:
        cited: citations outside the entries, each with the place where it stands.

    Raises:
        NotReady: the folder does not exist or holds no law texts.
    """
    if not folder.is_dir():
        raise NotReady(f"{folder} is not a folder", "name the folder with the law texts: --laws DIR")
    texts = merge_versions(read_laws(folder))
    if not texts:
        raise NotReady(
            f"{folder} holds no law texts", "it needs markdown files with articles that begin with 第…条"
        )
    for name, facts in laws.items():
        where = f"laws.yml: {name}"
        text = version_in_force(texts.get(name, {}).values(), today)
        if text is None:
            yield Finding(where, "no version in force among the law texts")
            continue
        if text.version != facts.version:
            yield Finding(
                where, f"laws.yml knows the version of {facts.version}, in force is that of {text.version}"
            )
        if max(n for n, _ in text.articles) != facts.articles:
            yield Finding(
                where, f"laws.yml says {facts.articles} articles, the text has {max(n for n, _ in text.articles)}"
            )
    in_entries = ((f"{e.file}:{e.line}: {e.id}", citation) for e in entries.values() for citation in e.citations)
    for where, citation in (*in_entries, *cited):
        text = version_in_force(texts.get(citation.law, {}).values(), today)
        if text is None or citation.article not in text.articles:
            yield Finding(where, f"{citation} does not stand in the law texts in force")
