"""The duty roster: who is on duty on a day, and who is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.street import Member
from bot.domain.work_calendar import WorkCalendar


@dataclass(frozen=True)
class Absence:
    """Args: first, last: days in China, both included; last None: until the member is back on duty."""

    member_id: str
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Roster:
    """Absences of all members beside the fixed weekdays of street.yml."""

    absences: Sequence[Absence] = field(default_factory=tuple)

    def is_on_duty(self, member: Member, day: date) -> bool:
        """Whether the member serves on a day that is worked."""
        away = any(a.member_id == member.id and a.covers(day) for a in self.absences)
        return day.isoweekday() in member.days and not away

    def calendar_of(self, member: Member, office: WorkCalendar) -> WorkCalendar:
        """The office's calendar, less the days on which the member is not on duty."""
        return replace(office, is_workday=lambda day: office.is_workday(day) and self.is_on_duty(member, day))
