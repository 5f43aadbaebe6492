"""nlu_data/legal_aid.yml: the rules of the legal-aid pre-check, each with the articles it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.errors import ConfigError
from bot.domain.legal_aid import (
    MEANS,
    PAPERS,
    PLACES,
    REASONS,
    SIDES,
    AidMatter,
    AidRules,
    Exemption,
    Income,
    Note,
    Paper,
    Standard,
    Urgency,
)
from bot.knowledge.check import Finding
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.laws import LawFacts
from bot.knowledge.numerals import article_name, parse_article
from bot.knowledge.yaml_file import load_yaml

MAX_TITLE = 12  # characters that a button shows on a phone
ID = re.compile(r"[a-z][a-z0-9_]{0,19}")
Item = TypeVar("Item")


@dataclass(frozen=True)
class AidFile:
    """Args: rules: what the pre-check needs.  citations: all that are cited, with the line.  reviewed: last read."""

    rules: AidRules
    citations: tuple[tuple[Citation, int], ...]
    reviewed: date
    file: str


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path, self.citations = path, list[tuple[Citation, int]]()

    def fail(self, message: str, row: Any = None) -> ConfigError:
        line = row.get("__line__") if isinstance(row, dict) else None
        return ConfigError(message, "see docs/legal_aid.md", file=self.path, line=line)

    def text(self, row: Any, key: str, limit: int = 200) -> str:
        value = row.get(key) if isinstance(row, dict) else None
        if not isinstance(value, str) or not value.strip() or len(value) > limit:
            raise self.fail(f"“{key}” must be a text of at most {limit} characters", row)
        return value

    def title(self, row: Any) -> str:
        return self.text(row, "title", MAX_TITLE)

    def note(self, row: Any) -> Note:
        return Note(self.text(row, "says"), tuple(str(citation) for citation in self._basis(row)))

    def _basis(self, row: Any) -> list[Citation]:
        found = []
        for item in row.get("basis") or ():
            article = parse_article(item.get("article")) if isinstance(item, dict) else None
            if article is None or not isinstance(item.get("law"), str):
                raise self.fail("“basis” must be a list of {law: …, article: …}", row)
            found.append(Citation(law_title(item["law"]), article))
        if not found:
            raise self.fail("“basis” is missing: every rule rests on an article", row)
        self.citations += [(citation, row["__line__"]) for citation in found]
        return found

    def choice(self, row: Any, key: str, allowed: tuple[str, ...], default: str = "") -> str:
        value = row.get(key, default)
        if value not in allowed:
            raise self.fail(f"“{key}” must be one of {', '.join(allowed)}", row)
        return str(value)

    def items(self, rows: Any, what: str, make: Callable[[str, Any], Item]) -> dict[str, Item]:
        if not isinstance(rows, list) or not rows:
            raise self.fail(f"“{what}:” must be a list that is not empty")
        found: dict[str, Item] = {}
        for row in rows:
            name = self.text(row, "id", 20)
            if not ID.fullmatch(name) or name in ("none", "unknown", "more") or name in found:
                raise self.fail(f"“{name}” stands twice or is no id", row)
            found[name] = make(name, row)
        return found

    def notes(self, rows: Any, what: str) -> dict[str, Note]:
        if not isinstance(rows, dict):
            raise self.fail(f"“{what}:” must be {{id: {{says: …, basis: […]}}}}")
        return {name: self.note(row) for name, row in rows.items() if name != "__line__"}

    def matter(self, name: str, row: Any) -> AidMatter:
        return AidMatter(
            name, self.title(row), self.note(row),
            side=self.choice(row, "side", SIDES), legal_matter=self.text(row, "legal_matter"),
            listed=row.get("listed", True) is True, means=self.choice(row, "means", MEANS),
            relatives=row.get("relatives") is True, evidence=self.text(row, "evidence"), place=row.get("place", ""),
        )  # fmt: skip

    def income(self, name: str, row: Any) -> Income:
        above, below = row.get("above"), row.get("below")
        if type(above) is not int or not (below is None or (type(below) is int and below > above)):
            raise self.fail("“above” and “below” are whole yuan, the second is more", row)
        return Income(name, self.title(row), above, below)

    def urgency(self, name: str, row: Any) -> Urgency:
        sides = tuple(row.get("sides") or ())
        if not sides or set(sides) - set(SIDES):
            raise self.fail(f"“sides” must be some of {', '.join(SIDES)}", row)
        return Urgency(name, self.title(row), self.note(row), sides)

    def standard(self, row: Any) -> Standard:
        if isinstance(row, dict) and row.get("ask") == "centre":
            return Standard(None, "", "")
        if not isinstance(row, dict) or type(row.get("yuan")) is not int or type(row.get("as_of")) is not date:
            raise self.fail("“standard” must be {ask: centre} or {yuan: …, source: …, as_of: …}", row)
        return Standard(row["yuan"], self.text(row, "source"), row["as_of"].isoformat())


def load_aid_file(path: Path) -> AidFile:
    """The rules of the pre-check.

    Raises:
        ConfigError: malformed or incomplete; names file and line.
    """
    read, data = _Reader(path), load_yaml(path)
    if not isinstance(data, dict) or type(data.get("reviewed")) is not date:
        raise read.fail("“reviewed:” must be a date", data)
    labels = data.get("labels")
    if not isinstance(labels, dict):
        raise read.fail("“labels:” is missing")
    rules = AidRules(
        read.items(data.get("matters"), "matters", read.matter),
        read.items(
            data.get("exemptions"), "exemptions",
            lambda name, row: Exemption(name, read.title(row), read.note(row), tuple(row.get("only") or ())),
        ),
        read.items(data.get("urgencies"), "urgencies", read.urgency),
        read.items(data.get("incomes"), "incomes", read.income),
        read.items(
            data.get("papers"), "papers",
            lambda name, row: Paper(name, read.title(row), read.note(row), row.get("photo", True) is True),
        ),
        read.notes(data.get("places"), "places"),
        read.notes(data.get("reasons"), "reasons"),
        read.standard(data.get("standard")),
        {str(key): str(value) for key, value in labels.items() if key != "__line__"},
    )  # fmt: skip
    _require_whole(read, rules)
    return AidFile(rules, tuple(read.citations), data["reviewed"], str(path))


def _require_whole(read: _Reader, rules: AidRules) -> None:
    """What the domain names must be there, and what the file names must exist."""
    named: list[tuple[str, Mapping[str, Any], tuple[str, ...]]] = [
        ("reasons", rules.reasons, REASONS), ("papers", rules.papers, PAPERS), ("places", rules.places, PLACES),
        ("places", rules.places, tuple(m.place for m in rules.matters.values() if m.place)),
        ("matters", rules.matters, tuple(name for e in rules.exemptions.values() for name in e.only)),
    ]  # fmt: skip
    for what, there, needed in named:
        if lost := [name for name in needed if name not in there]:
            raise read.fail(f"“{what}:” lacks {', '.join(lost)}")
    if lost := [side for side in SIDES if not rules.list_matters(side)]:
        raise read.fail(f"no matter of the side {', '.join(lost)}")


def check_aid_file(aid: AidFile, laws: Mapping[str, LawFacts], today: date) -> Iterator[Finding]:
    """Each citation against laws.yml, as those of the entries (bot.knowledge.check)."""
    for citation, line in aid.citations:
        where, law = f"{aid.file}:{line}", laws.get(citation.law)
        if law is None:
            yield Finding(where, f"《{citation.law}》 is not in laws.yml")
        elif law.in_force_from > today:
            yield Finding(where, f"《{citation.law}》 is in force only from {law.in_force_from}")
        elif not law.has(citation.article):
            yield Finding(where, f"《{citation.law}》({law.version}) has no {article_name(citation.article)}")
        elif law.next_from and aid.reviewed < law.next_from <= today:
            yield Finding(where, f"《{citation.law}》 has a new version since {law.next_from}: read it again")
    if aid.reviewed > today:
        yield Finding(aid.file, f"reviewed {aid.reviewed} lies in the future")
