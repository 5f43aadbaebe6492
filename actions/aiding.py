"""Legal aid: begin, go on, submit; and the buttons under an application."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.aid_questions import AID_SLOTS, answers_of
from bot.domain.errors import RuleBroken
from bot.domain.legal_aid import NONE
from bot.services.aid_draft import clear_draft, find_draft
from bot.services.aid_office import OFFICE_ROLES, find_for_office, hand_over, make_card, record_decision
from bot.services.aid_talk import ask_withdrawal, say_applied
from bot.services.legal_aid import Applicant, apply_for_aid, withdraw_aid
from bot.services.turn import Turn

Events = list[dict[str, Any]]


def start_legal_aid(turn: Turn, tracker: Tracker) -> Events:
    """Begin; or ask whether to go on with what was begun."""
    if find_draft(turn).slots or tracker.slots.get("aid_side"):
        turn.say("utter_aid_resume")
        return []
    turn.say("utter_request_legal_aid")
    return [FollowupAction("legal_aid_form")]


def resume_legal_aid(turn: Turn, tracker: Tracker) -> Events:
    """Go on where it was left, today or days later."""
    kept = find_draft(turn).slots
    return [*(SlotSet(name, kept[name]) for name in AID_SLOTS if name in kept), FollowupAction("legal_aid_form")]


def restart_legal_aid(turn: Turn, tracker: Tracker) -> Events:
    """Begin anew."""
    clear_draft(turn)
    turn.say("utter_request_legal_aid")
    return [*clear_slots(), FollowupAction("legal_aid_form")]


def leave_legal_aid(turn: Turn, tracker: Tracker) -> Events | None:
    """取消: what was answered is kept, for a day before registration; None when nothing was."""
    if turn.form != "legal_aid_form" or not tracker.slots.get("aid_side"):
        return None
    turn.say("utter_aid_left" if turn.client.registered else "utter_aid_left_unregistered")
    return []


def submit_legal_aid(turn: Turn, tracker: Tracker) -> Events:
    """Register first if need be, then store the application and say what happens next."""
    slots = tracker.slots
    if not turn.client.registered:
        turn.say("utter_aid_register_first")
        return [SlotSet("pending_service", "legal_aid"), FollowupAction("registration_form")]
    if (change := slots["aid_confirm"]) != "yes":
        return [SlotSet("aid_confirm", None), SlotSet(change, None), FollowupAction("legal_aid_form")]
    other = slots["aid_other"]
    applicant = Applicant(
        slots["aid_name"], slots["aid_phone"], slots["aid_facts"], "" if other == NONE else other
    )
    application, new = apply_for_aid(turn, answers_of(slots), applicant, find_draft(turn).photos)
    clear_draft(turn)
    say_applied(turn, application, new=new)
    return clear_slots()


def act_on_aid(turn: Turn, tracker: Tracker) -> Events:
    """A button under an application: the office's, or the applicant's own."""
    act, _, reference = next(tracker.get_latest_entity_values("aid_act"), "").partition("=")
    try:
        _act(turn, act, reference)
    except RuleBroken:
        turn.say("utter_aid_not_now")
    return []


def _act(turn: Turn, act: str, reference: str) -> None:
    if act == "withdraw":
        ask_withdrawal(turn, reference)
        return
    if act == "withdraw_yes":
        withdraw_aid(turn, reference)
        turn.say("utter_aid_withdrawn", reference=reference)
        return
    member = turn.library.street.find_member(turn.uow.members.find_by_client(turn.client.id))
    if member is None or member.role not in OFFICE_ROLES:
        raise RuleBroken("only the office handles applications")
    if act == "card":
        application = find_for_office(turn, reference)
    elif act == "handed":
        application = hand_over(turn, reference, member.id)
    else:
        application = record_decision(turn, reference, act, member.id)
    turn.replies.append(make_card(turn, application))


def clear_slots() -> Events:
    """Empty the form."""
    return [SlotSet(name, None) for name in AID_SLOTS]
