"""What happened to a case, in words."""

from __future__ import annotations

from datetime import datetime

from bot.console import labels
from bot.domain.cases import CaseEvent
from bot.domain.work_calendar import say_moment
from bot.services.turn import Library


def tell_event(library: Library, event: CaseEvent, now: datetime) -> str:
    """One line: 派给陈律师（本社区顾问）."""
    name = labels.EVENTS.get(event.kind, event.kind)
    detail = _tell_detail(library, event, now)
    if event.kind in ("assigned", "conflict") and detail:
        return f"{name}{'：' if event.kind == 'conflict' else ''}{detail}"
    return f"{name}：{detail}" if detail else name


def tell_actor(library: Library, event: CaseEvent) -> str:
    """Who did it."""
    known = {"client": "居民", "falin": "法邻"}
    return known.get(event.actor) or library.street.name_of(event.actor)


def _tell_detail(library: Library, event: CaseEvent, now: datetime) -> str:
    detail = event.detail
    if event.kind == "assigned":
        member, _, why = detail.partition(":")
        return f"{library.street.name_of(member)}（{labels.reason(why)}）" if why else library.street.name_of(member)
    if event.kind == "conflict":
        return library.street.name_of(detail) if detail else ""
    if event.kind == "closed":
        return library.outcomes[detail].title if detail in library.outcomes else detail
    if event.kind == "declined":
        known = f"utter_decline_{detail}" in library.wording.names()
        return library.wording.text(f"utter_decline_{detail}") if known else detail
    if event.kind == "referred":
        return {"mediation": "人民调解", "legal_aid": "法律援助"}.get(detail, detail)
    if event.kind == "booked":
        return say_moment(datetime.fromisoformat(detail), now) if detail else ""
    return f"{detail}分" if event.kind == "rated" and detail.isdecimal() else detail
