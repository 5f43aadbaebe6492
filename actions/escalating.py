"""转人工: to a person. A few questions first, each of which may be skipped; none when it is urgent."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.mediation_choices import show_mediations
from bot.domain.calendar import beijing_day
from bot.services.aid_talk import say_aid_status
from bot.services.handoff import Intake, open_case
from bot.services.status import say_opened, show_status, show_unfinished
from bot.services.turn import Turn

Events = list[dict[str, Any]]
INTAKE = ("intake_name", "intake_other_party", "intake_deadline")
SKIP = "skip"
SKIP_WORDS = frozenset({"跳过", "不说", "不想说", "没有", "无", "不知道", "不清楚", "没得", "不晓得"})
LONGEST_NAME = 40
NEAR_DAYS = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3}


def request_adviser(turn: Turn, tracker: Tracker) -> Events:
    """Registration and intake first, if need be; an urgent matter goes to a person at once."""
    if not turn.client.registered:
        turn.say("utter_register_first")
        return [SlotSet("pending_service", "adviser"), FollowupAction("registration_form")]
    return escalate(turn, tracker)


def escalate(turn: Turn, tracker: Tracker) -> Events:
    """Ask what the adviser must know, or open the case at once when it is urgent or open already."""
    urgent = tracker.slots.get("last_urgency") == "urgent"
    if urgent or turn.uow.cases.find_open(turn.client.id):
        return submit_intake(turn, tracker)
    cleared = [SlotSet(name, None) for name in INTAKE]
    return [*cleared, SlotSet("pending_service", None), FollowupAction("intake_form")]


def submit_intake(turn: Turn, tracker: Tracker) -> Events:
    """Open the case and tell what happens next."""
    slots = tracker.slots
    said = {name: slots.get(name) or SKIP for name in INTAKE}
    deadline = date.fromisoformat(said["intake_deadline"]) if said["intake_deadline"] != SKIP else None
    intake = Intake(
        name="" if said["intake_name"] == SKIP else said["intake_name"],
        other_party="" if said["intake_other_party"] == SKIP else said["intake_other_party"],
        deadline=deadline,
    )
    case, new = open_case(
        turn, slots.get("last_question") or "", slots.get("last_matter"), slots.get("last_urgency") or "normal", intake
    )
    say_opened(turn, case, new=new)
    return [SlotSet("pending_service", None), *(SlotSet(name, None) for name in INTAKE)]


def read_name(turn: Turn, said: str) -> str | None:
    """A name, or that there is none to tell."""
    if said in SKIP_WORDS or said == SKIP:
        return SKIP
    return said if len(said) <= LONGEST_NAME else None


def read_deadline(turn: Turn, said: str) -> str | None:
    """The day a period ends, ISO: 后天, a number of days, 12月3日, 2026-12-03; or that there is none."""
    if said in SKIP_WORDS or said == SKIP:
        return SKIP
    today = beijing_day(turn.now)
    if said in NEAR_DAYS:
        return (today + timedelta(days=NEAR_DAYS[said])).isoformat()
    if found := re.fullmatch(r"(?:还有|还剩)?(\d{1,3})天?(?:以内|之内|内)?", said):
        return (today + timedelta(days=int(found[1]))).isoformat()
    numbers = [int(n) for n in re.findall(r"\d+", said)]
    if not re.fullmatch(r"(?:\d{4}\s*[年./-]\s*)?\d{1,2}\s*[月./-]\s*\d{1,2}\s*[日号]?", said):
        return None
    try:
        day = date(*numbers) if len(numbers) == 3 else date(today.year, *numbers)
        if len(numbers) == 2 and day < today - timedelta(days=180):
            day = date(today.year + 1, *numbers)
    except ValueError:
        return None
    return day.isoformat()


def ask_status(turn: Turn, tracker: Tracker) -> Events:
    """Where each of the client's cases stands."""
    others = [show_mediations(turn), say_aid_status(turn), show_unfinished(turn)]
    if not any(others) or turn.uow.cases.list_for_client(turn.client.id):
        show_status(turn)
    return []
