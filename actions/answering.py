"""Legal questions: answer, offer a choice, refer; emergencies first."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from bot.services.articles import show_article, show_entry_articles
from bot.services.consultations import answer_entry, offer_choice, refer_question, told_matter
from bot.services.consultations import guide_emergency as guide
from bot.services.turn import Turn

Events = list[dict[str, Any]]


def answer_question(turn: Turn, tracker: Tracker) -> Events:
    """A legal question: what is done follows from the decision."""
    found = turn.understanding
    assert found
    if found.decision == "answer" and answer_entry(turn, found.candidates[0].entry):
        pass
    elif found.decision == "clarify":
        offer_choice(turn, found)
    else:
        refer_question(turn, found)
        # What comes next (该找谁, a case) must not name a field that the referral did not.
        return remember_question(turn, told_matter(found))
    return remember_question(turn, found.matter)


def choose_entry(turn: Turn, tracker: Tracker) -> Events:
    """A button of a choice was pressed."""
    entry = next(tracker.get_latest_entity_values("chosen_entry"), "")
    if not answer_entry(turn, entry):
        turn.say("utter_stale_button")
        return []
    return [SlotSet("last_matter", turn.library.entries[entry].matter)]


def show_articles(turn: Turn, tracker: Tracker) -> Events:
    """看法条 was pressed: of an answer, or of one article."""
    entry = next(tracker.get_latest_entity_values("chosen_law"), "")
    article = next(tracker.get_latest_entity_values("chosen_article"), "")
    if not (show_entry_articles(turn, entry) if entry else show_article(turn, article)):
        turn.say("utter_stale_button")
    return []


def guide_emergency(turn: Turn, tracker: Tracker) -> Events:
    """First the number to call."""
    assert turn.understanding
    guide(turn, turn.understanding)
    return [*remember_question(turn, turn.understanding.matter), SlotSet("last_urgency", "urgent")]


def remember_question(turn: Turn, matter: str | None) -> Events:
    """Keep the words for an adviser, should one be wanted; they go with the conversation's state."""
    return [
        SlotSet("last_question", turn.text[:500]),
        SlotSet("last_matter", matter),
        SlotSet("last_urgency", None),
    ]
