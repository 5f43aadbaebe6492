"""The imported law texts: which version of a law is in force on a day, and which law was repealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.knowledge.citations import Citation
from bot.knowledge.numerals import Article


@dataclass(frozen=True)
class LawVersion:
    """One version of one law in the library.

    Args:
        law: title.  version: date of adoption or last amendment.  begins: first day in force.
        repeals: titles that its closing articles repeal.
    """

    law: str
    version: date | None
    begins: date | None
    repeals: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArticleText:
    """One article as the law puts it. Args: heading: its chapter or section, may be empty."""

    law: str
    article: Article
    heading: str
    text: str

    @property
    def citation(self) -> Citation:
        """How it is cited."""
        return Citation(self.law, self.article)


def versions_in_force(versions: Iterable[LawVersion], today: date) -> dict[str, LawVersion]:
    """By title: the newest version that has begun, of every law that no later law in force repeals."""
    begun: dict[str, LawVersion] = {}
    for version in versions:
        if version.begins and version.begins <= today:
            known = begun.get(version.law)
            if known is None or known.begins is None or version.begins >= known.begins:
                begun[version.law] = version
    repealed = find_repealed(begun.values())
    return {law: version for law, version in begun.items() if law not in repealed}


def find_repealed(in_force: Iterable[LawVersion]) -> dict[str, str]:
    """Repealed law → the law that repealed it. A law adopted anew under the same title later is not repealed."""
    known = {version.law: version for version in in_force}
    repealed = {}
    for version in known.values():
        for title in version.repeals:
            old = known.get(title)
            if old and title != version.law and _adopted(old) < _adopted(version):
                repealed[title] = version.law
    return repealed


def next_change(versions: Iterable[LawVersion], today: date) -> date | None:
    """The next day on which a version begins; None when nothing is known to come."""
    return min((v.begins for v in versions if v.begins and v.begins > today), default=None)


def _adopted(version: LawVersion) -> date:
    return version.version or date.min
