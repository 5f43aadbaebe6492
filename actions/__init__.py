"""What falin does: one module per workflow. Each action reads slots, calls one service, says one thing.

An action is a function `(turn, tracker) -> events`, with rasa_sdk's tracker and events; it runs inside
the process and inside the turn's transaction (bot.assistant.in_process_actions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from actions.aid_questions import AID_READERS, AID_SLOTS, ask_aid
from actions.aiding import act_on_aid, restart_legal_aid, resume_legal_aid, start_legal_aid, submit_legal_aid
from actions.answering import answer_question, choose_entry, guide_emergency, show_articles
from actions.escalating import ask_status, read_deadline, read_name, request_adviser, submit_intake
from actions.greeting import greet_visitor
from actions.leaving import leave_form
from actions.mediating import (
    MEDIATION_FREE_TEXT,
    MEDIATION_QUESTIONS,
    MEDIATION_READERS,
    request_mediation,
    submit_mediation,
)
from actions.mediation_choices import choose_mediation
from actions.registering import (
    ask_client_kind,
    ask_community,
    forget_me,
    read_client_kind,
    read_community,
    read_consent,
    start_registration,
    submit_registration,
)
from actions.triaging import start_triaging, take_step
from bot.services.turn import Turn

HANDLERS = {
    "action_start": greet_visitor,
    "action_answer_question": answer_question,
    "action_choose_entry": choose_entry,
    "action_show_articles": show_articles,
    "action_guide_emergency": guide_emergency,
    "action_request_adviser": request_adviser,
    "action_submit_intake": submit_intake,
    "action_show_status": ask_status,
    "action_start_registration": start_registration,
    "action_ask_registration_form_community": ask_community,
    "action_ask_registration_form_client_kind": ask_client_kind,
    "action_submit_registration": submit_registration,
    "action_forget_me": forget_me,
    "action_start_triage": start_triaging,
    "action_take_triage_step": take_step,
    # mediation
    "action_request_mediation": request_mediation,
    "action_leave_form": leave_form,
    "action_submit_mediation": submit_mediation,
    "action_choose_mediation": choose_mediation,
    **MEDIATION_QUESTIONS,
    # legal aid
    "action_start_legal_aid": start_legal_aid,
    "action_resume_legal_aid": resume_legal_aid,
    "action_restart_legal_aid": restart_legal_aid,
    "action_submit_legal_aid": submit_legal_aid,
    "action_act_on_aid": act_on_aid,
    **{f"action_ask_legal_aid_form_{slot}": ask_aid for slot in AID_SLOTS},
}
# How each slot of a form is read from what was typed or pressed; None: not an answer to it.
READERS: dict[str, Mapping[str, Callable[[Turn, str], str | None]]] = {
    "registration_form": {
        "community": read_community,
        "client_kind": read_client_kind,
        "consent": read_consent,
    },
    "legal_aid_form": AID_READERS,
    "intake_form": {
        "intake_name": read_name,
        "intake_other_party": read_name,
        "intake_deadline": read_deadline,
    },
    "mediation_form": MEDIATION_READERS,
}
# Slots whose reader takes any words: an emergency, or a short request such as “取消”, is no answer to them.
INTAKE_FREE_TEXT = frozenset({"intake_name", "intake_other_party"})
FREE_TEXT = INTAKE_FREE_TEXT | MEDIATION_FREE_TEXT | {"aid_name", "aid_other", "aid_facts"}
# Slots that a photo or a file answers: the reader is given FILE, the turn has the attachment.
FILE_SLOTS: frozenset[str] = frozenset({"mediation_evidence", "aid_paper"})
