"""What the console is given of the figures: questions to the database, answers without SQL."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.calendar import beijing_day
from bot.domain.figures import Cell, Cube
from bot.domain.matters import Matter
from bot.domain.reporting_periods import Period
from bot.domain.street import Street
from bot.reports.closing import find_signed, printed_report
from bot.reports.entries import (
    counting_days,
    list_entries,
    load_new_cells,
    load_tallied_cells,
    read_watermark,
    selected,
)
from bot.reports.explain import Explanation, explain, limit_to
from bot.reports.export import EXCEL_CSV, safe_cell, write_csv
from bot.reports.figures import SERVICES, find_figure
from bot.reports.formats import write_report
from bot.reports.report import build_report
from bot.reports.report_tables import Names
from bot.storage.engine import read_only
from bot.storage.tables import ledger

Communities = frozenset[str] | None
SHOWN = (
    "users.registered", "mediation.agreed", "mediation.amount", "kind.contract_review", "aid.handed_over",
    "enterprises.visits", "education.events", "education.leaflets", "duty.days",
)  # fmt: skip
DASHBOARD = ("month", "kind", "community", "served_by", "outcome")
KEPT = 50  # periods and communities somebody looked at lately
EXPORTED = (
    "id", "day", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "count", "people",
    "amount", "leaflets", "title", "client",
)  # fmt: skip


@dataclass(frozen=True)
class Spans:
    """Services in the last days. Args: today, week (from Monday), month: bot and people."""

    today: tuple[int, int]
    week: tuple[int, int]
    month: tuple[int, int]


@dataclass(frozen=True)
class FigureDesk:
    """Read-only. `communities` limits every question; None is the whole street."""

    engine: Engine
    street: Street
    matters: Mapping[str, Matter]
    _kept: dict[tuple[Period, Communities], tuple[int, list[Cell]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> Names:
        """What ids are called."""
        return Names(self.street, self.matters)

    def _connect(self) -> Connection:
        return read_only(self.engine).connect()

    def cube(self, period: Period, communities: Communities) -> Cube:
        """All sums of a period by DASHBOARD. What is rolled up is kept in memory, what came after it is read each time."""
        with self._connect() as connection:
            mark = read_watermark(connection)
            kept = self._kept.get((period, communities))
            if kept is None or kept[0] != mark:
                kept = load_tallied_cells(connection, period, communities, DASHBOARD)
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                self._kept[period, communities] = kept
            fresh = load_new_cells(connection, kept[0], period, communities, DASHBOARD)
        return Cube([*kept[1], *fresh])

    def spans(self, now: datetime, communities: Communities) -> Spans:
        """Services of today, of this week and of this month in China."""
        today = beijing_day(now)
        firsts = (today, today - timedelta(days=today.weekday()), today.replace(day=1))
        human = sa.case((ledger.c.served_by == "bot", 0), else_=ledger.c.count)
        found = []
        with self._connect() as connection:
            for first in firsts:
                where = [counting_days(first, today), selected(SERVICES)]
                if communities is not None:
                    where.append(ledger.c.community.in_(communities))
                total, people = connection.execute(
                    sa.select(sa.func.coalesce(sa.func.sum(ledger.c.count), 0), sa.func.coalesce(sa.func.sum(human), 0)).where(*where)
                ).one()
                found.append((int(total) - int(people), int(people)))
        return Spans(*found)

    def explain(
        self, figure: str, period: Period, communities: Communities, now: datetime, limit: int, after: int = 0
    ) -> Explanation:
        """See bot.reports.explain. Raises NotFound."""
        with self._connect() as connection:
            return explain(connection, figure, period, now, limit, after, communities)

    def export(self, figure: str, period: Period, communities: Communities) -> bytes:
        """All rows behind a figure as CSV that Excel opens. Raises KeyError: it has no rows of the ledger."""
        found = find_figure(figure)
        if found is None:
            raise KeyError(figure)
        text, names = io.StringIO(), self.names

        def cells(row: Any) -> list[Any]:
            values = {**row._mapping, "day": str(row.day), "amount": None if row.amount is None else row.amount / 100}
            for by in ("kind", "matter", "community", "channel", "served_by", "outcome"):
                values[by] = names.name(by, values[by])
            return [safe_cell(values[name]) for name in EXPORTED]

        with self._connect() as connection:
            rows = list_entries(connection, period, limit_to(found.selection, communities), 2_000_000)
            write_csv(text, EXPORTED, map(cells, rows))
        return text.getvalue().encode(EXCEL_CSV)

    def print_report(
        self, period: Period, compare: int, communities: Communities, name: str, now: datetime, suppress_below: int = 0
    ) -> bytes:
        """The report in one of FORMATS; of a closed year as it was signed off, when nothing else is asked for.

        Args: suppress_below: for publication, see build_report.
        """
        with self._connect() as connection:
            if not suppress_below and find_signed(connection, period, compare, communities):
                return printed_report(connection, period.year, name)
            before = period.in_year(compare) if compare else None
            made = build_report(connection, self.street, self.matters, period, before, communities, suppress_below, now=now)
        return write_report(made, name)
