"""转人工: to the community's adviser."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from bot.domain.calendar import BEIJING
from bot.services.aid_talk import say_aid_status
from bot.services.escalation import open_case
from bot.services.turn import Turn

Events = list[dict[str, Any]]


def request_adviser(turn: Turn, tracker: Tracker) -> Events:
    """Open a case, after registration if need be."""
    if not turn.client.registered:
        turn.say("utter_register_first")
        return [SlotSet("pending_service", "adviser"), FollowupAction("registration_form")]
    return escalate(turn, tracker)


def escalate(turn: Turn, tracker: Tracker) -> Events:
    """Open the case and tell what happens next."""
    slots = tracker.slots
    case, new = open_case(
        turn, slots.get("last_question") or "", slots.get("last_matter"), slots.get("last_urgency") or "normal"
    )
    street = turn.library.street
    adviser = street.find_member(case.adviser_id or "")
    seen = adviser is not None and turn.uow.members.find_account(adviser.id) is not None
    opened = "utter_case_opened" if seen else "utter_case_opened_unseen"
    turn.say(
        opened if new else "utter_case_already_open",
        reference=case.reference,
        adviser=adviser.name if adviser else street.office,
        phone=(adviser.phone if adviser else "") or street.phone,
    )
    return [SlotSet("pending_service", None)]


def ask_status(turn: Turn, tracker: Tracker) -> Events:
    """Where each of the client's cases stands."""
    wording = turn.library.wording
    cases = turn.uow.cases.list_for_client(turn.client.id)[:5]
    has_aid = say_aid_status(turn)
    if not cases:
        if not has_aid:
            turn.say("utter_no_cases")
        return []
    lines = [
        wording.text(
            f"utter_case_line_{case.state}",
            reference=case.reference,
            matter=turn.library.matter_title(case.matter),
            day=case.opened_at.astimezone(BEIJING).strftime("%-m月%-d日"),
        )
        for case in cases
    ]
    turn.say("utter_cases", cases="\n".join(lines))
    return []
