"""Triage: ask a few questions, then recommend a person or an office and say why."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.decisions import Understanding
from bot.domain.errors import NotFound
from bot.domain.messages import Button, Reply
from bot.domain.triage import Leaf, Node, Route, Step, button_argument, is_urgent
from bot.knowledge.answers import cite
from bot.knowledge.citations import Citation
from bot.knowledge.wording import PLACEHOLDER
from bot.services.consultations import count_consultation
from bot.services.turn import Library, Turn

SURE = 0.5  # confidence from which a problem told in the same sentence decides where to begin
# The request that starts a service; the button's title is utter_triage_to_<service>.
INTENTS = {"adviser": "request_adviser", "mediation": "request_mediation", "legal_aid": "request_legal_aid"}


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
    if step.node is not None:
        turn.replies.append(question_reply(step.node, turn.library))
        return None
    assert step.leaf is not None
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
        return _available([triage.routes[name] for name in entry.route if name in triage.routes], library)
    start = triage.find_start(subject)
    return _available(triage.list_routes(start.id), library) if start else []


def question_reply(node: Node, library: Library) -> Reply:
    """A question and its answers; another problem can be chosen at any time."""
    unknown = library.wording.text("utter_triage_unknown")
    rows = [(Button(o.title or unknown, f"triage:{button_argument(o)}"),) for o in node.options]
    return Reply(node.ask, (*rows, *_again(library, node.id)))


def recommendation_reply(step: Step, library: Library) -> Reply:
    """Who, why, how to get there, until when; then the buttons that start it."""
    leaf = step.leaf
    assert leaf is not None
    routes = _available([library.triage.routes[name] for name in leaf.routes], library)
    chosen = next((route for route in routes if route.id == step.route), routes[0])
    urgent = is_urgent(leaf, step.elapsed)
    parts = [*_opening(leaf, urgent, library), *_route_parts(leaf, chosen, chosen is routes[0], library)]
    others = [(_other_button(leaf, route, library),) for route in routes if route is not chosen]
    buttons = (*_start_buttons(chosen, urgent, library), *others, *_again(library))
    return Reply("\n".join(parts), buttons)


def _available(routes: list[Route], library: Library) -> list[Route]:
    return [route for route in routes if not route.needs_room or _room(library)]


def _room(library: Library) -> str:
    return "、".join(m.room for m in library.street.list_members("mediator") if m.room)


def _opening(leaf: Leaf, urgent: bool, library: Library) -> list[str]:
    if leaf.first:
        return [library.wording.text("utter_triage_first", first=leaf.first)]
    return [library.wording.text("utter_triage_urgent")] if urgent else []


def _route_parts(leaf: Leaf, route: Route, recommended: bool, library: Library) -> list[str]:
    wording = library.wording
    if recommended:
        parts = [wording.text("utter_triage_route", title=route.title, why=leaf.why, does=route.does)]
    else:
        parts = [wording.text("utter_triage_other_route", title=route.title, does=route.does, when=route.when)]
    parts.append(wording.text("utter_triage_contact", contact=_contact(route, library)))
    if route.papers:
        parts.append(wording.text("utter_triage_papers", papers="、".join(route.papers)))
    if handling := "；".join(filter(None, (route.cost, route.takes))):
        parts.append(wording.text("utter_triage_handling", handling=handling))
    period = leaf.deadline or route.period
    if period:
        parts.append(wording.text("utter_triage_deadline", deadline=period.text))
    if route.cannot:
        parts.append(wording.text("utter_triage_cannot", cannot=route.cannot))
    sources = (*(leaf.basis if recommended else ()), *(period.basis if period else ()), *route.basis)
    if sources:
        basis = cite(tuple(Citation(*source) for source in sources))
        parts.append(wording.text("utter_triage_basis", basis=basis))
    return [*parts, wording.text("utter_triage_note")]


def _contact(route: Route, library: Library) -> str:
    street = library.street
    values = {"office": street.office, "phone": street.phone, "hours": street.hours, "street": street.name}
    return PLACEHOLDER.sub(lambda m: {**values, "room": _room(library)}[m[1]], route.contact)


def _start_buttons(route: Route, urgent: bool, library: Library) -> list[tuple[Button, ...]]:
    dial = [(Button(f"{what} {number}", url=f"tel:{number}"),) for number, what in route.call]
    service = route.service or ("adviser" if urgent else "")
    if not service:
        return dial
    title = library.wording.text(f"utter_triage_to_{service}")
    start = (Button(title, f"intent:{INTENTS[service]}"),)
    return [*dial, start] if urgent else [start, *dial]


def _other_button(leaf: Leaf, route: Route, library: Library) -> Button:
    return Button(library.wording.text("utter_triage_or", title=route.title), f"triage:{leaf.id}/{route.id}")


def _again(library: Library, current: str = "") -> list[tuple[Button, ...]]:
    first = library.triage.first
    title = library.wording.text("utter_triage_again")
    return [(Button(title, f"triage:{first}"),)] if current != first else []
