"""/console/: the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from bot.console import labels
from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.aid_applications import AidApplication
from bot.domain.calendar import BEIJING, beijing_day
from bot.domain.mediation import Mediation
from bot.domain.periods import say_day
from bot.domain.permissions import ALL, communities_of, reach
from bot.domain.work_calendar import say_moment
from bot.services.aid_office import aid_matter_title, forward_by
from bot.services.aid_reading import is_late
from bot.services.mediation_news import compose
from bot.services.mediation_reading import list_mediations
from bot.services.queue import Filter, list_past, list_queue
from bot.services.turn import Work


@dataclass(frozen=True)
class Line:
    """A mediation or an application in the queue. Args: late: red.  mark: what else is to be done."""

    path: str
    text: str
    late: bool
    mark: str = ""
    urgent: bool = False


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
    handled, handles = work.uow.aid_applications, bool(reach(visit.member, "handle_aid"))

    def fits(one: Mediation | AidApplication) -> bool:
        return wanted.community in ("", one.community)

    def late_only(lines: list[Line]) -> list[Line]:
        return [line for line in lines if line.late or not wanted.late]

    return {
        "revision": work.uow.console.revision(),
        "queue": list_queue(work, visit.member, wanted),
        "past": [] if everything else list_past(work, visit.member),
        "appointments": list_appointments(work, "" if everything else visit.member.id),
        "mediations": late_only([line_of(work, m) for m in list_mediations(work, visit.member) if fits(m)]),
        "ended": [line_of(work, m) for m in list_mediations(work, visit.member, ended=True) if fits(m)],
        "applications": late_only([line_of_aid(work, a) for a in handled.list_open() if fits(a)]) if handles else [],
        "decided": [line_of_aid(work, a) for a in handled.list_ended() if fits(a)] if handles else [],
        "communities": [c for c in street.communities if everything or c.id in served],
        "advisers": street.list_members("adviser") if everything else [],
        "library": work.library,
    }


def line_of(work: Work, mediation: Mediation) -> Line:
    """Where it stands, who acts, by when; without what was told."""
    text = compose(work, mediation, f"utter_mediation_line_{mediation.state}").text
    late = mediation.due_at is not None and mediation.due_at < work.now
    waits = mediation.followup_at is not None and not mediation.followed_up_at and mediation.followup_at <= work.now
    return Line(f"/console/mediations/{mediation.reference}", text, late or waits, "该回访了" if waits else "")


def line_of_aid(work: Work, application: AidApplication) -> Line:
    """What is applied for, whose turn it is, by when; without who applies and why."""
    by, name = application.decide_by, f"{application.reference} {aid_matter_title(work, application.matter)}"
    path = f"/console/aid/{application.reference}"
    if not application.open:
        return Line(path, f"{name}：{work.library.wording.text(f'utter_aid_state_{application.state}')}", False)
    until = f"最晚{say_day(by, work.now)}" if by else f"{say_moment(forward_by(work, application), work.now)}前"
    text = f"{name}：{labels.AID_TURNS[application.next_action_by]}，{until}"
    return Line(path, text, is_late(work, application), urgent=application.urgent)


def list_appointments(work: Work, adviser_id: str) -> list[Any]:
    """Appointments of the day in China, with their cases."""
    day = datetime.combine(beijing_day(work.now), time(), BEIJING)
    today = work.uow.cases.list_appointments(day, adviser_id=adviser_id)
    return [(a, work.uow.cases.get(a.case_id)) for a in today if a.at < day + timedelta(days=1)]
