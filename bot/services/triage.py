"""Triage: ask a few questions, then recommend a person or an office and say why."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.decisions import Understanding
from bot.domain.errors import NotFound
from bot.domain.messages import Button, Reply
from bot.domain.triage import Node, Route, button_argument, is_urgent
from bot.services.consultations import count_consultation
from bot.services.recommendation import again_buttons, list_available, recommendation_reply
from bot.services.turn import Library, Turn

SURE = 0.9  # confidence from which a problem told in the same sentence decides where to begin


@dataclass(frozen=True)
class Recommended:
    """What was recommended. Args: matter: what it was counted under.  urgent: hours or days count."""

    matter: str
    urgent: bool


def start_triage(turn: Turn, matter: str | None) -> None:
    """Ask the first question about a matter; about the field when the matter is not known."""
    triage, wording = turn.library.triage, turn.library.wording
    node = triage.find_start(matter)
    if node is None:
        turn.say("utter_refer_unknown")
        return
    if node.id == triage.first:
        lead = wording.text("utter_request_triage")
    else:
        lead = wording.text("utter_triage_of_matter", matter=turn.library.matter_title(matter))
    question = question_reply(node, turn.library)
    turn.replies.append(Reply(f"{lead}\n{question.text}", question.buttons))


def answer_triage(turn: Turn, argument: str, asked: str | None = None) -> Recommended | None:
    """Go on with what a button names: a question (None), or a recommendation, counted as referred.

    Args:
        argument: see Triage.find_step.  asked: the matter the client asked about before.

    Raises:
        NotFound: no such step, or no longer.
    """
    triage = turn.library.triage
    step = triage.find_step(argument)
    if step is None:
        raise NotFound("no such step of the triage")
    if isinstance(step, Node):
        turn.replies.append(question_reply(step, turn.library))
        return None
    turn.replies.append(recommendation_reply(step, turn.library))
    matter = triage.find_matter(step.leaf, asked)
    count_consultation(turn, matter, "referred")
    return Recommended(matter, is_urgent(step.leaf, step.elapsed))


def matter_asked_about(understanding: Understanding | None) -> str | None:
    """The matter of a problem told together with the request; None when none was, or not surely."""
    best = understanding.candidates[0] if understanding and understanding.candidates else None
    return best.entry.split(".")[0] if best and best.confidence >= SURE else None


def recommend_routes(library: Library, subject: str) -> list[Route]:
    """Where a knowledge entry, or else a matter, leads; best first, without what this street does not have."""
    triage = library.triage
    if entry := library.entries.get(subject):
        return list_available([triage.routes[name] for name in entry.route if name in triage.routes], library)
    start = triage.find_start(subject)
    return list_available(triage.list_routes(start.id), library) if start else []


def question_reply(node: Node, library: Library) -> Reply:
    """A question and its answers; another problem can be chosen at any time."""
    unknown = library.wording.text("utter_triage_unknown")
    rows = [(Button(o.title or unknown, f"triage:{button_argument(o)}"),) for o in node.options]
    again = again_buttons(library) if node.id != library.triage.first else ()
    return Reply(node.ask, (*rows, *again))
