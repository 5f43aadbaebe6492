"""A triage's recommendation as it stands on a phone: who, why, how to get there, until when, and its buttons."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.messages import Button, Reply
from bot.domain.triage import Recommendation, Route, is_urgent
from bot.knowledge.answers import cite
from bot.knowledge.citations import Citation
from bot.knowledge.wording import PLACEHOLDER
from bot.services.turn import Library

# The request that starts a service; the button's title is utter_triage_to_<service>.
INTENTS = {"adviser": "request_adviser", "mediation": "request_mediation", "legal_aid": "request_legal_aid"}
Row = tuple[Button, ...]


def recommendation_reply(step: Recommendation, library: Library) -> Reply:
    """The recommended route, or the other one that was pressed; the rest as buttons."""
    leaf = step.leaf
    routes = list_available([library.triage.routes[name] for name in leaf.routes], library)
    chosen = next((route for route in routes if route.id == step.route), routes[0])
    urgent = is_urgent(leaf, step.elapsed)
    if chosen is routes[0]:
        parts = [*_opening(step, urgent, library), *_recommended(step, chosen, library)]
    else:
        parts = _other_route(step, chosen, library)
    # When days count the adviser is one tap away, whatever is recommended.
    service = chosen.service or ("adviser" if urgent else "")
    start = _service_button(service, library)
    dial = tuple((Button(f"{what} {number}", url=f"tel:{number}"),) for number, what in chosen.call)
    others = [r for r in routes if r is not chosen and not (service == r.service == "adviser")]
    rows = (*dial, *start) if urgent else (*start, *dial)
    buttons = (*rows, *(_other_button(step, route, library) for route in others), *again_buttons(library))
    return Reply("\n".join((*parts, library.wording.text("utter_triage_note"))), buttons)


def list_available(routes: Iterable[Route], library: Library) -> list[Route]:
    """The routes this street has: a mediation room only where a mediator has one."""
    return [route for route in routes if not route.needs_room or _room(library)]


def again_buttons(library: Library) -> tuple[Row, ...]:
    """The button that begins anew with another problem."""
    return ((Button(library.wording.text("utter_triage_again"), f"triage:{library.triage.first}"),),)


def _opening(step: Recommendation, urgent: bool, library: Library) -> list[str]:
    if step.leaf.first:
        return [library.wording.text("utter_triage_first", first=step.leaf.first)]
    return [library.wording.text("utter_triage_urgent")] if urgent else []


def _recommended(step: Recommendation, route: Route, library: Library) -> list[str]:
    leaf, wording = step.leaf, library.wording
    # The leaf knows best until when its first choice is possible.
    period = leaf.deadline or route.period
    parts = [wording.text("utter_triage_route", title=route.title, why=leaf.why, does=route.does)]
    parts += _how(route, library)
    in_danger = leaf.urgent and leaf.first  # then nobody reads about fees
    if not in_danger:
        parts += _handling(route, library)
    if period:
        parts.append(wording.text("utter_triage_deadline", deadline=period.text))
    if route.cannot and not in_danger:
        parts.append(wording.text("utter_triage_cannot", cannot=route.cannot))
    return [*parts, *_basis((*leaf.basis, *(period.basis if period else ()), *route.basis), library)]


def _other_route(step: Recommendation, route: Route, library: Library) -> list[str]:
    wording = library.wording
    period = route.period or step.leaf.deadline
    parts = [wording.text("utter_triage_other_route", title=route.title, does=route.does, when=route.when)]
    parts += [*_how(route, library), *_handling(route, library)]
    if period:
        parts.append(wording.text("utter_triage_deadline", deadline=period.text))
    if route.cannot:
        parts.append(wording.text("utter_triage_cannot", cannot=route.cannot))
    return [*parts, *_basis((*(period.basis if period else ()), *route.basis), library)]


def _how(route: Route, library: Library) -> list[str]:
    street, wording = library.street, library.wording
    values = {"office": street.office, "phone": street.phone, "hours": street.hours, "room": _room(library)}
    contact = PLACEHOLDER.sub(lambda m: values[m[1]], route.contact)
    parts = [wording.text("utter_triage_contact", contact=contact)]
    return [*parts, wording.text("utter_triage_papers", papers="、".join(route.papers))] if route.papers else parts


def _handling(route: Route, library: Library) -> list[str]:
    handling = "；".join(filter(None, (route.cost, route.takes)))
    return [library.wording.text("utter_triage_handling", handling=handling)] if handling else []


def _basis(sources: Iterable[tuple[str, tuple[int, int]]], library: Library) -> list[str]:
    basis = cite(tuple(Citation(law, article) for law, article in sources))
    return [library.wording.text("utter_triage_basis", basis=basis)] if basis else []


def _room(library: Library) -> str:
    return "、".join(member.room for member in library.street.list_members("mediator") if member.room)


def _service_button(service: str, library: Library) -> tuple[Row, ...]:
    if not service:
        return ()
    return ((Button(library.wording.text(f"utter_triage_to_{service}"), f"intent:{INTENTS[service]}"),),)


def _other_button(step: Recommendation, route: Route, library: Library) -> Row:
    title = library.wording.text("utter_triage_or", title=route.title)
    return (Button(title, f"triage:{step.leaf.id}/{route.id}"),)
