"""A mediator's side in the chat: the open mediations, and what can be pressed about each."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.disputes import REFUSALS
from bot.domain.mediation import Mediation, broken
from bot.domain.messages import Button, Reply
from bot.domain.work_calendar import say_moment
from bot.services.mediation_news import compose, member_acts
from bot.services.mediation_record import list_visible, may_see
from bot.services.turn import Turn

SHOWN = 20
# Dates that are offered: so many, so many hours of office time apart, from tomorrow on.
OFFERED, APART, NOTICE = 6, 5, timedelta(days=1)
HOUR = timedelta(hours=1)


def show_own(turn: Turn, member_id: str) -> None:
    """Each open mediation that the member may see: a line, and a button that shows its card."""
    wording, found = turn.library.wording, list_visible(turn, member_id)[:SHOWN]
    if not found:
        turn.say("utter_mediation_none_open")
        return
    lines = [compose(turn, m, f"utter_mediation_line_{m.state}").text for m in found]
    rows = tuple((Button(m.reference, f"mediate:m_card={m.id}"),) for m in found)
    turn.replies.append(Reply(wording.text("utter_mediation_own", lines="\n".join(lines)), rows))


def show_card(turn: Turn, member_id: str, mediation_id: int) -> None:
    """The card with what can be pressed now. Raises NotFound, RuleBroken."""
    mediation = _seen(turn, member_id, mediation_id)
    turn.replies.append(compose(turn, mediation, "utter_mediation_card", *member_acts(mediation, turn.now)))


def show_state(turn: Turn, mediation: Mediation) -> None:
    """After a step: where it stands, and the next step."""
    name = f"utter_mediation_line_{mediation.state}"
    turn.replies.append(compose(turn, mediation, name, *member_acts(mediation, turn.now)))


def offer_dates(turn: Turn, member_id: str, mediation_id: int) -> None:
    """Some moments of the office's hours, each a button. Raises NotFound, RuleBroken."""
    mediation = _seen(turn, member_id, mediation_id)
    mediation.require("schedule")
    slots = turn.library.calendar.list_slots(turn.now + NOTICE, HOUR, OFFERED * APART)[::APART]
    rows = tuple(
        (Button(say_moment(slot, turn.now), f"mediate:m_at={mediation.id}.{slot.timestamp():.0f}"),) for slot in slots
    )
    turn.replies.append(Reply(turn.library.wording.text("utter_mediation_when", reference=mediation.reference), rows))


def offer_reasons(turn: Turn, member_id: str, mediation_id: int) -> None:
    """Why it is not taken on: each of the list a button. Raises NotFound, RuleBroken."""
    mediation = _seen(turn, member_id, mediation_id)
    mediation.require("refuse")
    wording = turn.library.wording
    rows = tuple(
        (Button(wording.text(f"utter_mediation_because_{reason}"), f"mediate:m_because={mediation.id}.{reason}"),)
        for reason in REFUSALS
    )
    turn.replies.append(Reply(wording.text("utter_mediation_why", reference=mediation.reference), rows))


def _seen(turn: Turn, member_id: str, mediation_id: int) -> Mediation:
    mediation = turn.uow.mediations.get(mediation_id)
    if not may_see(turn, member_id, mediation):
        raise broken("not_yours")
    return mediation
