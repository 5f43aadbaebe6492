"""nlu_data/laws.yml: the facts needed to check a citation without any law text at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.knowledge.citations import Citation
from bot.knowledge.numerals import Article, parse_article
from bot.knowledge.statutes import LawText
from bot.knowledge.yaml_file import load_rows


@dataclass(frozen=True)
class LawFacts:
    """One law's version in force.

    Args:
        law: title as cited.  version: date of adoption or last amendment.  in_force_from: first day of this version.
        articles: highest article number.  inserted: articles such as 第…条之一.
        next_from: first day of a version that is adopted but not yet in force; None when none is known.
    """

    law: str
    version: date
    in_force_from: date
    articles: int
    inserted: frozenset[Article] = frozenset()
    next_from: date | None = None

    def has(self, article: Article) -> bool:
        """Whether this version has the article."""
        return article in self.inserted if article[1] else 1 <= article[0] <= self.articles


def load_laws(path: Path) -> dict[str, LawFacts]:
    """laws.yml by law title.

    Raises:
        ConfigError: malformed; names file and line.
    """
    facts: dict[str, LawFacts] = {}
    for row in load_rows(path):
        try:
            inserted = frozenset(_inserted(article) for article in row.get("inserted", ()))
            coming = row.get("next_from")
            law = LawFacts(
                row["law"], row["version"], row["in_force_from"], int(row["articles"]), inserted, coming
            )
            if any(type(day) is not date for day in (law.version, law.in_force_from, coming or law.version)):
                raise TypeError("version, in_force_from and next_from are dates")
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            line = row.get("__line__") if isinstance(row, dict) else None
            raise ConfigError(
                f"a law needs law, version, in_force_from, articles ({error})",
                "see docs/knowledge.md",
                file=path,
                line=line,
            ) from None
        facts[law.law] = law
    return facts


def _inserted(written: object) -> Article:
    article = parse_article(written)
    if article is None or not article[1]:
        raise ValueError(f"inserted: “{written}” is not an article such as 133之一")
    return article


def version_in_force(versions: Iterable[LawText], today: date) -> LawText | None:
    """The newest version that has begun by `today`.

    The texts name a law's first commencement, not an amendment's: a version whose own
    commencement lies before its adoption is taken to be in force since its adoption.
    """
    begun = [v for v in versions if v.begins and v.begins <= today]
    return max(begun, key=lambda v: v.version or date.min, default=None)


def facts_of(text: LawText, known: LawFacts | None, next_from: date | None = None) -> LawFacts:
    """Facts read off a law text; a known in_force_from of the same version is kept, as amendments rarely name theirs.

    Args:
        next_from: first day of the version that follows, if one is adopted.
    """
    assert text.version
    assert text.begins
    begins = text.begins
    if known and known.version == text.version:
        begins = known.in_force_from
    return LawFacts(
        text.title,
        text.version,
        begins,
        max(n for n, _ in text.articles),
        frozenset(a for a in text.articles if a[1]),
        next_from,
    )


def cited_laws(citations: Iterable[Citation]) -> list[str]:
    """Titles of all laws cited, sorted."""
    return sorted({c.law for c in citations})
