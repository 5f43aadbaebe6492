"""Registration in three taps, and being forgotten."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet

from actions.escalating import escalate
from actions.mediating import begin_mediation
from bot.domain.messages import Button, Reply
from bot.services.registration import forget_client, register_client
from bot.services.turn import Turn

Events = list[dict[str, Any]]
KIND_WORDS = {
    "resident": ("居民", "个人", "住户", "我自己"),
    "enterprise": ("企业", "公司", "个体", "商户", "小店", "开店"),
}
CONSENT_WORDS = {
    "yes": ("同意", "我同意", "同意的", "好", "好的", "可以", "行", "要得", "愿意", "是", "是的"),
    "no": ("不同意", "我不同意", "不", "不行", "不要", "不愿意", "不可以", "否"),
}
SHORT = 8  # characters: anything longer says more than one of the words


def start_registration(turn: Turn, tracker: Tracker) -> Events:
    """Begin anew, even when registered: people move."""
    return [*_clear_form(), FollowupAction("registration_form")]


def ask_community(turn: Turn, tracker: Tracker) -> Events:
    """One button per community of the street."""
    question = turn.library.wording.say("utter_ask_community")
    rows = tuple((Button(c.name, f"slot:community={c.id}"),) for c in turn.library.street.communities)
    turn.replies.append(Reply(question.text, (*rows, *question.buttons)))
    return []


def ask_client_kind(turn: Turn, tracker: Tracker) -> Events:
    """Resident or small enterprise, of the community just chosen."""
    community = turn.library.street.find_community(tracker.get_slot("community") or "")
    turn.say("utter_ask_client_kind", community=community.name if community else "")
    return []


def read_community(turn: Turn, said: str) -> str | None:
    """A community of this street, by id or name."""
    community = turn.library.street.find_community(said)
    return community.id if community else None


def read_client_kind(turn: Turn, said: str) -> str | None:
    """By button, or in the few words people use."""
    if said in KIND_WORDS:
        return said
    kinds = [kind for kind, words in KIND_WORDS.items() if any(word in said for word in words)]
    return kinds[0] if len(kinds) == 1 and len(said) <= SHORT else None


def read_consent(turn: Turn, said: str) -> str | None:
    """Only a clear yes or no counts."""
    return next((answer for answer, words in CONSENT_WORDS.items() if said == answer or said in words), None)


def submit_registration(turn: Turn, tracker: Tracker) -> Events:
    """Store the registration if consent was given; go on with what the client came for."""
    slots = tracker.slots
    if slots.get("consent") != "yes":
        turn.say("utter_registration_declined")
        return [*_clear_form(), SlotSet("pending_service", None)]
    register_client(turn, slots["community"], slots["client_kind"])
    community = turn.library.street.find_community(slots["community"])
    assert community
    if slots.get("pending_service"):
        turn.say("utter_registered_go_on", community=community.name)
    else:
        turn.say("utter_registered", community=community.name, adviser=turn.library.street.name_of(community.adviser))
    if slots.get("pending_service") == "adviser":
        return [*_clear_form(), *escalate(turn, tracker)]
    if slots.get("pending_service") == "mediation":
        return [*_clear_form(), *begin_mediation(turn)]
    if slots.get("pending_service") == "legal_aid":
        return [*_clear_form(), SlotSet("pending_service", None), FollowupAction("legal_aid_form")]
    return _clear_form()


def forget_me(turn: Turn, tracker: Tracker) -> Events:
    """Erase, at once and without asking back twice."""
    forget_client(turn)
    turn.say("utter_forgotten")
    return [
        SlotSet(name, None) for name in tracker.slots if name not in ("requested_slot", "session_started_metadata")
    ]


def _clear_form() -> Events:
    return [SlotSet(name, None) for name in ("community", "client_kind", "consent")]
