"""/console/: the queue."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.calendar import BEIJING, beijing_day
from bot.domain.permissions import ALL, communities_of, reach
from bot.domain.street import Member
from bot.services.mediation_news import compose
from bot.services.queue import Filter, list_past, list_queue
from bot.services.turn import Work


async def show_queue(visit: Visit) -> Response:
    """Waiting cases, one's own, those under way; filtered by the address."""
    wanted = Filter(
        community=visit.value("community", 32), matter=visit.value("matter", 32), urgency=visit.value("urgency", 16),
        adviser=visit.value("adviser", 32), late=bool(visit.value("late", 1)),
    )  # fmt: skip
    values = await visit.site.read(_gather, visit, wanted)
    return page(visit, "queue.html", wanted=wanted, filtered=wanted != Filter(), **values)


def _gather(work: Work, visit: Visit, wanted: Filter) -> dict[str, Any]:
    street, everything = work.library.street, reach(visit.member, "see_facts") == ALL
    served = communities_of(visit.member, street)
    return {
        "revision": work.uow.console.revision(),
        "queue": list_queue(work, visit.member, wanted),
        "past": [] if everything else list_past(work, visit.member),
        "appointments": list_appointments(work, "" if everything else visit.member.id),
        "mediations": list_mediations(work, visit.member),
        "communities": [c for c in street.communities if everything or c.id in served],
        "advisers": street.list_members("adviser") if everything else [],
        "library": work.library,
    }


def list_mediations(work: Work, member: Member) -> list[str]:
    """Open mediations, a line each: where it stands, who acts, by when. A mediator's own; all for the office."""
    how_far = reach(member, "see_mediations")
    if not how_far:
        return []
    found = work.uow.mediations.list_open() if how_far == ALL else work.uow.mediations.list_for_mediator(member.id)
    return [compose(work, m, f"utter_mediation_line_{m.state}").text for m in found if m.open]


def list_appointments(work: Work, adviser_id: str) -> list[Any]:
    """Appointments of the day in China, with their cases."""
    day = datetime.combine(beijing_day(work.now), time(), BEIJING)
    today = work.uow.cases.list_appointments(day, adviser_id=adviser_id)
    return [(a, work.uow.cases.get(a.case_id)) for a in today if a.at < day + timedelta(days=1)]
