"""Custom actions in the process: no action server, no HTTP, no schema check on every call.

Rasa makes actions in MessageProcessor._get_action; falin's processor returns these instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, FollowupAction, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk import Tracker

from bot.services.turn import Turn

Handler = Callable[[Turn, Tracker], list[dict[str, Any]]]
Reader = Callable[[Turn, str], str | None]


class TurnOutput(OutputChannel):  # type: ignore[misc]
    """Carries the turn to the actions. Replies gather in the turn; nothing is sent while Rasa runs."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.failure: Exception | None = None

    @classmethod
    def name(cls) -> str:
        return "falin"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Not used: utterances go through the turn's own wording."""


class TurnAction(Action):  # type: ignore[misc]
    """An action that writes to the turn. A failure ends the turn instead of passing silently."""

    def __init__(self, name: str, handler: Handler) -> None:
        self._name, self._handler = name, handler

    def name(self) -> str:
        return self._name

    async def run(
        self, output_channel: TurnOutput, nlg: Any, tracker: DialogueStateTracker, domain: Domain
    ) -> list[Event]:
        try:
            return [_event(e) for e in self._handler(output_channel.turn, sdk_tracker(tracker))]
        except Exception as error:  # Rasa would swallow it: the resident must not meet silence
            output_channel.failure = error
            return []


class TurnForm(FormAction):  # type: ignore[misc]
    """A Rasa form whose slots are validated, and asked for, in the process."""

    def __init__(self, name: str, readers: Mapping[str, Reader], get_action: Callable[[str], Action]) -> None:
        super().__init__(name, None)
        self._readers, self._get_action = readers, get_action

    async def run(
        self, output_channel: TurnOutput, nlg: Any, tracker: DialogueStateTracker, domain: Domain
    ) -> list[Event]:
        try:
            return list(await super().run(output_channel, nlg, tracker, domain))
        except ActionExecutionRejection:
            raise
        except Exception as error:
            output_channel.failure = error
            return []

    async def validate_slots(
        self, slot_candidates: dict[str, Any], tracker: Any, domain: Any, output_channel: TurnOutput, nlg: Any
    ) -> list[Event]:
        turn = output_channel.turn
        return [SlotSet(slot, self._read(turn, slot, value)) for slot, value in slot_candidates.items()]

    def _read(self, turn: Turn, slot: str, value: Any) -> Any:
        return self._readers[slot](turn, value) if value and slot in self._readers else value

    async def _ask_for_slot(
        self, domain: Any, nlg: Any, output_channel: Any, slot_name: str, tracker: Any
    ) -> list[Event]:
        name = self._name_of_utterance(domain, slot_name)
        assert name, f"nothing asks for {slot_name}"
        return list(await self._get_action(name).run(output_channel, nlg, tracker, domain))


def sdk_tracker(tracker: DialogueStateTracker) -> Tracker:
    """The tracker as rasa_sdk actions know it, without the events: serialising those costs the most."""
    message = tracker.latest_message
    latest = {"text": message.text, "intent": message.intent, "entities": message.entities} if message else {}
    return Tracker(
        tracker.sender_id,
        tracker.current_slot_values(),
        latest,
        [],
        False,
        None,
        {"name": tracker.active_loop_name},
        tracker.latest_action_name,
    )


def _event(event: dict[str, Any]) -> Event:
    """rasa_sdk's dictionaries as Rasa's events; the general resolver walks all subclasses each time."""
    if event["event"] == "slot":
        return SlotSet(event["name"], event["value"])
    if event["event"] == "followup":
        return FollowupAction(event["name"])
    return Event.from_parameters(event)
