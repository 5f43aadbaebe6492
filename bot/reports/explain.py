"""What a figure is and what it is made of: its definition, its value, its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.domain.errors import NotFound
from bot.domain.figures import Figure, Selection
from bot.domain.reporting_periods import Span
from bot.domain.work_calendar import WorkCalendar
from bot.reports.case_figures import CASE_FIGURES, load_case_figures, references_of, value_of_cases
from bot.reports.entries import list_entries, value_of
from bot.reports.figures import FIGURES, RATES, find_figure
from bot.reports.model import Value
from bot.reports.writing import Writer


@dataclass(frozen=True)
class Explanation:
    """Args: rows: of the ledger, oldest first.  cases: references, for what rests on cases.  parts: of a rate.
    note: what to know of the numbers of a closed year."""

    title: str
    definition: str
    value: Value
    rows: tuple[Any, ...] = ()
    cases: tuple[str, ...] = ()
    parts: tuple[Value, ...] = ()
    figure: Figure | None = None
    note: str = ""


def list_ids() -> list[str]:
    """The ids of all declared figures."""
    return [*FIGURES, *RATES, *CASE_FIGURES]


def explain(
    connection: Connection,
    figure_id: str,
    period: Span,
    now: datetime,
    calendar: WorkCalendar,
    limit: int,
    after: int = 0,
    communities: frozenset[str] | None = None,
) -> Explanation:
    """Look behind a figure, or a cell of one.

    Args:
        now, calendar: see load_case_figures.  limit: of rows.  after: id of the last row of the page before.  communities: only these; None: all.

    Raises:
        NotFound: no such figure.
    """
    writer = Writer()
    name, at, terms = figure_id.partition("@")
    if name in RATES:
        title, _, above, below, definition = RATES[name]
        parts = [
            explain(connection, f"{part}{at}{terms}", period, now, calendar, 0, communities=communities).value for part in (above, below)
        ]
        whole = parts[1].number
        share = (parts[0].number or 0) / whole if whole else None
        return Explanation(title, definition, writer.write(figure_id, share), parts=tuple(parts))
    if figure_id in CASE_FIGURES:
        title, _, definition = CASE_FIGURES[figure_id]
        found = load_case_figures(connection, period, now, calendar, communities)
        value = writer.write(figure_id, value_of_cases(found, figure_id))
        return Explanation(title, definition, value, cases=references_of(found, figure_id))
    figure = find_figure(figure_id)
    if figure is None:
        raise NotFound(f"no figure {figure_id}")
    selection = limit_to(figure.selection, communities)
    number = value_of(connection, period, figure.measure, selection)
    rows = tuple(list_entries(connection, period, selection, limit, after)) if limit else ()
    return Explanation(figure.title, figure.definition, writer.write(figure_id, number, exact=True), rows, figure=figure)


def limit_to(selection: Selection, communities: frozenset[str] | None) -> Selection:
    """The same choice within some communities; None: no limit."""
    if communities is None:
        return selection
    both = [c for c in sorted(communities) if not selection.communities or c in selection.communities]
    return replace(selection, communities=tuple(both) or ("—",))
