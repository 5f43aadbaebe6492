"""Mapping files: what another office's form wants in each of its columns, without programming (docs/exports.md)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.domain.figures import DIMENSIONS, SELECTED, SUMS, Selection
from bot.knowledge.yaml_file import load_yaml

# Fields of an entry, and what is written instead of an id.
ENTRY_FIELDS = (
    "id", "day", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "audience", "title", "count",
    "people", "amount", "leaflets", "client", "reason", "number",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """Args: source: field, dimension or sum; "" for a constant.  values: what stands for which id or title.

    form: of a day (%Y年%m月), or "万元" for money; "" as it is.
    """

    title: str
    source: str = ""
    constant: str = ""
    values: dict[str, str] = field(default_factory=dict)
    form: str = ""


@dataclass(frozen=True)
class ExportMap:
    """Args: group: dimensions whose values make a line; none: a line an entry.  where: which entries."""

    title: str
    columns: tuple[Column, ...]
    group: tuple[str, ...] = ()
    where: Selection = field(default_factory=Selection)


def load_export_map(path: Path) -> ExportMap:
    """Raises ConfigError that names the file, the line and what is known, for anything that cannot be used."""
    data = load_yaml(path, as_text=True)
    if not isinstance(data, dict) or not isinstance(data.get("columns"), list) or not data["columns"]:
        raise ConfigError("a mapping file needs “title:” and “columns:”", "see docs/maps for two of them", file=path)
    group = tuple(_texts(data.get("rows"))) if data.get("rows") not in (None, "", "entries") else ()
    for name in group:
        _require(path, data, name, DIMENSIONS, "dimension")
    sources = (*group, *SUMS, "number") if group else ENTRY_FIELDS
    columns = tuple(_column(path, row, sources) for row in data["columns"])
    return ExportMap(str(data.get("title") or path.stem), columns, group, _selection(path, data))


def _column(path: Path, row: Any, sources: Iterable[str]) -> Column:
    if not isinstance(row, dict) or not row.get("title"):
        line = row.get("__line__") if isinstance(row, dict) else None
        raise ConfigError("a column needs “title:”", "add what the form calls it", file=path, line=line)
    for key in row:
        if not key.startswith("__"):
            _require(path, row, key, ("title", "from", "constant", "values", "format"), "key")
    source, constant = str(row.get("from") or ""), str(row.get("constant") or "")
    if bool(source) == bool(constant):
        raise ConfigError(f"column “{row['title']}” needs “from:” or “constant:”", "give one of them", file=path, line=row["__line__"])
    if source:
        _require(path, row, source, sources, "column")
    values = {str(k): str(v) for k, v in (row.get("values") or {}).items() if not str(k).startswith("__")}
    return Column(str(row["title"]), source, constant, values, str(row.get("format") or ""))


def _selection(path: Path, data: dict[str, Any]) -> Selection:
    where = data.get("where") or {}
    found: dict[str, Any] = {}
    for name, wanted in where.items():
        if name.startswith("__"):
            continue
        if name == "services":
            found["services"] = str(wanted).lower() in ("true", "yes", "是")
            continue
        _require(path, where, name, DIMENSIONS, "dimension")
        found[dict(zip(DIMENSIONS, SELECTED, strict=True))[name]] = tuple(_texts(wanted))
    return Selection(**found)


def _texts(value: Any) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _require(path: Path, place: Any, name: str, known: Iterable[str], what: str) -> None:
    options = list(known)
    if name in options:
        return
    near = difflib.get_close_matches(name, options, 1)
    hint = f"did you mean “{near[0]}”? " if near else ""
    raise ConfigError(f"unknown {what} “{name}”", f"{hint}known are: {', '.join(options)}", file=path, line=place.get("__line__"))
