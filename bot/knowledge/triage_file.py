"""nlu_data/triage: routes.yml (people and offices) and questions.yml (the graph that leads to them)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.errors import ConfigError
from bot.domain.triage import SERVICES, Leaf, Node, Option, Route, Rule, Source, Triage
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.numerals import parse_article
from bot.knowledge.triage_graph import find_fault
from bot.knowledge.yaml_file import load_yaml

ID = re.compile(r"[a-z][a-z0-9_]*")
MAX_ID, MAX_TITLE, MAX_TEXT = 23, 12, 90  # "triage:<leaf>/<route>" fits a button; a title fits a phone
MAX_LEAF_ID = 22
PLACES = {"office", "phone", "hours", "room"}
REMEDY = "see docs/triage.md"
Item = TypeVar("Item", Route, Node, Leaf)


class _Row:
    """One mapping of the file; names file and line of whatever is wrong."""

    def __init__(self, path: Path, data: Any, allowed: set[str]) -> None:
        self.path = path
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not self.data:
            raise ConfigError("a row is not a mapping", "begin each with “- {id: …”", file=path)
        if unknown := set(self.data) - allowed - {"__line__"}:
            raise self.fail(f"unknown: {', '.join(sorted(map(str, unknown)))}")

    def fail(self, message: str) -> ConfigError:
        name = self.data.get("id") or self.data.get("title") or "a row"
        return ConfigError(f"{name}: {message}", REMEDY, file=self.path, line=self.data.get("__line__"))

    def text(self, key: str, limit: int = MAX_TEXT, *, optional: bool = False) -> str:
        value = self.data.get(key)
        if value is None and optional:
            return ""
        if not isinstance(value, str) or not value.strip() or len(value) > limit:
            raise self.fail(f"“{key}” must be text of at most {limit} characters")
        return value.strip()

    def name(self, key: str, limit: int = MAX_LEAF_ID) -> str:
        value = self.text(key, limit)
        if not ID.fullmatch(value):
            raise self.fail(f"“{key}” must be english_words, not “{value}”")
        return value

    def items(self, key: str, *, least: int = 0) -> list[Any]:
        value = self.data.get(key) or []
        if not isinstance(value, list) or len(value) < least:
            raise self.fail(f"“{key}” must be a list with at least {least} items")
        return value

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        value = self.items(key, least=least)
        if not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fail(f"“{key}” must be a list of texts")
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(f"“{key}” is true or left out")
        return value

    def number(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 400):
            raise self.fail(f"“{key}” is a number of days")
        return value

    def basis(self, *, least: int = 0) -> tuple[Source, ...]:
        found = []
        for item in self.items("basis", least=least):
            article = parse_article(item.get("article")) if isinstance(item, dict) else None
            if article is None or not isinstance(item.get("law"), str):
                raise self.fail("“basis”: {law: …, article: …} expected")
            found.append((law_title(item["law"]), article))
        return tuple(found)

    def rule(self, key: str) -> Rule | None:
        if key not in self.data:
            return None
        row = _Row(self.path, self.data[key], {"text", "days", "basis"})
        return Rule(row.text("text"), row.basis(least=1), row.number("days"))


def load_triage(folder: Path) -> Triage:
    """Routes and graph of a folder with routes.yml and questions.yml.

    Raises:
        ConfigError: malformed, or the graph is broken (lost or unreachable ids, a cycle); names file and line.
    """
    path = folder / "questions.yml"
    data = _file(path, {"starts", "first", "nodes", "leaves"})
    starts = {str(k): str(v) for k, v in data["starts"].items() if k != "__line__"}
    triage = Triage(
        routes=_by_id(folder / "routes.yml", _file(folder / "routes.yml", {"routes"})["routes"], _route),
        nodes=_by_id(path, data["nodes"], _node),
        leaves=_by_id(path, data["leaves"], _leaf),
        starts=starts,
        first=str(data["first"]),
    )
    if fault := find_fault(triage):
        row = next((r for key in ("nodes", "leaves") for r in data[key] if r["id"] == fault.where), data)
        raise ConfigError(f"{fault.where}: {fault.message}", REMEDY, file=path, line=row.get("__line__"))
    return triage


def reviewed_on(folder: Path) -> date:
    """The day on which both files were last read against the articles: the earlier one.

    Raises:
        ConfigError: malformed.
    """
    days: list[date] = [_file(folder / name, set())["reviewed"] for name in ("routes.yml", "questions.yml")]
    return min(days)


def triage_citations(triage: Triage) -> dict[str, list[Citation]]:
    """Every article the triage rests on, by the id of the route or leaf."""
    rules = {
        route.id: [route.basis, route.period.basis if route.period else ()] for route in triage.routes.values()
    }
    rules |= {
        leaf.id: [leaf.basis, leaf.deadline.basis if leaf.deadline else ()] for leaf in triage.leaves.values()
    }
    return {name: [Citation(*source) for basis in parts for source in basis] for name, parts in rules.items()}


def _file(path: Path, keys: set[str]) -> dict[str, Any]:
    data = load_yaml(path)
    if not isinstance(data, dict) or not (keys | {"reviewed"}) <= set(data):
        raise ConfigError(f"needed: {', '.join(sorted(keys | {'reviewed'}))}", REMEDY, file=path, line=1)
    if type(data["reviewed"]) is not date:
        raise ConfigError("“reviewed” must be a date such as 2026-11-26", REMEDY, file=path, line=1)
    for key in keys - {"starts", "first"}:
        if not isinstance(data[key], list):
            raise ConfigError(f"“{key}” must be a list", REMEDY, file=path, line=data["__line__"])
    if "starts" in keys and not isinstance(data["starts"], dict):
        raise ConfigError("“starts” must be {matter: node}", REMEDY, file=path, line=data["__line__"])
    return data


def _by_id(path: Path, rows: Iterable[Any], read: Callable[[Path, Any], Item]) -> Mapping[str, Item]:
    found: dict[str, Item] = {}
    for row in rows:
        item = read(path, row)
        if item.id in found:
            raise ConfigError(f"{item.id} stands twice", REMEDY, file=path, line=row["__line__"])
        found[item.id] = item
    return found


ROUTE_KEYS = {
    "id", "title", "does", "when", "cannot", "contact", "call", "papers", "cost", "takes", "basis", "period",
    "service", "needs_room",
}  # fmt: skip


def _route(path: Path, data: Any) -> Route:
    row = _Row(path, data, ROUTE_KEYS)
    call = []
    for number in row.items("call"):
        line = _Row(path, number, {"number", "for"})
        call.append((line.text("number", 20), line.text("for", 10)))
    contact, service = row.text("contact"), row.text("service", optional=True)
    if unknown := set(re.findall(r"\{(.*?)\}", contact)) - PLACES:
        raise row.fail(f"“contact”: {{{unknown.pop()}}} is none of {', '.join(sorted(PLACES))}")
    if service and service not in SERVICES:
        raise row.fail(f"“service” is one of {', '.join(SERVICES)}")
    return Route(
        id=row.name("id", MAX_ID),
        title=row.text("title", MAX_TITLE),
        does=row.text("does"),
        when=row.text("when"),
        contact=contact,
        cannot=row.text("cannot", optional=True),
        call=tuple(call),
        papers=row.texts("papers"),
        cost=row.text("cost", optional=True),
        takes=row.text("takes", optional=True),
        basis=row.basis(),
        period=row.rule("period"),
        service=service,
        needs_room=row.flag("needs_room"),
    )


def _node(path: Path, data: Any) -> Node:
    row = _Row(path, data, {"id", "ask", "options", "unknown"})
    options = []
    for option in row.items("options", least=2):
        line = _Row(path, option, {"title", "to", "elapsed"})
        options.append(Option(line.text("title", MAX_TITLE), line.name("to"), line.number("elapsed")))
    if len(options) > 5:
        raise row.fail("at most five options fit")
    return Node(row.name("id"), row.text("ask", 20), (*options, Option("", row.name("unknown"))))


def _leaf(path: Path, data: Any) -> Leaf:
    row = _Row(path, data, {"id", "routes", "why", "first", "deadline", "basis", "urgent", "matter"})
    why = row.text("why")
    if not why.startswith("因为"):
        raise row.fail("“why” begins with 因为")
    return Leaf(
        id=row.name("id"),
        routes=row.texts("routes", least=1),
        why=why,
        first=row.text("first", optional=True),
        matter=row.text("matter", optional=True),
        deadline=row.rule("deadline"),
        basis=row.basis(),
        urgent=row.flag("urgent"),
    )
