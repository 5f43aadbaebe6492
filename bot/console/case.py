"""/console/cases/REFERENCE: one case."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.console import labels
from bot.console.guard import Visit
from bot.console.pages import page
from bot.console.timeline import tell_actor, tell_event
from bot.domain.calendar import beijing_day
from bot.domain.cases import BOT_GRADES
from bot.knowledge.answers import render_answer
from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText
from bot.services.case_reading import CaseView, read_case
from bot.services.desk_search import find_named_article, search_replies
from bot.services.handoff import DECLINE_REASONS
from bot.services.laws import find_articles
from bot.services.turn import Work

LONGEST_SEARCH, SHOWN_ARTICLES = 200, 5


async def show_case(visit: Visit) -> Response:
    """The case as far as this member may see it; the reading is noted."""
    site, reference = visit.site, str(visit.request.path_params["reference"]).upper()
    view, values = await site.change(_gather, visit, reference)
    reply, law = visit.value("reply", LONGEST_SEARCH), visit.value("law", LONGEST_SEARCH)
    found = await run_in_threadpool(search_replies, site.library, reply) if view.with_words and reply else []
    entry = site.library.entries.get(visit.value("fill", 64))
    return page(
        visit, "case.html", view=view, case=view.case, library=site.library, reply=reply, law=law, grades=tuple(BOT_GRADES),
        replies=[(e, render_answer(e, site.library.wording).text) for e in found],
        articles=await search_law(visit, law) if view.with_words and law else None,
        fill=render_answer(entry, site.library.wording).text if entry else "",
        fault=labels.FAULTS.get(visit.value("fault", 20), ""), **values,
    )  # fmt: skip


def _gather(work: Work, visit: Visit, reference: str) -> tuple[CaseView, dict[str, Any]]:
    view, library = read_case(work, visit.member, reference), work.library
    return view, {
        "revision": work.uow.console.revision(),
        "events": [(e, tell_event(library, e, work.now), tell_actor(library, e)) for e in view.events],
        "colleagues": list_colleagues(view, library.street.list_members("adviser")),
        "declines": {r: library.wording.text(f"utter_decline_{r}") for r in DECLINE_REASONS},
        "outcomes": [o for o in library.outcomes.values() if o.offered],
        "appointments": work.uow.cases.list_appointments(work.now, case_id=view.case.id),
        "name_of": library.street.name_of,
    }


def list_colleagues(view: CaseView, members: list[Any]) -> list[Any]:
    """Those a case can be given to: not whoever has it, nobody with a conflict of interest."""
    return [m for m in members if m.id != view.case.adviser_id and m.id not in view.conflicts]


async def search_law(visit: Visit, text: str) -> list[ArticleText]:
    """The article that is named, else those the question is about."""
    site = visit.site
    named = await site.read(find_named_article, text)
    if named or site.find_statutes is None:
        return [named] if named else []
    hits = await site.desk.call(site.find_statutes, text)
    citations = tuple(Citation(hit.law, hit.article) for hit in hits[:SHOWN_ARTICLES])
    return await site.read(lambda work: find_articles(work.uow, citations, beijing_day(work.now)))
