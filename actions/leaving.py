"""取消: the form that waits is left; what can be kept of it is kept."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.aiding import leave_legal_aid
from actions.mediating import leave_mediation
from bot.services.turn import Turn

# Each keeps the answers of its own form and says so, or returns None.
KEEPERS = (leave_mediation, leave_legal_aid)


def leave_form(turn: Turn, tracker: Tracker) -> list[dict[str, Any]]:
    """Nothing goes on; a form that is kept says how to go on with it."""
    for keep in KEEPERS:
        if (events := keep(turn, tracker)) is not None:
            return events
    turn.say("utter_stopped")
    return []
