"""/console/audit: who read which case, and when."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.console import CaseReading
from bot.services.turn import Work

DAYS = (7, 30, 365)


async def show_audit(visit: Visit) -> Response:
    """The readings of the last days, of one member or one case if the address names one."""
    given = visit.value("days", 3)
    days = int(given) if given.isdecimal() and int(given) in DAYS else DAYS[0]
    who, reference = visit.value("member", 32), visit.value("case", 16).upper()
    readings = [
        reading
        for reading in await visit.site.read(_list, days)
        if (not who or reading.member_id == who) and (not reference or reading.reference == reference)
    ]
    return page(
        visit, "audit.html", path_of=path_of, readings=readings, days=days, all_days=DAYS, who=who, reference=reference
    )  # fmt: skip


def path_of(reference: str) -> str:
    """The page of what has this reference: its first letter says what it is."""
    kind = {"M": "mediations", "L": "aid"}.get(reference[:1], "cases")
    return f"/console/{kind}/{reference}"


def _list(work: Work, days: int) -> list[CaseReading]:
    return work.uow.console.list_readings(work.now - timedelta(days=days))
