"""/console/figures: the running year at a glance, the rows behind each figure, the report to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.calendar import beijing_day
from bot.domain.errors import FalinError, NotFound
from bot.domain.figures import CLIENTS, Selection
from bot.domain.permissions import figure_communities
from bot.domain.reporting_periods import FIRST_YEAR, LAST_YEAR, Period
from bot.reports.desk import SHOWN, FigureDesk
from bot.reports.figures import FIGURES, narrow
from bot.reports.formats import FORMATS
from bot.reports.model import Value
from bot.reports.writing import Writer
from bot.services.queue import Filter, list_queue
from bot.services.turn import Work

PAGE = 100
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for. Args: communities: what the member may see of it; None: the whole street."""

    period: Period
    community: str
    communities: frozenset[str] | None

    def link(self, figure: str) -> str:
        """Where the rows of a figure are."""
        query = {"figure": figure, "year": self.period.year, "quarter": self.period.quarter or "",
                 "month": self.period.month or "", "community": self.community}  # fmt: skip
        return "/console/figures/rows?" + urlencode({k: v for k, v in query.items() if v})


def read_wanted(visit: Visit) -> Wanted:
    """The period and the community of the address; what cannot be is this year and everything one may see."""
    year, quarter, month = visit.number("year", 0, LAST_YEAR), visit.number("quarter", 0, 4), visit.number("month", 0, 12)
    this = beijing_day(visit.site.now()).year
    try:
        period = Period(year or this, 0 if month else quarter, month)
    except FalinError:
        period = Period(this)
    reach = figure_communities(visit.member, visit.site.street)
    found = visit.site.street.find_community(visit.value("community", 32)) if visit.value("community", 32) else None
    if found is None:
        return Wanted(period, "", reach)
    allowed = reach is None or found.id in reach
    return Wanted(period, found.id, frozenset({found.id}) if allowed else frozenset())


def _desk(visit: Visit) -> FigureDesk:
    if visit.site.figures is None:
        raise NotFound("no figures here")
    return visit.site.figures


async def show_figures(visit: Visit) -> Response:
    """The dashboard."""
    wanted, desk = read_wanted(visit), _desk(visit)
    cube = await run_in_threadpool(desk.cube, wanted.period, wanted.communities)
    spans = await run_in_threadpool(desk.spans, visit.site.now(), wanted.communities)
    waiting = await visit.site.read(_waiting, visit, wanted)
    writer, names = Writer(), desk.names

    def value(name: str) -> Value:
        return writer.write(name, cube.total(FIGURES[name].measure, FIGURES[name].selection))

    services = FIGURES["services.total"]

    def bars(by: str, keys: list[str] | None = None) -> list[dict[str, Any]]:
        bot = cube.by(by, "count", FIGURES["services.bot"].selection)
        every = cube.by(by, "count", services.selection)
        order = keys or names.order(by, set(every))
        longest = max((every.get(key, 0) for key in order), default=0) or 1
        return [
            {
                "title": names.name(by, key), "bot": bot.get(key, 0), "people": every.get(key, 0) - bot.get(key, 0),
                "bot_width": round(100 * bot.get(key, 0) / longest, 1),
                "people_width": round(100 * (every.get(key, 0) - bot.get(key, 0)) / longest, 1),
                "link": wanted.link(narrow(services, **{by: key}).id),
            }
            for key in order
        ]  # fmt: skip

    months = [f"{wanted.period.year}-{month:02}" for month in wanted.period.months]
    return page(
        visit, "figures.html", wanted=wanted, spans=spans, waiting=waiting, total=value("services.total"),
        bot=value("services.bot"), human=value("services.human"),
        totals=[(FIGURES[name].title, value(name), wanted.link(name)) for name in SHOWN],
        by_month=bars("month", months), by_community=bars("community"), by_kind=bars("kind"), formats=FORMATS,
        communities=visit.communities,
        empty=not cube.total("entries", Selection()),
    )  # fmt: skip


def _waiting(work: Work, visit: Visit, wanted: Wanted) -> tuple[int, int]:
    """Cases that wait for somebody now, and promises that are broken now."""
    queue = list_queue(work, visit.member, Filter(community=wanted.community))
    return len(queue.waiting), queue.late


async def show_rows(visit: Visit) -> Response:
    """What a figure is, and its rows."""
    wanted, desk, figure = read_wanted(visit), _desk(visit), visit.value("figure", 200)
    found = await run_in_threadpool(
        desk.explain, figure, wanted.period, wanted.communities, visit.site.now(), PAGE,
        visit.number("after", 0, 10**18),
    )
    more = f"{wanted.link(figure)}&after={found.rows[-1].id}" if len(found.rows) == PAGE else ""
    people = found.figure is not None and found.figure.measure == CLIENTS
    return page(
        visit, "figure_rows.html", figure=figure, found=found, wanted=wanted, names=desk.names, more=more, people=people,
        export=wanted.link(figure).replace("/rows?", "/rows.csv?"),
    )  # fmt: skip


async def export_rows(visit: Visit) -> Response:
    """The rows as a CSV file."""
    wanted, figure = read_wanted(visit), visit.value("figure", 200)
    try:
        content = await run_in_threadpool(_desk(visit).export, figure, wanted.period, wanted.communities)
    except KeyError:
        raise NotFound("no such figure") from None
    return _download(content, "csv", f"falin-rows-{wanted.period.id}")


async def download_report(visit: Visit) -> Response:
    """The report in the format asked for."""
    wanted, name = read_wanted(visit), visit.value("format", 5)
    if name not in FORMATS:
        raise NotFound("no such format")
    year = visit.number("compare", FIRST_YEAR, LAST_YEAR)
    content = await run_in_threadpool(
        _desk(visit).print_report, wanted.period, year, wanted.communities, name, visit.site.now()
    )
    return _download(content, name, f"falin-report-{wanted.period.id}")


def _download(content: bytes, name: str, file: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file}.{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=TYPES[name], headers=headers)
