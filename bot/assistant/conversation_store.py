"""Rasa's tracker, reduced to what the next turn needs: slots and the active form.

falin keeps no history of events. A turn costs the same after a thousand turns as after one, and what
people said is not kept anywhere. The state travels in the turn's own transaction, so Rasa's store
only hands it over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

State = dict[str, Any]


class ConversationStore(TrackerStore):  # type: ignore[misc]
    """Holds the state of the one conversation whose turn it is."""

    def __init__(self, domain: Domain) -> None:
        super().__init__(domain)
        self._loaded: State = {}
        self.saved: State = {}

    def begin(self, state: State | None) -> None:
        """Take over the state before the turn."""
        self._loaded, self.saved = state or {}, {}

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A tracker in the loaded state, listening."""
        return tracker_from_state(sender_id, self._loaded, self.domain)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Note the state after the turn."""
        self.saved = state_of_tracker(tracker)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """As retrieve: there is no more."""
        return await self.retrieve(conversation_id)

    async def keys(self) -> Iterable[str]:
        """None: conversations are listed by bot.storage."""
        return []


def tracker_from_state(sender_id: str, state: State, domain: Domain) -> DialogueStateTracker:
    """Rebuild the tracker: the active form first, then slots, then listening."""
    tracker = DialogueStateTracker(sender_id, domain.slots)
    if loop := state.get("active_loop"):
        tracker.update(ActionExecuted(loop), domain)
        tracker.update(ActiveLoop(loop), domain)
    for name, value in state.get("slots", {}).items():
        if name in tracker.slots:  # a slot that a newer domain no longer has is dropped
            tracker.update(SlotSet(name, value), domain)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), domain)
    return tracker


def state_of_tracker(tracker: DialogueStateTracker) -> State:
    """The opposite of tracker_from_state."""
    slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None}
    return {"slots": slots, "active_loop": tracker.active_loop_name}
