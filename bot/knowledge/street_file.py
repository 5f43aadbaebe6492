"""street.yml: written by falin init, kept by the street's staff."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.domain.street import Community, Member, Promises, Span, Street
from bot.knowledge.yaml_file import load_yaml


def load_street(path: Path) -> Street:
    """Read and check street.yml.

    Raises:
        ConfigError: something is missing, unknown or does not fit together; names file and line.
    """
    data = load_yaml(path, as_text=True)
    if not isinstance(data, dict):
        raise ConfigError(
            "street.yml must begin with keys such as “street:”", "run falin init in an empty folder", file=path
        )

    def need(mapping: Any, key: str) -> Any:
        if not isinstance(mapping, dict) or mapping.get(key) in (None, "", []):
            line = mapping.get("__line__") if isinstance(mapping, dict) else None
            raise ConfigError(f"“{key}” is missing", f"add “{key}: …” there", file=path, line=line)
        return mapping[key]

    def rows(key: str) -> list[Any]:
        value = need(data, key)
        if not isinstance(value, list):
            raise ConfigError(
                f"“{key}” must be a list", "begin each item with “- ”", file=path, line=data["__line__"]
            )
        return value

    members = [_member(need, row, "adviser") for row in rows("advisers")]
    for key, role in (("mediators", "mediator"), ("staff", "staff"), ("supervisors", "supervisor")):
        members += [_member(need, row, role) for row in (rows(key) if data.get(key) else ())]
    if len({m.id for m in members}) < len(members):
        raise ConfigError("two people have the same id", "give each their own", file=path)
    advisers = [m for m in members if m.role == "adviser"]
    communities = []
    for row in rows("communities"):
        community = Community(
            str(need(row, "id")), str(need(row, "name")), str(need(row, "adviser")), str(row.get("address") or "")
        )
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", community.id):
            raise ConfigError(
                f"community id “{community.id}” stands in links",
                "use lower-case letters and digits",
                file=path,
                line=row["__line__"],
            )
        if community.adviser not in {a.id for a in advisers}:
            raise ConfigError(
                f"{community.name}: adviser “{community.adviser}” is not among the advisers",
                "add the adviser, or correct the id",
                file=path,
                line=row["__line__"],
            )
        communities.append(community)
    if len({c.id for c in communities}) < len(communities):
        raise ConfigError("two communities have the same id", "give each its own", file=path)
    hotlines = tuple((str(need(row, "number")), str(need(row, "name"))) for row in rows("hotlines"))
    return Street(
        name=str(need(data, "street")),
        office=str(need(data, "office")),
        phone=str(need(data, "phone")),
        hours=str(need(data, "hours")),
        communities=tuple(communities),
        members=tuple(members),
        hotlines=hotlines,
        **_hours(data, path),
    )


def _member(need: Any, row: Any, role: str) -> Member:
    member_id, name = str(need(row, "id")), str(need(row, "name"))

    def texts(key: str) -> tuple[str, ...]:
        return tuple(str(value) for value in row.get(key) or ())

    capacity = str(row.get("capacity") or "")
    return Member(
        id=member_id,
        name=name,
        role=role,
        phone=str(row.get("phone") or ""),
        room=str(row.get("room") or ""),
        communities=texts("communities"),
        matters=texts("matters"),
        capacity=int(capacity) if capacity.isdecimal() else Member.capacity,
        days=tuple(int(day) for day in texts("days") if day in tuple("1234567")) or Member.days,
    )


def _hours(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """What the work calendar and the promises need; each part may be left out."""
    found: dict[str, Any] = {}
    try:
        if data.get("spans"):
            found["spans"] = tuple(_span(str(text)) for text in data["spans"])
        if data.get("closed"):
            found["closed"] = frozenset(date.fromisoformat(str(day)) for day in data["closed"])
        if given := data.get("promises"):
            minutes = {
                name: {urgency: int(given[name][urgency]) for urgency in ("urgent", "normal")}
                for name in ("take_over", "answer")
            }
            if min(min(row.values()) for row in minutes.values()) <= 0:
                raise ValueError
            found["promises"] = Promises(**minutes)
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            "spans, closed or promises cannot be read",
            'write spans: ["9:00-12:00"], closed: [2026-12-24], promises: {take_over: {urgent: 10, normal: 30}, …}',
            file=path,
            line=data["__line__"],
        ) from None
    return found


def _span(text: str) -> Span:
    begin, end = (time.fromisoformat(part.zfill(5)) for part in re.split("[-–—~]", text.replace(" ", "")))
    if begin >= end:
        raise ValueError(text)
    return begin, end
