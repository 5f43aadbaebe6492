"""Figures: which entries of the ledger are summed, and what of them. One cube serves every table, so that sums agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from bot.domain.ledger import is_service

# What can be summed: services (人次, 件), people taking part, yuan in fen, leaflets, lines of the ledger.
MEASURES = ("count", "people", "amount", "leaflets", "entries")
# "clients" (人数) is not a sum: distinct clients; an entry without a known client counts the people it names.
CLIENTS = "clients"
SUMS = ("entries", "count", "people", "amount", "leaflets")
DIMENSIONS = ("month", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "audience")
SELECTED = (
    "months", "kinds", "matters", "communities", "subjects", "channels", "served_by", "outcomes", "audiences",
)  # fmt: skip
BOT = "bot"
ENTRIES = len(DIMENSIONS)  # where the sums begin in a cell


class Cell(NamedTuple):
    """The sums of all entries of a period that agree in every dimension. Args: month: 2022-03."""

    month: str
    kind: str
    matter: str
    community: str
    subject: str
    channel: str
    served_by: str
    outcome: str
    audience: str
    entries: int
    count: int  # type: ignore[assignment]  # of services; the method of tuples is not missed
    people: int
    amount: int
    leaflets: int

    @property
    def sums(self) -> tuple[int, ...]:
        """The sums alone, in the order of SUMS."""
        return self.entries, self.count, self.people, self.amount, self.leaflets


@dataclass(frozen=True)
class Selection:
    """Which entries. Empty: whatever stands there.

    Args:
        served_by: "bot", "human" (anybody but the bot), or as in the ledger ("adviser:chen").
        services: only what counts as a service, see bot.domain.ledger.is_service.
    """

    months: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    served_by: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    services: bool = False

    def fits(self, cell: Cell) -> bool:
        """Whether the entries of a cell are among them."""
        wanted = (
            (self.months, cell.month), (self.kinds, cell.kind), (self.matters, cell.matter),
            (self.communities, cell.community), (self.subjects, cell.subject), (self.channels, cell.channel),
            (self.outcomes, cell.outcome), (self.audiences, cell.audience),
        )  # fmt: skip
        if any(values and value not in values for values, value in wanted):
            return False
        if self.served_by and not self._served(cell.served_by):
            return False
        return not self.services or is_service(cell.kind, cell.outcome)

    @property
    def dimensions(self) -> frozenset[str]:
        """What it looks at."""
        chosen = zip(DIMENSIONS, SELECTED, strict=True)
        used = {dimension for dimension, name in chosen if getattr(self, name)}
        return frozenset(used | {"kind", "outcome"} if self.services else used)

    def _served(self, served_by: str) -> bool:
        return served_by in self.served_by or ("human" in self.served_by and served_by != BOT)


@dataclass(frozen=True)
class Figure:
    """One figure of the report.

    Args:
        id: permanent; what `falin report explain` takes.
        title: what it is, in Chinese.  unit: 件, 人, 元 …
        measure: one of MEASURES, or CLIENTS.  selection: of which entries.
        definition: one Chinese sentence; stands in docs/statistics.md.
    """

    id: str
    title: str
    unit: str
    measure: str
    selection: Selection
    definition: str


def merge_cells(cells: Iterable[Cell]) -> list[Cell]:
    """The same sums, each combination once; what has come to nothing is left out."""
    return [cell for cell in _merge(cells, frozenset(DIMENSIONS)) if any(cell.sums)]


class Cube:
    """All cells of a period."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = tuple(cells)
        self._views = {frozenset(DIMENSIONS): self.cells}

    def total(self, measure: str, selection: Selection) -> int:
        """The sum of a measure. Raises AttributeError for no such measure."""
        return sum(getattr(cell, measure) for cell in self.alike(selection.dimensions) if selection.fits(cell))

    def by(self, dimension: str, measure: str, selection: Selection) -> dict[str, int]:
        """The sum for each value of a dimension, in the order of the values."""
        sums: defaultdict[str, int] = defaultdict(int)
        for cell in self.alike(selection.dimensions | {dimension}):
            if selection.fits(cell):
                sums[getattr(cell, dimension)] += getattr(cell, measure)
        return dict(sorted(sums.items()))

    def alike(self, dimensions: frozenset[str]) -> tuple[Cell, ...]:
        """The same sums with fewer cells: dimensions that are not named are empty. A report asks hundreds of times."""
        if dimensions not in self._views:
            smallest = min((v for d, v in self._views.items() if d >= dimensions), key=len)
            self._views[dimensions] = tuple(_merge(smallest, dimensions))
        return self._views[dimensions]


def _merge(cells: Iterable[Cell], dimensions: frozenset[str]) -> Iterator[Cell]:
    places = [place for place, name in enumerate(DIMENSIONS) if name in dimensions]
    pick: Callable[[Cell], Any] = itemgetter(*places) if places else lambda _: ()
    sums: defaultdict[Any, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for cell in cells:
        # Written out: a report of a large street comes here some million times.
        known = sums[pick(cell)]
        known[0] += cell.entries
        known[1] += cell.count
        known[2] += cell.people
        known[3] += cell.amount
        known[4] += cell.leaflets
    for key, totals in sums.items():
        values = dict(zip(places, key if len(places) != 1 else (key,), strict=True))
        yield Cell(*[values.get(place, "") for place in range(ENTRIES)], *totals)  # type: ignore[arg-type]
