"""Triage: from a matter, by a few questions, to the right person or office.

A graph of questions (`Node`) whose options lead on to questions or to a `Leaf`, the recommendation. Nothing is
remembered between two questions: each button carries the id of what comes next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.matters import UNKNOWN_MATTER

Source = tuple[str, tuple[int, int]]  # a law's title, and its article: number, and 1 for 之一
NEAR_DAYS = 15  # a period with no more days left than these is urgent
SERVICES = ("adviser", "mediation", "legal_aid")
STEP = re.compile(r"(?P<leaf>[a-z0-9_]+)(?:@(?P<days>[0-9]{1,3})|/(?P<route>[a-z_]+))?")


@dataclass(frozen=True)
class Rule:
    """A period. Args: text: as the resident reads it.  basis: articles.  days: its length where days decide."""

    text: str
    basis: tuple[Source, ...]
    days: int | None = None


@dataclass(frozen=True)
class Route:
    """A person or office.

    Args:
        id, title: permanent id (the `route` of knowledge entries); name.
        does, when, cannot: what it does, when to choose it, when it is not possible ("" if always).
        contact: how to get there; may name {office}, {phone}, {hours}, {room} of the street.
        call: (number, what for).  papers: to bring.  cost, takes: "" where nothing can be said for certain.
        basis: articles this rests on.  period: until when, unless the leaf knows better.
        service: the service of falin that starts it, one of SERVICES; "" when none does.
        needs_room: exists only where the street has a mediator with a room.
    """

    id: str
    title: str
    does: str
    when: str
    contact: str
    cannot: str = ""
    call: tuple[tuple[str, str], ...] = ()
    papers: tuple[str, ...] = ()
    cost: str = ""
    takes: str = ""
    basis: tuple[Source, ...] = ()
    period: Rule | None = None
    service: str = ""
    needs_room: bool = False


@dataclass(frozen=True)
class Option:
    """An answer. Args: title: "" for 不清楚.  to: node or leaf.  elapsed: days that have passed at most."""

    title: str
    to: str
    elapsed: int | None = None


@dataclass(frozen=True)
class Node:
    """A question. The last option is 不清楚: not to know is an answer."""

    id: str
    ask: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Leaf:
    """A recommendation.

    Args:
        routes: ids, the first is recommended.  why: one sentence that begins with 因为.
        first: what to do before anything else.  deadline: takes the place of the route's period.
        basis: articles `why` rests on.  urgent: whatever the deadline.
        matter: what it is counted as when several matters are equally near; "" for the nearest.
    """

    id: str
    routes: tuple[str, ...]
    why: str
    first: str = ""
    matter: str = ""
    deadline: Rule | None = None
    basis: tuple[Source, ...] = ()
    urgent: bool = False


@dataclass(frozen=True)
class Recommendation:
    """A leaf as a button names it. Args: route: another one than the first.  elapsed: days that have passed at most."""

    leaf: Leaf
    route: str = ""
    elapsed: int | None = None


@dataclass(frozen=True)
class Triage:
    """The whole graph. Args: starts: matter id → node id.  first: the node that asks for the field."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)
    first: str = ""

    def find_start(self, matter: str | None) -> Node | None:
        """Where a matter begins; the first question for an unknown one; None for an empty graph."""
        known = matter if matter and matter != UNKNOWN_MATTER else ""
        return self.nodes.get(self.starts.get(known, self.first))

    def find_step(self, argument: str) -> Node | Recommendation | None:
        """Read a button's argument: "<node>", "<leaf>", "<leaf>@<days elapsed>" or "<leaf>/<route>"."""
        if node := self.nodes.get(argument):
            return node
        match = STEP.fullmatch(argument)
        leaf = self.leaves.get(match["leaf"]) if match else None
        if match is None or leaf is None or (match["route"] and match["route"] not in leaf.routes):
            return None
        return Recommendation(leaf, match["route"] or "", int(match["days"]) if match["days"] else None)

    def list_routes(self, node_id: str) -> list[Route]:
        """The routes that are first choice below a node, the most frequent first."""
        firsts = [self.leaves[name].routes[0] for name in self.distances(node_id) if name in self.leaves]
        order = sorted(dict.fromkeys(firsts), key=lambda route: -firsts.count(route))
        return [self.routes[route] for route in order]

    def find_matter(self, leaf: Leaf, asked: str | None) -> str:
        """The matter a recommendation is counted under: the one asked about if it leads here, else the nearest."""
        start = self.starts.get(asked or UNKNOWN_MATTER)
        if asked and asked != UNKNOWN_MATTER and start and leaf.id in self.distances(start):
            return asked
        return leaf.matter or next(iter(self.nearest_matters(leaf)), UNKNOWN_MATTER)

    def nearest_matters(self, leaf: Leaf) -> list[str]:
        """The first matter of each start that leads to the leaf with the fewest questions."""
        first_of = {start: matter for matter, start in reversed(list(self.starts.items()))}
        steps = {matter: self.distances(start).get(leaf.id) for start, matter in first_of.items()}
        found = {matter: number for matter, number in steps.items() if number is not None}
        return [matter for matter, number in found.items() if number == min(found.values())]

    def distances(self, node_id: str) -> dict[str, int]:
        """Every id that a node leads to, itself with it, and the number of questions until there."""
        steps = {node_id: 0}
        for name in (waiting := [node_id]):
            for option in self.nodes[name].options if name in self.nodes else ():
                if option.to not in steps:
                    steps[option.to] = steps[name] + 1
                    waiting.append(option.to)
        return steps


def button_argument(option: Option) -> str:
    """What the option's button carries after "triage:"."""
    return option.to if option.elapsed is None else f"{option.to}@{option.elapsed}"


def is_urgent(leaf: Leaf, elapsed: int | None) -> bool:
    """Whether hours or days count: the leaf says so, or its period may have NEAR_DAYS or fewer left.

    Args:
        elapsed: days of the period that have passed at most; None when nobody knows, then it may be just ending.
    """
    if leaf.urgent or leaf.deadline is None or leaf.deadline.days is None:
        return leaf.urgent
    return leaf.deadline.days - (elapsed or 0) <= NEAR_DAYS
