"""Exports in another office's form: each column as a mapping file says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from bot.domain.figures import SUMS
from bot.domain.reporting_periods import Period
from bot.knowledge.export_map import Column, ExportMap
from bot.reports.entries import list_entries, load_cube
from bot.reports.export import safe_cell, write_table
from bot.reports.report_tables import Names

MOST = 5_000_000  # entries


def mapped_rows(connection: Connection, wanted: ExportMap, period: Period, names: Names) -> Iterator[list[Any]]:
    """The lines of the form, without its headings. Everything is read in one transaction: one state of the ledger."""
    found = _groups(connection, wanted, period) if wanted.group else _entries(connection, wanted, period)
    for number, values in enumerate(found, 1):
        yield [safe_cell(_fill(column, {**values, "number": number}, names)) for column in wanted.columns]


def _entries(connection: Connection, wanted: ExportMap, period: Period) -> Iterator[dict[str, Any]]:
    for row in list_entries(connection, period, wanted.where, MOST):
        yield dict(row._mapping)


def _groups(connection: Connection, wanted: ExportMap, period: Period) -> Iterator[dict[str, Any]]:
    sums: dict[tuple[str, ...], dict[str, int]] = {}
    for cell in load_cube(connection, period).cells:
        if wanted.where.fits(cell):
            known = sums.setdefault(tuple(getattr(cell, name) for name in wanted.group), {})
            for name, value in zip(SUMS, cell.sums, strict=True):
                known[name] = known.get(name, 0) + value
    for key, totals in sorted(sums.items()):
        yield {**dict(zip(wanted.group, key, strict=True)), **totals}


def _fill(column: Column, values: dict[str, Any], names: Names) -> Any:
    if column.constant:
        return column.constant
    value = values[column.source]
    if isinstance(value, date):
        return value.strftime(column.form or "%Y-%m-%d")
    if column.source == "amount":
        return None if value is None else value / (1_000_000 if column.form == "万元" else 100)
    if not isinstance(value, str):
        return value
    title = names.name(column.source, value) if column.source in NAMED and value else value
    return column.values.get(value, column.values.get(title, title))


NAMED = ("kind", "matter", "community", "channel", "served_by", "outcome", "audience", "month")


def write_mapped(path: Path, wanted: ExportMap, rows: Iterator[list[Any]], *, excel: bool) -> int:
    """Write headings and lines; how many lines."""
    heads = [safe_cell(column.title) for column in wanted.columns]
    return write_table(path, wanted.title[:28] or "表", heads, rows, excel=excel)
