"""What the console is given of the figures: questions to the database, answers without SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.errors import NotFound
from bot.domain.figures import DIMENSIONS, Cell, Cube, Selection
from bot.domain.ledger import SUBJECTS
from bot.domain.matters import Matter
from bot.domain.reporting_periods import Period, Span
from bot.domain.street import Street
from bot.knowledge.holidays import work_calendar
from bot.reports.closing import find_signed, note_later, printed_name, printed_report
from bot.reports.entries import (
    counting_days,
    list_entries,
    load_cube,
    load_new_cells,
    load_tallied_cells,
    read_watermark,
    selected,
)
from bot.reports.explain import Explanation, explain, limit_to
from bot.reports.export import safe_cell, table_bytes
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
EXPORTED = {
    "id": "条目", "day": "日期", "kind": "类别", "matter": "法律事项", "community": "社区", "subject": "服务对象", "channel": "渠道",
    "served_by": "服务人员", "outcome": "办理结果", "count": "件次", "people": "人数", "amount": "金额（元）", "leaflets": "宣传资料",
    "title": "名称", "client": "当事人编号",
}  # fmt: skip


def report_name(period: Period, compare: int, communities: Communities, suppress_below: int, name: str) -> str:
    """The file name of a report: what is narrower or compared does not take the place of the street's."""
    parts = [period.id, *(sorted(communities) if communities else []), *([f"vs-{compare}"] if compare else [])]
    return f"falin-report-{'-'.join(parts)}{'-published' if suppress_below else ''}.{name}"


@dataclass(frozen=True)
class FigureDesk:
    """Read-only. `communities` limits every question; None is the whole street."""

    engine: Engine
    street: Street
    matters: Mapping[str, Matter]
    _kept: dict[tuple[Period, Communities, tuple[str, ...]], tuple[int, list[Cell]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> Names:
        """What ids are called."""
        return Names(self.street, self.matters)

    def _connect(self) -> Connection:
        return read_only(self.engine).connect()

    def cube(self, span: Span, communities: Communities, more: Collection[str] = ()) -> Cube:
        """All sums of a period or of some days by DASHBOARD, and by more of DIMENSIONS.

        What is rolled up is kept in memory, what came after it is read each time.
        """
        dimensions = tuple(name for name in DIMENSIONS if name in DASHBOARD or name in more)
        with self._connect() as connection:
            if not isinstance(span, Period):
                return load_cube(connection, span, communities, dimensions)
            key = (span, communities, dimensions)
            kept = self._kept.get(key)
            if kept is None or kept[0] != read_watermark(connection):
                kept = load_tallied_cells(connection, span, communities, dimensions)
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                self._kept[key] = kept
            fresh = load_new_cells(connection, kept[0], span, communities, dimensions)
        return Cube([*kept[1], *fresh])

    def spans(
        self, firsts: Collection[date], today: date, communities: Communities, selection: Selection = SERVICES
    ) -> list[tuple[int, int]]:
        """What was done from each of some days until today: by the bot, and by people."""
        human = sa.case((ledger.c.served_by == "bot", 0), else_=ledger.c.count)
        found = []
        with self._connect() as connection:
            for first in firsts:
                where = [counting_days(first, today), selected(limit_to(selection, communities))]
                total, people = connection.execute(
                    sa.select(sa.func.coalesce(sa.func.sum(ledger.c.count), 0), sa.func.coalesce(sa.func.sum(human), 0)).where(*where)
                ).one()
                found.append((int(total) - int(people), int(people)))
        return found

    def explain(
        self, figure: str, period: Span, communities: Communities, now: datetime, limit: int, after: int = 0
    ) -> Explanation:
        """See bot.reports.explain. Raises NotFound."""
        with self._connect() as connection:
            found = explain(connection, figure, period, now, work_calendar(self.street), limit, after, communities)
            if not found.value.number and (unknown := self._unknown(figure, period)):
                raise NotFound(f"no {unknown} in {period.title}")
            years = sorted({int(month[:4]) for month in period.month_ids})
            return replace(found, note="".join(note_later(connection, year) for year in years))

    def _unknown(self, figure: str, period: Span) -> str:
        """What a cell is asked for that cannot be: a community that is none, a month of another year. "" for nothing."""
        names = self.names
        for by, _, value in (term.partition("=") for term in figure.partition("@")[2].split("&") if term):
            possible = value in period.month_ids if by == "month" else names.knows(by, value)
            if not possible and (by, value) != ("served_by", "human"):
                return f"{by}={value}"
        return ""

    def export(self, figure: str, span: Span, communities: Communities, *, excel: bool = False) -> bytes:
        """All rows behind a figure as CSV that Excel opens, or as a workbook. Raises KeyError: it has no rows of the ledger."""
        found, names = find_figure(figure), self.names
        if found is None:
            raise KeyError(figure)

        def cells(row: Any) -> list[Any]:
            values = {**row._mapping, "day": str(row.day), "amount": None if row.amount is None else row.amount / 100}
            for by in ("kind", "matter", "community", "channel", "served_by", "outcome"):
                values[by] = names.name(by, values[by])
            values["subject"] = SUBJECTS.get(row.subject, row.subject)
            return [safe_cell(values[name]) for name in EXPORTED]

        with self._connect() as connection:
            rows = list_entries(connection, span, limit_to(found.selection, communities), 2_000_000)
            return table_bytes(found.title, tuple(EXPORTED.values()), map(cells, rows), excel=excel)

    def print_report(
        self, period: Period, compare: int, communities: Communities, name: str, now: datetime, suppress_below: int = 0
    ) -> bytes:
        """The report in one of FORMATS; of a closed year as it was signed off, when nothing else is asked for.

        Args: suppress_below: for publication, see build_report.
        """
        with self._connect() as connection:
            if find_signed(connection, period, compare, communities):
                with contextlib.suppress(NotFound):  # such as hidden below another number than when it was closed
                    return printed_report(connection, period.year, printed_name(name, suppress_below))
            before = period.in_year(compare) if compare else None
            made = build_report(connection, self.street, self.matters, period, before, communities, suppress_below, now=now)
        return write_report(made, name)
