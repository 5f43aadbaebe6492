"""The report: a draft whose every number is a figure, the tables behind it, the pictures of the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from bot.domain.calendar import BEIJING
from bot.domain.matters import Matter
from bot.domain.reporting_periods import Period
from bot.domain.street import Street
from bot.knowledge.holidays import work_calendar
from bot.knowledge.report_file import Clause, DraftSection, ReportWording, load_report_wording
from bot.reports.case_figures import CASE_FIGURES
from bot.reports.closing import find_closed, list_closed, list_later, note_later
from bot.reports.figures import FIGURES, RATES
from bot.reports.model import Block, Chart, Paragraph, Part, Report, Section, Table, Value
from bot.reports.numbers import Numbers, load_numbers
from bot.reports.report_tables import (
    LAYOUTS,
    Names,
    columns_by_dimension,
    compare_table,
    make_table,
    quality_table,
)
from bot.reports.writing import Writer

WORDING = Path(__file__).parent / "templates" / "report.yml"
PLACE = re.compile(r"\{([a-z_.]+)(~?)\}")
NUMERALS = "一二三四五六七八九十"
CHARTS = {
    "by_month": ("bar", "分月法律服务", (2, 3)),
    "by_community": ("bar", "分社区法律服务", (1,)),
    "by_kind": ("pie", "法律服务构成", (1,)),
}


@dataclass(frozen=True)
class Draft:
    """What a sentence is filled from."""

    wording: ReportWording
    numbers: Numbers
    before: Numbers | None
    writer: Writer
    writer_before: Writer
    street: str

    def paragraphs(self, section: DraftSection) -> Iterator[Paragraph]:
        """Those that have something to say."""
        for lead, clauses in section.paragraphs:
            left = [clause for clause in clauses if not clause.figure or self._says(clause.figure)]
            if not left:
                continue
            parts: list[Part] = [lead] if lead else []
            for place, clause in enumerate(left):
                parts += ["，"] if place else []
                parts += self._fill(clause)
            if isinstance(parts[-1], Value) or not parts[-1].endswith(("。", "〕")):
                parts.append("。")
            yield Paragraph(tuple(parts))

    def _says(self, figure: str) -> bool:
        return bool(self.numbers.value(figure)) and figure not in self.writer.hidden

    def _fill(self, clause: Clause) -> Iterator[Part]:
        end, text = 0, clause.text.replace("{period}", self.numbers.period.title).replace("{street}", self.street)
        for match in PLACE.finditer(text):
            if match.start() > end:
                yield text[end : match.start()]
            end = match.end()
            if not match[2]:
                yield self.writer.write(match[1], self.numbers.value(match[1]))
            elif self.before:
                yield self._compare(match[1], self.before)
        if end < len(text):
            yield text[end:]

    def _compare(self, figure: str, before: Numbers) -> str:
        now, then = self.numbers.value(figure) or 0, before.value(figure) or 0
        if figure in self.writer.hidden or figure in self.writer_before.hidden:
            return ""
        name = "none" if not then else "more" if now > then else "less" if now < then else "same"
        change = f"{abs(now - then) / then:.1%}" if then else ""
        return self.wording.compare[name].format(before=before.period.title, change=change)


def build_report(
    connection: Connection,
    street: Street,
    matters: Mapping[str, Matter],
    period: Period,
    compare: Period | None = None,
    communities: frozenset[str] | None = None,
    suppress_below: int = 0,
    *,
    now: datetime,
    printing_closed: bool = False,
) -> Report:
    """The report of a period, as data.

    Args:
        compare: the period it is compared with.  communities: only these; None: the whole street.
        suppress_below: counts from 1 to one less are not published, nor what would give them away; 0: all are.
        now: the clock, aware: a promise that is not yet due is neither kept nor broken.
        printing_closed: this is the printing that is signed off; every other one is a draft.
    """
    wording = load_report_wording(WORDING)
    calendar = work_calendar(street)
    numbers = load_numbers(connection, period, now, calendar, communities)
    before = load_numbers(connection, compare, now, calendar, communities) if compare else None
    writer, writer_before = _writer(numbers, suppress_below), _writer(before, suppress_below)
    names = Names(street, matters)
    layouts = [layout for layout in LAYOUTS if layout.published or not suppress_below]
    tables = {layout.id: make_table(layout, numbers, names, writer) for layout in layouts}
    tables = {name: table for name, table in tables.items() if len(table.rows) > 1 and numbers.cube.cells}
    draft = Draft(wording, numbers, before, writer, writer_before, street.name)
    sections = [_section(draft, section, tables) for section in wording.sections] if numbers.cube.cells else [_nothing(draft)]
    sections = [replace(s, title=f"{NUMERALS[n]}、{s.title}") for n, s in enumerate(s for s in sections if s.blocks)]
    annex: list[Block] = [*tables.values()]
    if numbers.cases.opened:
        annex.append(quality_table(numbers, writer))
    if before:
        annex.append(compare_table(numbers, before, writer, writer_before))
    if not suppress_below:  # a reason is free text and names an entry: not for publication
        annex += _later_corrections(connection, period, communities)
    # Only what was signed is marked as signed: anything narrower or compared is counted anew from today's ledger.
    whole = period == Period(period.year) and communities is None
    closed = find_closed(connection, period.year) if whole and printing_closed else None
    later = [note for p in (period, compare) if p and not closed and (note := note_later(connection, p.year))]
    title = wording.title.format(street=street.name, period=period.title)
    if communities is not None:
        title = f"{title}（{'、'.join(names.name('community', c) for c in sorted(communities))}）"
    return Report(
        title=title,
        street=street.name,
        office=street.office,
        period=period.id,
        period_title=period.title,
        sections=(*sections, Section("附表", tuple(annex))) if annex else tuple(sections),
        figures={f: writer.write(f, numbers.value(f)) for f in (*FIGURES, *RATES, *CASE_FIGURES)},
        notes=(*wording.notes, *([wording.small.format(below=suppress_below)] if suppress_below else []), *later),
        compared=compare.title if compare else "",
        state="closed" if closed else "draft",
        signed=f"{closed.signed_by}，{closed.closed_at.astimezone(BEIJING):%Y年%-m月%-d日}" if closed else "",
    )


def _writer(numbers: Numbers | None, below: int) -> Writer:
    if numbers is None or below < 2:
        return Writer()
    from bot.reports.disclosure import hidden_figures  # scipy is loaded only for what is published

    return Writer(hidden_figures(numbers, columns_by_dimension(), below), publishing=True)


def _section(draft: Draft, section: DraftSection, tables: Mapping[str, Table]) -> Section:
    charts = [
        Chart(kind, title, tables[name], columns)
        for name, (kind, title, columns) in CHARTS.items()
        if name in section.charts and name in tables and _drawable(tables[name], columns)
    ]
    return Section(section.title, (*draft.paragraphs(section), *charts))


def _drawable(table: Table, columns: tuple[int, ...]) -> bool:
    cells = [part for row in table.rows for place in columns if isinstance(part := row[place], Value)]
    return all(cell.number is not None for cell in cells)


def _nothing(draft: Draft) -> Section:
    return Section("总体情况", (Paragraph((draft.wording.nothing.format(period=draft.numbers.period.title),)),))


def _later_corrections(
    connection: Connection, period: Period, communities: frozenset[str] | None
) -> Iterator[Table]:
    """Corrections of closed years that were entered in this period: a closed year's own report keeps what was signed.

    Whoever sees one community only is not shown what was written about another.
    """
    rows: list[tuple[Part, ...]] = []
    for closed in list_closed(connection):
        for row in list_later(connection, closed):
            entered = (row.recorded_at or row.occurred_at).astimezone(BEIJING).date()
            seen = communities is None or row.community in communities
            if seen and period.first <= entered <= period.last:
                rows.append((f"{closed.year}年", f"{row.corrects or ''}→{row.id}", f"{entered:%Y-%m-%d}", row.reason))
    if rows:
        yield Table("corrections", "对已封存年度的更正", ("年度", "台账条目", "更正日期", "原因"), tuple(rows), total=False)
