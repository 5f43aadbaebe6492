"""The street falin serves: its communities, the people who serve them, hours and hotlines (street.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

ROLES = {"adviser": "法律顾问", "mediator": "人民调解员", "staff": "司法所工作人员", "supervisor": "司法所负责人"}
Span = tuple[time, time]
OFFICE_SPANS: tuple[Span, ...] = ((time(9), time(12)), (time(14), time(18)))


@dataclass(frozen=True)
class Community:
    """Args: id (English, stands in posters' links), name, adviser (id of its legal adviser), address of its office."""

    id: str
    name: str
    adviser: str
    address: str = ""


@dataclass(frozen=True)
class Member:
    """Somebody who serves the residents.

    Args:
        id, name: name as residents see it.  phone: of the office (may be empty).  role: one of ROLES.
        communities: ids served besides those whose adviser this is; empty: every one, when others are busy.
        matters: matter ids of special knowledge.
        capacity: open cases that can be looked after well at the same time.
        days: ISO weekdays on duty (1 Monday … 7 Sunday); the work calendar decides which of them are worked.
        room: where a mediator mediates.
    """

    id: str
    name: str
    phone: str = ""
    role: str = "adviser"
    communities: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    capacity: int = 10
    days: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    room: str = ""


@dataclass(frozen=True)
class Promises:
    """What the handoff promises, in minutes of working time by urgency (docs/handoff.md).

    Args:
        take_over: until the adviser must have pressed 接手; then the case goes to the next one.
        answer: until a person has answered; what the resident is told.
    """

    take_over: Mapping[str, int] = field(default_factory=lambda: {"urgent": 10, "normal": 30})
    answer: Mapping[str, int] = field(default_factory=lambda: {"urgent": 30, "normal": 120})


@dataclass(frozen=True)
class Street:
    """One street.

    Args:
        hours: the office's hours as residents read them.  spans: the same for the work calendar.
        closed: days on which the office is closed although it is a workday.
    """

    name: str
    office: str
    phone: str
    hours: str
    communities: tuple[Community, ...]
    members: tuple[Member, ...]
    hotlines: tuple[tuple[str, str], ...]
    spans: tuple[Span, ...] = OFFICE_SPANS
    closed: frozenset[date] = frozenset()
    promises: Promises = field(default_factory=Promises)

    @property
    def committee(self) -> str:
        """The people's mediation committee, as it signs."""
        return f"{self.name}人民调解委员会"

    def find_community(self, wanted: str) -> Community | None:
        """By id or name; "白马社区", "白马" and "baima" all find 白马社区."""
        plain = wanted.strip().lower().removesuffix("社区")
        for community in self.communities:
            if plain in (community.id, community.name.removesuffix("社区")):
                return community
        return None

    def find_member(self, member_id: str | None) -> Member | None:
        """Whoever has this id."""
        return next((m for m in self.members if m.id == member_id), None)

    def find_member_called(self, text: str) -> Member | None:
        """By id or by the name residents see."""
        return next((m for m in self.members if text in (m.id, m.name)), None)

    def list_members(self, *roles: str) -> list[Member]:
        """Those of these roles, in the order of street.yml."""
        return [m for m in self.members if m.role in roles]

    def name_of(self, member_id: str | None) -> str:
        """A member's name, or the office's for nobody in particular."""
        member = self.find_member(member_id)
        return member.name if member else self.office

    def phone_of(self, member_id: str | None) -> str:
        """The number at which a member is reached: their own, else the office's."""
        member = self.find_member(member_id)
        return (member.phone if member else "") or self.phone
