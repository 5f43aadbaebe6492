"""申请调解: a form that can be left at any time and resumed days later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions import mediation_reading as reading
from bot.domain.disputes import DISPUTES
from bot.domain.errors import RuleBroken
from bot.domain.messages import Button, Reply
from bot.services import mediation_form as form
from bot.services.mediation import apply_for_mediation
from bot.services.mediation_news import explain
from bot.services.status import show_unfinished
from bot.services.turn import Turn

Events = list[dict[str, Any]]
GO_ON = "接着填"  # “接着填调解申请” says already what would be asked
SLOTS = tuple(form.PREFIX + field for field in (*form.FIELDS, "check"))
MEDIATION_READERS: dict[str, Callable[[Turn, str], str | None]] = {
    "mediation_kind": reading.read_kind,
    "mediation_name": reading.read_name,
    "mediation_phone": reading.read_own_phone,
    "mediation_respondent": reading.read_respondent,
    "mediation_contact": reading.read_contact,
    "mediation_facts": reading.read_facts,
    "mediation_claim": reading.read_claim,
    "mediation_amount": reading.read_amount,
    "mediation_evidence": reading.read_evidence,
    "mediation_check": reading.read_check,
}
MEDIATION_FREE_TEXT = frozenset(f"mediation_{name}" for name in ("name", "respondent", "contact", "facts", "claim"))
# Answers that are buttons: the title is utter_mediation_button_<title>.
CHOICES = {
    "respondent": (("unknown", form.UNKNOWN),),
    "contact": (("unknown", form.UNKNOWN),),
    "amount": (("unknown", form.UNKNOWN),),
    "evidence": (("done", reading.DONE),),
}


def request_mediation(turn: Turn, tracker: Tracker) -> Events:
    """Begin, after registration if need be; who is filling it in is asked the question again."""
    goes_on = turn.text.strip() == GO_ON
    if turn.form == "mediation_form" or (turn.form and goes_on):
        return []
    if goes_on and tracker.slots.get("aid_side"):
        turn.say("utter_aid_resume")
        return []
    if not turn.client.registered:
        turn.say("utter_mediation_register_first")
        return [SlotSet("pending_service", "mediation"), FollowupAction("registration_form")]
    return begin_mediation(turn)


def begin_mediation(turn: Turn) -> Events:
    """A form begun earlier is offered first."""
    if form.find_answers(turn) and turn.text.strip().startswith(GO_ON):
        return [SlotSet("pending_service", None), *resume_form(turn)]
    if turn.text.strip() == GO_ON and show_unfinished(turn):  # of another kind
        return [SlotSet("pending_service", None)]
    if form.find_answers(turn):
        wording = turn.library.wording
        titles = [(name, wording.text(f"utter_mediation_button_{name}")) for name in ("resume", "restart")]
        rows = tuple((Button(title, f"mediate:{name}"),) for name, title in titles)
        turn.replies.append(Reply(wording.text("utter_mediation_draft"), rows))
        return [SlotSet("pending_service", None)]
    return start_form(turn)


def start_form(turn: Turn) -> Events:
    """The first question, nothing filled in."""
    form.clear_draft(turn)
    turn.say("utter_request_mediation")
    return [SlotSet("pending_service", None), *fill_slots({}), FollowupAction("mediation_form")]


def resume_form(turn: Turn) -> Events:
    """The first question that has no answer yet; the check page when all have."""
    answers = form.find_answers(turn)
    return [*fill_slots(answers), FollowupAction("mediation_form")] if answers else start_form(turn)


def edit_answer(turn: Turn, field: str) -> Events:
    """Ask one question again."""
    return [*fill_slots(form.drop_answer(turn, field)), FollowupAction("mediation_form")]


def fill_slots(answers: Mapping[str, str]) -> Events:
    """The slots of the form as these answers have them; the others empty."""
    return [SlotSet(slot, answers.get(slot.removeprefix(form.PREFIX))) for slot in SLOTS]


def ask_field(field: str) -> Callable[[Turn, Tracker], Events]:
    """The action that asks for one field: what was answered before is kept first."""

    def ask(turn: Turn, tracker: Tracker) -> Events:
        form.save_answers(turn, tracker.slots)
        turn.replies.append(question(turn, field))
        return []

    return ask


def question(turn: Turn, field: str) -> Reply:
    """A question of the form with its buttons."""
    wording = turn.library.wording
    if field == "check":
        return form.check_page(turn, form.find_answers(turn))
    if field == "kind":
        kinds = [Button(name, f"slot:mediation_kind={kind}") for kind, (name, _) in DISPUTES.items()]
        return Reply(wording.text("utter_mediation_ask_kind"), form.pair(kinds))
    photos = len(form.list_photos(turn)) if field == "evidence" else 0
    name = f"utter_mediation_ask_{field}" if not photos else "utter_mediation_ask_more_photos"
    buttons = [
        Button(wording.text(f"utter_mediation_button_{title}"), f"slot:mediation_{field}={value}")
        for title, value in CHOICES.get(field, ())
    ]
    return Reply(wording.text(name, photos=photos), tuple((button,) for button in buttons))


MEDIATION_QUESTIONS = {
    f"action_ask_mediation_form_mediation_{field}": ask_field(field) for field in (*form.FIELDS, "check")
}


def leave_mediation(turn: Turn, tracker: Tracker) -> Events | None:
    """先不填了: what was answered is kept; None when nothing was."""
    if turn.form != "mediation_form":
        return None
    form.save_answers(turn, tracker.slots)
    if not form.find_answers(turn):
        return None
    turn.say("utter_mediation_left")
    return fill_slots({})


def submit_mediation(turn: Turn, tracker: Tracker) -> Events:
    """Send the application, or show what can be changed."""
    if tracker.slots.get("mediation_check") != "submit":
        turn.replies.append(form.edit_page(turn))
        return [SlotSet("mediation_check", None)]
    answers = form.find_answers(turn)
    try:
        apply_for_mediation(turn, answers.get("kind", ""), form.read_content(answers, form.list_photos(turn)))
    except RuleBroken as error:  # the draft stays, so that it can be mended
        turn.replies.append(explain(turn, error))
        return fill_slots({})
    form.clear_draft(turn)
    return fill_slots({})
