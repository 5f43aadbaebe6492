"""Buttons about a mediation: of the form, of 我的案件, of an agreement, of the other side's link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Tracker

from actions.mediating import edit_answer, resume_form, start_form
from actions.mediation_desk import act_as_member
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.messages import Reply
from bot.services.mediation_form import FIELDS
from bot.services.mediation_invites import invite_as_applicant, open_invite
from bot.services.mediation_news import act_buttons, explain, list_exit_buttons, list_mediation_lines
from bot.services.mediation_results import answer_followup, choose_confirmation
from bot.services.mediation_steps import give_consent, withdraw_mediation
from bot.services.turn import Turn

Events = list[dict[str, Any]]


def choose_mediation(turn: Turn, tracker: Tracker) -> Events:
    """A button "mediate:<act>=<value>" was pressed."""
    act, _, value = next(tracker.get_latest_entity_values("chosen_mediation"), "").partition("=")
    if act == "resume":
        return resume_form(turn)
    if act == "restart":
        return start_form(turn)
    if act == "edit" and value in FIELDS:
        return edit_answer(turn, value)
    try:
        if act in ACTS and value.isdecimal() and len(value) <= 18:
            ACTS[act](turn, int(value))
        elif not act_as_member(turn, act, value):
            turn.say("utter_stale_button")
    except NotFound:
        turn.say("utter_stale_button")
    except RuleBroken as error:
        turn.replies.append(explain(turn, error))
    return []


def show_mediations(turn: Turn) -> bool:
    """Where the client's mediations stand; False without any."""
    lines = list_mediation_lines(turn, turn.client.id)
    if lines:
        text = turn.library.wording.text("utter_mediations", lines="\n".join(lines))
        turn.replies.append(Reply(text, list_exit_buttons(turn, turn.client.id)))
    return bool(lines)


def welcome_respondent(turn: Turn, token: str) -> None:
    """/start mediation_<token>: the other side of a dispute."""
    try:
        open_invite(turn, token)
    except RuleBroken as error:
        turn.replies.append(explain(turn, error))


def _confirm_withdrawal(turn: Turn, mediation_id: int) -> None:
    mediation = turn.uow.mediations.get(mediation_id)
    if mediation.client_id != turn.client.id or not mediation.open:
        turn.say("utter_stale_button")
        return
    text = turn.library.wording.text("utter_mediation_confirm_withdrawal", reference=mediation.reference)
    turn.replies.append(Reply(text, act_buttons(turn, mediation, "withdrawn")))


def _confirm_quitting(turn: Turn, mediation_id: int) -> None:
    mediation = turn.uow.mediations.get(mediation_id)
    if mediation.respondent_client_id != turn.client.id or not mediation.open:
        turn.say("utter_stale_button")
        return
    text = turn.library.wording.text("utter_mediation_confirm_quitting", reference=mediation.reference)
    turn.replies.append(Reply(text, act_buttons(turn, mediation, "leave")))


def _show_invite(turn: Turn, mediation_id: int) -> None:
    links = turn.library.start_links(f"mediation_{invite_as_applicant(turn, mediation_id)}")
    turn.say("utter_mediation_invite", links="\n".join(links))


ACTS: dict[str, Callable[[Turn, int], object]] = {
    "withdraw": _confirm_withdrawal,
    "withdrawn": withdraw_mediation,
    "quit": _confirm_quitting,
    "leave": lambda turn, mediation_id: give_consent(turn, mediation_id, False),
    "invite": _show_invite,
    "consent": lambda turn, mediation_id: give_consent(turn, mediation_id, True),
    "decline": lambda turn, mediation_id: give_consent(turn, mediation_id, False),
    "wish": lambda turn, mediation_id: choose_confirmation(turn, mediation_id, True),
    "no_wish": lambda turn, mediation_id: choose_confirmation(turn, mediation_id, False),
    "yes": lambda turn, mediation_id: answer_followup(turn, mediation_id, "yes"),
    "partly": lambda turn, mediation_id: answer_followup(turn, mediation_id, "partly"),
    "no": lambda turn, mediation_id: answer_followup(turn, mediation_id, "no"),
}
