"""What happened to a mediation or an application for legal aid, in words."""

from __future__ import annotations

from bot.console import labels
from bot.domain.aid_applications import AidEvent
from bot.domain.disputes import PERFORMANCES, REFUSALS
from bot.domain.mediation import MediationEvent
from bot.services.turn import Library

ACTORS = {"client": "申请人", "respondent": "对方", "falin": "法邻"}
WISHES = {"yes": "要申请", "no": "不申请"}


def tell_mediation_event(library: Library, event: MediationEvent) -> str:
    """One line: 安排调解员：老周书记."""
    name, detail = labels.MEDIATION_EVENTS.get(event.kind, event.kind), _tell_detail(library, event)
    return f"{name}：{detail}" if detail else name


def tell_mediation_actor(library: Library, event: MediationEvent | AidEvent) -> str:
    """Who did it."""
    return ACTORS.get(event.actor) or library.street.name_of(event.actor)


def _tell_detail(library: Library, event: MediationEvent) -> str:
    """Details are codes; one that is not known any more is not shown."""
    if event.kind == "assigned":
        return library.street.name_of(event.detail) if event.detail else ""
    if event.kind == "refused" and event.detail in REFUSALS:
        return library.wording.text(f"utter_mediation_because_{event.detail}")
    known = {"confirmation": WISHES, "followed_up": PERFORMANCES}.get(event.kind, {})
    return known.get(event.detail, "")
