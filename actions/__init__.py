"""What falin does: one module per workflow. Each action reads slots, calls one service, says one thing.

An action is a function `(turn, tracker) -> events`, with rasa_sdk's tracker and events; it runs inside
the process and inside the turn's transaction (bot.assistant.in_process_actions).
"""

from __future__ import annotations

from actions.answering import answer_question, choose_entry, guide_emergency, show_articles
from actions.escalating import ask_status, read_deadline, read_name, request_adviser, submit_intake
from actions.greeting import greet_visitor
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
}
# How each slot of a form is read from what was typed or pressed; None: not an answer to it.
READERS = {
    "registration_form": {
        "community": read_community,
        "client_kind": read_client_kind,
        "consent": read_consent,
    },
    "intake_form": {
        "intake_name": read_name,
        "intake_other_party": read_name,
        "intake_deadline": read_deadline,
    },
}
# Slots whose reader takes any words: an emergency, or a short request such as “取消”, is no answer to them.
FREE_TEXT = frozenset({"intake_name", "intake_other_party"})
# Slots that a photo or a file answers: the reader is given FILE, the turn has the attachment.
FILE_SLOTS: frozenset[str] = frozenset()
