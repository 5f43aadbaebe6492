"""该找谁: a few questions, then the right person or office."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from bot.domain.errors import NotFound
from bot.services.triage import answer_triage, matter_asked_about, start_triage
from bot.services.turn import Turn

Events = list[dict[str, Any]]


def start_triaging(turn: Turn, tracker: Tracker) -> Events:
    """Begin where the problem told just now, or before, belongs."""
    start_triage(turn, matter_asked_about(turn.understanding) or tracker.get_slot("last_matter"))
    return []


def take_step(turn: Turn, tracker: Tracker) -> Events:
    """A button of the triage was pressed: ask on, or recommend."""
    argument = next(tracker.get_latest_entity_values("chosen_step"), "")
    try:
        result = answer_triage(turn, argument, tracker.get_slot("last_matter"))
    except NotFound:
        turn.say("utter_stale_button")
        return []
    if result is None:
        return []
    urgency = [SlotSet("last_urgency", "urgent")] if result.urgent else []
    return [SlotSet("last_matter", result.matter), *urgency]
