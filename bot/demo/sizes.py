"""How much happens in the demo year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Sizes:
    """How much happens. The sum of what counts as a service is 1,307 (see tests/demo)."""

    registered: tuple[int, ...] = (2231, 2087, 2154, 2043, 2014)  # by community, 10,529
    enterprises: int = 135
    visits: int = 76
    meetings: int = 18
    agreed: int = 222
    failed: int = 19
    parties: int = 468
    amount: int = 378_120_000  # fen
    reviews: int = 661
    walk_ins: int = 86
    calls: int = 74
    answered: int = 96
    referred: int = 20
    urgent: int = 4
    cases: int = 60
    aid_by_hand: int = 3  # with those applied for, 12 are handed over
    aid_applied: int = 9
    aid_refused: int = 2  # of those applied for
    aid_withdrawn: int = 1
    aid_asked: int = 6
    notary: int = 14
    opinions: int = 21
    papers: int = 18
    events: int = 33
    leaflets: int = 23_000
    videos: int = 16
    posts: int = 40
    literate: int = 17
    duty_days: int = 240
    forgotten: int = 3

    def scaled(self, share: float) -> Sizes:
        """A smaller year, for the year before and for tests."""
        values: dict[str, Any] = self.__dict__
        small = {name: max(1, round(value * share)) for name, value in values.items() if name != "registered"}
        small["parties"] = max(small["parties"], 2 * small["agreed"])
        small["registered"] = tuple(max(1, round(n * share)) for n in self.registered)
        return replace(self, **small)
