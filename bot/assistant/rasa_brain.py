"""The Rasa agent as falin uses it: one message in, replies in the turn, conversation state out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("LOG_LEVEL", "WARNING")  # also silences progress bars of the training

from rasa.core.actions.action import Action, default_actions
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name
from rasa.utils.log_utils import configure_structlog

from bot.assistant.conversation_store import ConversationStore, tracker_from_state
from bot.assistant.graph_runner import SequentialGraphRunner
from bot.assistant.in_process_actions import Handler, Reader, TurnAction, TurnForm, TurnOutput, sdk_tracker
from bot.assistant.reading import Reading
from bot.domain.decisions import Understanding
from bot.domain.messages import FILE
from bot.services.turn import Turn

# A request for a service of at most so many characters leaves a question that takes any words.
SHORT_REQUEST = 10
SURE = 0.5
# Answers to a question of a form, whatever else they might ask for on their own.
NO_KNOWLEDGE = frozenset({"不知道", "不清楚", "不晓得", "不记得", "说不清", "没有", "没得", "无", "跳过", "不说", "不想说"})
# What ends a form instead of waiting beside it.
LEAVES_FORM = frozenset({"stop", "goodbye", "confirm_forget"})
# While a form asks, these are neither an answer nor a question of their own.
NO_ANSWER = frozenset({"out_of_scope", "affirm", "deny", "register"})
# What asks back with buttons of its own: the form's question must not come after it.
ASKS_BACK = frozenset({"forget_me"})
# Voice typing ends every answer with a full stop.
CLOSING_MARKS = "。．.，,！!；;～~ "


def quiet_logging() -> None:
    """At DEBUG and INFO Rasa logs what people said: nothing below WARNING is let through."""
    logging.getLogger().setLevel(logging.WARNING)
    for name in ("rasa", "jieba", "tensorflow", "matplotlib", "httpx", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    configure_structlog(logging.WARNING)


def turn_shape(tracker: DialogueStateTracker) -> Hashable:
    """All that a rule can see of a turn: intents, entities' names, actions and loops; no words, no values."""
    shape: list[Hashable] = [tracker.get_slot("requested_slot")]
    for event in tracker.events:
        if isinstance(event, UserUttered):
            shape.append((event.intent_name, *sorted(entity["entity"] for entity in event.entities)))
        elif isinstance(event, ActionExecuted):
            shape.append(event.action_name)
        elif not isinstance(event, SlotSet):  # slots do not influence the conversation (tests hold that)
            shape.append((event.type_name, getattr(event, "name", None), getattr(event, "is_interrupted", None)))
    return tuple(shape)


class FalinProcessor(MessageProcessor):  # type: ignore[misc]
    """Rasa's message processor with actions that run in the process."""

    def __init__(
        self, model: Path, handlers: Mapping[str, Handler], readers: Mapping[str, Mapping[str, Reader]]
    ) -> None:
        empty = Domain.empty()
        super().__init__(
            str(model), InMemoryTrackerStore(empty), InMemoryLockStore(), TemplatedNaturalLanguageGenerator({})
        )
        self.tracker_store = self.conversations = ConversationStore(self.domain)
        self._handlers, self._readers = handlers, readers
        self._defaults = {action.name(): action for action in default_actions()}
        self._predictions: dict[Hashable, PolicyPrediction] = {}
        self._action = lru_cache(maxsize=None)(self._make_action)
        if missing := [
            name for name in self.domain.user_actions if name.startswith("action_") and name not in handlers
        ]:
            raise RuntimeError(f"domain.yml names actions that actions/ does not have: {', '.join(missing)}")

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        """As Rasa's, with a runner that costs less per message."""
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, SequentialGraphRunner
            )
        return Path(model_path).name, metadata, runner

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        """As Rasa's, remembered: with no history, rules depend on nothing but the shape of this turn."""
        if tracker.followup_action:
            return super()._predict_next_with_tracker(tracker)
        shape = turn_shape(tracker)
        if shape not in self._predictions:
            self._predictions[shape] = super()._predict_next_with_tracker(tracker)
        return self._predictions[shape]

    def ask(self, turn: Turn, form: str, slot: str, state: dict[str, Any]) -> dict[str, Any]:
        """Ask for a slot of a form once more; the slots that asking has set. Raises whatever the asking action raises."""
        name = f"action_ask_{form}_{slot}"
        if name not in self._handlers:
            question = f"utter_ask_{slot}"
            turn.say(question)
            return {}
        tracker = tracker_from_state(str(turn.client.id), state, self.domain)
        events = self._handlers[name](turn, sdk_tracker(tracker))
        return {event["name"]: event["value"] for event in events if event["event"] == "slot"}

    def _get_action(self, action_name: str) -> Action:
        return self._action(action_name)

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """As Rasa's, which makes the action past _get_action."""
        if self.is_action_limit_reached(tracker, should_predict_another_action=True):
            raise ActionLimitReached("too many actions in one turn")
        prediction = self._predict_next_with_tracker(tracker)
        name = self.domain.action_names_or_texts[prediction.max_confidence_index]
        return self._get_action(name), prediction

    def _make_action(self, name: str) -> Action:
        if name in self._handlers:
            return TurnAction(name, self._handlers[name])
        if name in self.domain.form_names:
            return TurnForm(name, self._readers.get(name, {}), self._get_action)
        if name.startswith("utter_"):
            return TurnAction(name, lambda turn, _: turn.say(name) or [])  # type: ignore[func-returns-value]
        if name in self._defaults:
            return self._defaults[name]
        raise RuntimeError(f"the model predicts {name}, which falin does not have")


class RasaBrain:
    """Implements bot.assistant.assistant.Brain on a trained model.

    Args:
        model: a Rasa model file.  handlers: custom actions by name.  readers: form → slot → how it is read.
        free_text, file_slots: see actions.FREE_TEXT and actions.FILE_SLOTS.
    """

    def __init__(
        self,
        model: Path,
        handlers: Mapping[str, Handler],
        readers: Mapping[str, Mapping[str, Reader]],
        free_text: Collection[str] = (),
        file_slots: Collection[str] = (),
    ) -> None:
        quiet_logging()
        self._readers, self._free_text, self._file_slots = readers, free_text, file_slots
        self._processor = FalinProcessor(model, handlers, readers)
        self._loop = asyncio.new_event_loop()  # Rasa's methods are coroutines that never wait

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        """Run one turn; replies gather in `turn`.

        Returns:
            The conversation's new state.

        Raises:
            Exception: whatever an action raised; the caller rolls back.
        """
        state = state or {}
        parse_data = self._parse(self._read_answer(turn, reading, state))
        turn.understanding = parse_data.get("understanding")
        turn.form = state.get("active_loop") or ""
        intent = parse_data["intent"]["name"]
        if not state.get("active_loop") or intent == "inform":
            return self._run(turn, parse_data, state)
        if intent in LEAVES_FORM:
            return self._run(turn, parse_data, without_form(state))
        return self._answer_between(turn, parse_data, state)

    def _run(self, turn: Turn, parse_data: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        output = TurnOutput(turn)
        message = UserMessage(turn.text, output, str(turn.client.id), parse_data, turn.client.channel)
        conversations = self._processor.conversations
        conversations.begin(state)
        self._loop.run_until_complete(self._processor.handle_message(message))
        if output.failure:
            raise output.failure
        return conversations.saved

    def _answer_between(self, turn: Turn, parse_data: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        """While a form waits for its answer something else is asked: answered as ever, then the form asks again.

        So no form needs rules for what may come in between.
        """
        form, slot, intent = state["active_loop"], requested_slot(state), parse_data["intent"]["name"]
        if intent in NO_ANSWER or turn.text.strip(CLOSING_MARKS) in NO_KNOWLEDGE:
            if turn.text:  # “不删”, pressed, only leads back to the question
                turn.say("utter_not_a_choice")
            after = without_form(state)
        else:
            after = self._run(turn, parse_data, without_form(state))
        if after.get("active_loop"):  # another form has begun
            return after
        waiting = {"slots": {**after["slots"], "requested_slot": slot}, "active_loop": form}
        if intent == "crisis":  # nobody in danger is to feel pressed by a form
            turn.say("utter_when_safe")
        if intent not in ASKS_BACK:
            waiting["slots"].update(self._processor.ask(turn, form, slot, waiting))
        return waiting

    def _read_answer(self, turn: Turn, reading: Reading, state: dict[str, Any]) -> Reading:
        """While a form asks for a slot, words that answer it are that answer and nothing else."""
        slot = requested_slot(state)
        read = self._readers.get(state.get("active_loop") or "", {}).get(slot)
        words = FILE if turn.attachment and slot in self._file_slots else reading.words.strip().rstrip(CLOSING_MARKS)
        value = read(turn, words) if read and words else None
        free = slot in self._free_text and words != FILE
        if not value or (free and self._leaves_form(words)):
            return reading
        return Reading(intent="inform", slots={slot: value})

    def _leaves_form(self, words: str) -> bool:
        """Whether words that a question would take are something else: an emergency, or a short request."""
        if words in NO_KNOWLEDGE:
            return False
        found = self.understand(words)
        request = found.decision == "service" and found.confidence >= SURE and len(words) <= SHORT_REQUEST
        return found.decision == "crisis" or request

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        """Whether a form asks for a photo or file now."""
        return requested_slot(state or {}) in self._file_slots

    def understand(self, text: str) -> Understanding:
        """The decision about a text, without a turn."""
        return self._parse(Reading(words=text))["understanding"]  # type: ignore[no-any-return]

    def _parse(self, reading: Reading) -> dict[str, Any]:
        if reading.intent:
            entities = [{"entity": name, "value": value} for name, value in reading.slots.items()]
            intent = reading.intent if reading.intent in self._processor.domain.intents else "unknown_choice"
            return {"text": "", "intent": {"name": intent, "confidence": 1.0}, "entities": entities}
        parsing = self._processor.parse_message(UserMessage(reading.words))
        return dict(self._loop.run_until_complete(parsing))


def requested_slot(state: dict[str, Any]) -> str:
    """The slot that the active form asks for; "" without a form."""
    return str((state.get("active_loop") and state.get("slots", {}).get("requested_slot")) or "")


def without_form(state: dict[str, Any]) -> dict[str, Any]:
    """The same conversation with no form active."""
    slots = {name: value for name, value in state.get("slots", {}).items() if name != "requested_slot"}
    return {"slots": slots, "active_loop": None}


def warm_up(brain: RasaBrain) -> None:
    """Load what is loaded on first use, so that the first resident does not wait for it."""
    brain.understand("你好")
