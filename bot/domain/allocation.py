"""Who gets a case: by duty, community, knowledge of the matter, load and fairness (docs/handoff.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.street import Member

# Fairness looks back so far: an adviser who was given less than others lately comes first.
FAIRNESS = timedelta(days=90)


@dataclass(frozen=True)
class Candidate:
    """An adviser who might take a case.

    Args:
        reachable: has an account, so a card arrives.  on_duty: on the day on which the office works next.
        own: the adviser assigned to the client's community.  expert: in this matter.
        serves: the community is among those the adviser serves.
        load: open cases now.  recent: cases given within FAIRNESS.
    """

    member: Member
    reachable: bool
    on_duty: bool
    own: bool
    expert: bool
    serves: bool
    load: int
    recent: int

    @property
    def full(self) -> bool:
        """No capacity left."""
        return self.load >= self.member.capacity


def choose_adviser(candidates: Iterable[Candidate], *, enterprise: bool) -> tuple[Member, str] | None:
    """The adviser to ask, and why.

    An enterprise stays with the adviser its community assigned, however busy. A resident stays with the community's adviser
    as long as there is capacity; then come those who know the matter, then the least loaded, then whoever was
    given least lately.

    Returns:
        The member and the reasons, codes joined by commas; None without candidates.
    """

    def order(c: Candidate) -> tuple[object, ...]:
        share, recent = c.load / max(c.member.capacity, 1), c.recent / max(c.member.capacity, 1)
        full = c.full and not (enterprise and c.own)
        return (not c.reachable, not c.on_duty, full, not c.own, not c.serves, not c.expert, share, recent, c.member.id)

    best = min(candidates, key=order, default=None)
    if best is None:
        return None
    reasons = [name for name in ("own", "serves", "expert", "on_duty") if getattr(best, name)]
    return best.member, ",".join(reasons if best.own else [*reasons, "least_loaded"])
