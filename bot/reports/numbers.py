"""Every figure of one period, read from the database once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.domain.figures import CLIENTS, Cube
from bot.domain.reporting_periods import Period
from bot.domain.work_calendar import WorkCalendar
from bot.reports.case_figures import CASE_FIGURES, CaseFigures, load_case_figures, value_of_cases
from bot.reports.entries import count_clients, count_clients_by, load_cube
from bot.reports.figures import FIGURES, RATES
from bot.storage.people_tally import SCOPES, count_people_of_year


@dataclass(frozen=True)
class Numbers:
    """Args: people: clients of services by dimension and value.  visited: distinct enterprises that were visited."""

    period: Period
    cube: Cube
    people: dict[str, dict[str, int]]
    visited: int
    cases: CaseFigures

    def value(self, figure_id: str) -> float | None:
        """A declared figure; None when it cannot be said. Raises KeyError for no such figure."""
        if figure_id in RATES:
            _, _, above, below, _ = RATES[figure_id]
            whole = self.value(below)
            part = self.value(above)
            return part / whole if part is not None and whole else None
        if figure_id in CASE_FIGURES:
            return value_of_cases(self.cases, figure_id)
        figure = FIGURES[figure_id]
        if figure.measure == CLIENTS:
            return self.visited if figure_id == "enterprises.visited" else self.people[""].get("", 0)
        return self.cube.total(figure.measure, figure.selection)

    def by(self, dimension: str, figure_id: str) -> dict[str, int]:
        """A figure for each value of a dimension. Raises KeyError: people by a dimension that was not counted."""
        figure = FIGURES[figure_id]
        if figure.measure == CLIENTS:
            return self.people[dimension]
        return {k: v for k, v in self.cube.by(dimension, figure.measure, figure.selection).items() if v}


def load_numbers(
    connection: Connection, period: Period, now: datetime, calendar: WorkCalendar, communities: frozenset[str] | None = None
) -> Numbers:
    """Read them. Args: now, calendar: see load_case_figures.  communities: only these; None: the whole street."""
    only = tuple(sorted(communities)) if communities is not None else ()
    if communities is not None and not only:
        only = ("—",)  # no community at all: nothing, not everything
    served = replace(FIGURES["clients.total"].selection, communities=only)
    visited = replace(FIGURES["enterprises.visited"].selection, communities=only)
    whole = period == Period(period.year) and communities is None
    people = count_people_of_year(connection, period.year) if whole else count_clients_by(connection, period, served, SCOPES)
    return Numbers(
        period=period,
        cube=load_cube(connection, period, communities),
        people=people,
        visited=sum(count_clients(connection, period, visited).values()),
        cases=load_case_figures(connection, period, now, calendar, communities),
    )
