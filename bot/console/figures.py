"""/console/figures: the running year at a glance, the rows behind each figure, the report to download."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from bot.console.figure_query import SERVED_BY, Question, read_question, read_year
from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.calendar import beijing_day
from bot.domain.errors import NotFound
from bot.domain.figures import CLIENTS
from bot.domain.ledger import KINDS, SUBJECTS
from bot.reports.desk import SHOWN, FigureDesk, report_name
from bot.reports.figures import FIGURES, narrow
from bot.reports.formats import FORMATS, PUBLISHED_BELOW
from bot.reports.model import Value
from bot.reports.writing import Writer
from bot.services.queue import Filter, list_queue
from bot.services.turn import Work

PAGE = 100
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": EXCEL,
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


def _desk(visit: Visit) -> FigureDesk:
    if visit.site.figures is None:
        raise NotFound("no figures here")
    return visit.site.figures


async def show_figures(visit: Visit) -> Response:
    """The dashboard: the services, or, when a kind was chosen that is none, what was chosen."""
    asked, desk, today = read_question(visit), _desk(visit), beijing_day(visit.site.now())
    chosen = asked.terms.get("kind", "")
    base = f"kind.{chosen}" if chosen and KINDS[chosen].group != "service" else "services.total"
    cube = await run_in_threadpool(desk.cube, asked.span, asked.communities, asked.terms)
    firsts = {"今天": today, "本周": today - timedelta(days=today.weekday()), "本月": today.replace(day=1)} if today in asked.span else {}
    spans = await run_in_threadpool(desk.spans, firsts.values(), today, asked.communities, asked.figure(base).selection)
    waiting = await visit.site.read(_waiting, visit, asked)
    writer, names = Writer(), desk.names

    def value(name: str, **terms: str) -> Value:
        figure = narrow(asked.figure(name), **terms)
        return writer.write(name, cube.total(figure.measure, figure.selection))

    def bars(by: str, keys: list[str] | None = None) -> list[dict[str, Any]]:
        bot = cube.by(by, "count", narrow(asked.figure(base), served_by="bot").selection)
        every = cube.by(by, "count", asked.figure(base).selection)
        order = keys or names.order(by, set(every))
        longest = max((every.get(key, 0) for key in order), default=0) or 1
        return [
            {
                "title": names.name(by, key), "bot": bot.get(key, 0), "people": every.get(key, 0) - bot.get(key, 0),
                "bot_width": round(100 * bot.get(key, 0) / longest, 1),
                "people_width": round(100 * (every.get(key, 0) - bot.get(key, 0)) / longest, 1),
                "link": asked.link(base, **{by: key}),
            }
            for key in order
        ]  # fmt: skip

    return page(
        visit, "figures.html", asked=asked, waiting=waiting, base=base, title=FIGURES[base].title, total=value(base),
        bot=value(base, served_by="bot"), human=value(base, served_by="human"),
        totals=[(FIGURES[name].title, found, asked.link(name)) for name in SHOWN if (found := value(name)).number or not asked.terms],
        spans=[(name, pair, asked.during(firsts[name], today)) for name, pair in zip(firsts, spans, strict=True)],
        by_month=bars("month", asked.span.month_ids), by_community=bars("community"), by_kind=bars("kind"),
        formats=FORMATS, communities=visit.communities, small=PUBLISHED_BELOW, fault=visit.value("fault", 10), this_year=today.year,
        choices=(
            ("kind", "类别", {name: kind.title for name, kind in KINDS.items()}),
            ("matter", "法律事项", {m.id: m.title for m in visit.site.library.matters.values()}),
            ("served_by", "谁服务的", SERVED_BY),
            ("subject", "服务对象", SUBJECTS),
        ),
        empty=not any(cell.entries for cell in cube.cells),
    )  # fmt: skip


def _waiting(work: Work, visit: Visit, asked: Question) -> tuple[int, int]:
    """Cases that wait for somebody now, and promises that are broken now."""
    queue = list_queue(work, visit.member, Filter(community=asked.community))
    return len(queue.waiting), queue.late


async def show_rows(visit: Visit) -> Response:
    """What a figure is, and its rows."""
    asked, desk, figure = read_question(visit), _desk(visit), visit.value("figure", 200)
    after = visit.number("after", 0, 10**18)
    found = await run_in_threadpool(desk.explain, figure, asked.span, asked.communities, visit.site.now(), PAGE, after)
    last = str(found.rows[-1].id) if len(found.rows) == PAGE else ""
    people = found.figure is not None and found.figure.measure == CLIENTS
    return page(
        visit, "figure_rows.html", figure=figure, found=found, asked=asked, names=desk.names, people=people,
        part=bool(last or after),
        more=asked.address("/rows", figure=figure, after=last) if last else "",
    )  # fmt: skip


async def export_rows(visit: Visit) -> Response:
    """The rows as a CSV file or an Excel workbook."""
    asked, figure = read_question(visit), visit.value("figure", 200)
    form = "xlsx" if visit.request.url.path.endswith(".xlsx") else "csv"
    try:
        content = await run_in_threadpool(_desk(visit).export, figure, asked.span, asked.communities, excel=form == "xlsx")
    except KeyError:
        raise NotFound("no such figure") from None
    return _download(content, form, f"falin-rows-{asked.span.id}.{form}")


async def download_report(visit: Visit) -> Response:
    """The report in the format asked for; back to the figures, which say what is wrong, when there is none."""
    asked, name, compared = read_question(visit), visit.value("format", 5), read_year(visit, "compare")
    if name not in FORMATS:
        raise NotFound("no such format")
    if asked.faults or asked.period is None or compared is None or compared == asked.period.year:
        return RedirectResponse(asked.address(fault="report"), status_code=303)
    small = PUBLISHED_BELOW if visit.value("published", 1) else 0
    content = await run_in_threadpool(
        _desk(visit).print_report, asked.period, compared, asked.communities, name, visit.site.now(), small
    )
    return _download(content, name, report_name(asked.period, compared, asked.communities, small, name))


def _download(content: bytes, name: str, file: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(content, media_type=TYPES[name], headers=headers)
