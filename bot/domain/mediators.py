"""Which mediator a dispute goes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from bot.domain.roster import Roster
from bot.domain.street import Member

# Disputes that the police send are mediated in the room at the police station.
POLICE_ROOM = "派出所"


def serves(mediator: Member, community: str) -> bool:
    """Whether the mediator has this community, by name or because they have every one."""
    return not mediator.communities or community in mediator.communities


def choose_mediator(
    mediators: Iterable[Member],
    community: str,
    source: str,
    load: Mapping[str, int],
    roster: Roster,
    day: date,
) -> Member | None:
    """The mediator for a dispute; None when nobody serves its community.

    In this order: the room that the source calls for; on duty on the day; the community named in street.yml; room
    for one more; the fewest open disputes for their capacity; the order of street.yml.

    Args:
        load: open disputes by mediator.
    """

    def in_police_room(mediator: Member) -> bool:
        return source == "police" and POLICE_ROOM in mediator.room

    def rank(mediator: Member) -> tuple[bool, bool, bool, bool, float]:
        open_now = load.get(mediator.id, 0)
        return (
            not in_police_room(mediator),
            not roster.is_on_duty(mediator, day),
            community not in mediator.communities,
            open_now >= mediator.capacity,
            open_now / max(mediator.capacity, 1),
        )

    fitting = [m for m in mediators if serves(m, community) or in_police_room(m)]
    return min(fitting, key=rank, default=None)
