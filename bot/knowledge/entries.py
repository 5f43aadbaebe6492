"""Knowledge entries: one problem residents ask about, its answer and the articles it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.numerals import parse_article
from bot.knowledge.yaml_file import load_yaml

REQUIRED = {"id", "title", "ask", "answer", "steps", "evidence", "basis", "route", "reviewed", "law_date"}
OPTIONAL = {"deadline", "documents", "calculators", "related", "local"}
# What fits on the first screen of a phone 360 pixels wide, in characters.
MAX_ANSWER, MAX_STEP, MAX_STEPS, MAX_BODY, MIN_ASKS = 140, 45, 9, 360, 10
MAX_ID = 48  # a button that asks for the entry carries 64 bytes (bot.domain.buttons)


@dataclass(frozen=True)
class Note:
    """A sentence with the articles it rests on: a deadline, a local rule."""

    text: str
    basis: tuple[Citation, ...]


@dataclass(frozen=True)
class Entry:
    """One knowledge entry; docs/knowledge.md explains each field to the people who write them."""

    id: str
    title: str
    ask: tuple[str, ...]
    answer: str
    steps: tuple[str, ...]
    evidence: tuple[str, ...]
    basis: tuple[Citation, ...]
    route: tuple[str, ...]
    reviewed: date
    law_date: date
    deadline: Note | None = None
    local: tuple[tuple[str, Note], ...] = ()
    related: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    calculators: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def matter(self) -> str:
        """The matter id, the part of the id before the dot."""
        return self.id.split(".")[0]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every article the entry rests on, the decisive one first."""
        extra = [self.deadline] if self.deadline else []
        return (*self.basis, *(c for note in [*extra, *(n for _, n in self.local)] for c in note.basis))


class _Reader:
    """Turns one YAML mapping into an Entry, naming file and line of whatever is wrong."""

    def __init__(self, path: Path, data: Any) -> None:
        self.path = path
        if not isinstance(data, dict):
            raise ConfigError("an entry is not a mapping", "begin each with “- id:”", file=path)
        self.data: dict[str, Any] = data
        self.line: int = data.get("__line__", 0)

    def fail(self, message: str, remedy: str = "see docs/knowledge.md") -> ConfigError:
        name = self.data.get("id", "an entry without id")
        return ConfigError(f"{name}: {message}", remedy, file=self.path, line=self.line)

    def text(self, key: str, limit: int) -> str:
        value = self.data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(f"“{key}” must be text")
        if len(value) > limit:
            raise self.fail(f"“{key}” has {len(value)} characters, at most {limit} fit", "shorten it")
        return value.strip()

    def texts(self, key: str, *, least: int = 0, limit: int = 200) -> tuple[str, ...]:
        value = self.data.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fail(
                f"“{key}” must be a list of texts", "put items that YAML reads as numbers or dates in quotes"
            )
        if len(value) < least:
            raise self.fail(f"“{key}” has {len(value)} items, at least {least} are needed")
        if long := [item for item in value if len(item) > limit]:
            raise self.fail(f"“{key}”: “{long[0]}” is longer than {limit} characters", "shorten it")
        return tuple(item.strip() for item in value)

    def day(self, key: str) -> date:
        value = self.data.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fail(f"“{key}” must be a date such as 2026-11-23")
        return value

    def citations(self, value: Any, key: str) -> tuple[Citation, ...]:
        if not isinstance(value, list) or not value:
            raise self.fail(f"“{key}” must be a list of {{law: …, article: …}}")
        found = []
        for item in value:
            article = parse_article(item.get("article")) if isinstance(item, dict) else None
            if article is None or not isinstance(item.get("law"), str):
                raise self.fail(f"“{key}”: {{law: …, article: …}} expected", "article is a number or “133之一”")
            found.append(Citation(law_title(item["law"]), article))
        return tuple(found)

    def note(self, value: Any, key: str) -> Note:
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise self.fail(f"“{key}” must be {{text: …, basis: […]}}")
        return Note(value["text"], self.citations(value.get("basis"), key))

    def entry(self) -> Entry:
        keys = set(self.data) - {"__line__"}
        if missing := REQUIRED - keys:
            raise self.fail(f"missing: {', '.join(sorted(missing))}")
        if unknown := keys - REQUIRED - OPTIONAL:
            raise self.fail(
                f"unknown: {', '.join(sorted(map(str, unknown)))}", "remove it or correct the spelling"
            )
        entry_id = self.text("id", MAX_ID)
        if not re.fullmatch(rf"{re.escape(self.path.stem)}\.[a-z][a-z0-9_]*", entry_id):
            raise self.fail(f"the id must be {self.path.stem}.<english_words>, as the file is {self.path.name}")
        deadline = self.data.get("deadline")
        local = self.data.get("local") or {}
        if not isinstance(local, dict):
            raise self.fail("“local” must be {place: {text: …, basis: […]}}")
        entry = Entry(
            id=entry_id,
            title=self.text("title", 24),
            ask=self.texts("ask", least=MIN_ASKS, limit=300),
            answer=self.text("answer", MAX_ANSWER),
            steps=self.texts("steps", least=1, limit=MAX_STEP),
            evidence=self.texts("evidence", limit=20),
            basis=self.citations(self.data["basis"], "basis"),
            route=self.texts("route"),
            reviewed=self.day("reviewed"),
            law_date=self.day("law_date"),
            deadline=self.note(deadline, "deadline") if deadline else None,
            local=tuple((place, self.note(note, "local")) for place, note in local.items() if place != "__line__"),
            related=self.texts("related"),
            documents=self.texts("documents"),
            calculators=self.texts("calculators"),
            file=str(self.path),
            line=self.line,
        )
        if len(entry.steps) > MAX_STEPS:
            raise self.fail(f"“steps” has {len(entry.steps)} items, at most {MAX_STEPS} fit", "join some")
        body = [entry.answer, *entry.steps, *entry.evidence, entry.deadline.text if entry.deadline else ""]
        if (length := sum(map(len, body))) > MAX_BODY:
            raise self.fail(
                f"answer, steps, evidence and deadline have {length} characters, at most {MAX_BODY} fit",
                "shorten them",
            )
        return entry


def _read_file(path: Path) -> Iterator[Entry]:
    data = load_yaml(path)
    if not isinstance(data, list):
        raise ConfigError("the file must be a list of entries", "begin each with “- id:”", file=path, line=1)
    for item in data:
        yield _Reader(path, item).entry()


def load_entries(folder: Path) -> dict[str, Entry]:
    """All entries of nlu_data/faq, by id, in file order.

    Raises:
        ConfigError: something is malformed, an id stands twice, or a related id does not exist.
    """
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yml")):
        for entry in _read_file(path):
            if entry.id in entries:
                raise ConfigError(
                    f"{entry.id} stands twice", "ids are permanent and unique", file=path, line=entry.line
                )
            entries[entry.id] = entry
    if not entries:
        raise ConfigError("no knowledge entries found", "put them into nlu_data/faq/<matter>.yml", file=folder)
    for entry in entries.values():
        if lost := [other for other in entry.related if other not in entries]:
            raise ConfigError(
                f"{entry.id}: related entry {lost[0]} does not exist",
                "correct or remove it",
                file=entry.file,
                line=entry.line,
            )
    return entries
