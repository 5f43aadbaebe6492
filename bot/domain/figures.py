"""Figures: which entries of the ledger are summed, and what of them. One cube serves every table, so that sums agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.ledger import is_service

# What can be summed: services (人次, 件), people taking part, yuan in fen, leaflets, lines of the ledger.
MEASURES = ("count", "people", "amount", "leaflets", "entries")
# "clients" (人数) is not a sum: distinct clients; an entry without a known client counts the people it names.
CLIENTS = "clients"
DIMENSIONS = ("month", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "audience")
BOT = "bot"


@dataclass(frozen=True)
class Cell:
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
    count: int
    people: int
    amount: int
    leaflets: int


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


class Cube:
    """All cells of a period."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = tuple(cells)

    def total(self, measure: str, selection: Selection) -> int:
        """The sum of a measure. Raises AttributeError for no such measure."""
        return sum(getattr(cell, measure) for cell in self.cells if selection.fits(cell))

    def by(self, dimension: str, measure: str, selection: Selection) -> dict[str, int]:
        """The sum for each value of a dimension, in the order of the values."""
        sums: defaultdict[str, int] = defaultdict(int)
        for cell in self.cells:
            if selection.fits(cell):
                sums[getattr(cell, dimension)] += getattr(cell, measure)
        return dict(sorted(sums.items()))
