"""The law library: import a folder of law texts, look an article up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.domain.errors import ConfigError, NotReady
from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText, LawVersion, versions_in_force
from bot.knowledge.statutes import list_law_files, read_law
from bot.services.unit_of_work import UnitOfWork

# How files are read; counted up when reading changes, so that the next import reads them all again.
READING = b"2"


@dataclass
class ImportReport:
    """What an import did. Args: added, unchanged, unnumbered: numbers of files.  skipped: what was malformed, and why."""

    added: int = 0
    unchanged: int = 0
    unnumbered: int = 0  # decisions and replies without numbered articles: nothing in them can be cited
    skipped: list[str] = field(default_factory=list)


def import_laws(uow: UnitOfWork, folder: Path, progress: Callable[[Path], None] = lambda _: None) -> ImportReport:
    """Read every law file below a folder into the library; files that have not changed are left alone.

    Raises:
        NotReady: the folder does not exist or holds no markdown file.
    """
    files = list_law_files(folder) if folder.is_dir() else []
    if not files:
        raise NotReady(f"{folder} holds no law texts", "name a folder of markdown files, one a law")
    report, known = ImportReport(), uow.laws.digests()
    for path in files:
        _import_file(uow, path, str(path.relative_to(folder)), known, report)
        progress(path)
    return report


def _import_file(uow: UnitOfWork, path: Path, name: str, known: dict[str, str], report: ImportReport) -> None:
    try:
        digest = hashlib.sha256(READING + path.read_bytes()).hexdigest()
        if known.get(name) == digest:
            report.unchanged += 1
            return
        law = read_law(path)
    except (OSError, ConfigError) as error:
        report.skipped.append(str(error))
        return
    if law is None:
        report.unnumbered += 1
        return
    uow.laws.save(name, digest, law)
    report.added += 1


def library_digest(versions: list[LawVersion], digests: dict[str, str]) -> str:
    """Changes whenever the texts in force do. Args: versions: those in force.  digests: of all files."""
    lines = [*sorted(digests.values()), *sorted(f"{v.law} {v.version}" for v in versions)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def list_articles_in_force(uow: UnitOfWork, today: date) -> Iterator[ArticleText]:
    """Every article that is law on a day."""
    for version in versions_in_force(uow.laws.list_versions(), today).values():
        yield from uow.laws.list_articles(version)


def find_articles(uow: UnitOfWork, citations: tuple[Citation, ...], today: date) -> list[ArticleText]:
    """The texts of cited articles in the version in force; those the library does not have are left out."""
    laws = versions_in_force(uow.laws.list_versions(), today)
    found = [
        uow.laws.find_article(laws[citation.law], citation.article)
        for citation in citations
        if citation.law in laws
    ]
    return [text for text in found if text]
