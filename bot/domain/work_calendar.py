"""The work calendar: the one source of every promise of a time. Moments are aware; hours are those of China."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import BEIJING, beijing_day

Span = tuple[time, time]
# An office that never opens within this many days is a mistake in street.yml, not a long holiday.
HORIZON = 60


@dataclass(frozen=True)
class WorkCalendar:
    """When the office works.

    Args:
        spans: the hours of a working day, in order, e.g. morning and afternoon with lunch between them.
        is_workday: whether a day is one: weekends, statutory holidays and make-up workdays decided.
    """

    spans: Sequence[Span]
    is_workday: Callable[[date], bool]

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is at work. The last moment of a span is closed."""
        return any(begin <= moment < end for begin, end in self._spans_from(beijing_day(moment), days=1))

    def next_opening(self, moment: datetime) -> datetime:
        """`moment` itself while open, else the next moment at which work begins.

        Raises:
            ValueError: there is none within HORIZON days.
        """
        for begin, end in self._spans_from(beijing_day(moment)):
            if moment < end:
                return max(begin, moment)
        raise ValueError(f"no working hour within {HORIZON} days")

    def add(self, moment: datetime, work: timedelta) -> datetime:
        """The moment when so much working time has passed since `moment`.

        Raises:
            ValueError: not within HORIZON days.
        """
        left = work
        for begin, end in self._spans_from(beijing_day(moment)):
            begin = max(begin, moment)
            if begin < end:
                if left <= end - begin:
                    return begin + left
                left -= end - begin
        raise ValueError(f"not so much working time within {HORIZON} days")

    def worked(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments."""
        first = beijing_day(begin)
        spans = self._spans_from(first, days=(beijing_day(end) - first).days + 1)
        return sum((max(min(close, end) - max(start, begin), timedelta()) for start, close in spans), timedelta())

    def list_slots(self, moment: datetime, length: timedelta, count: int) -> list[datetime]:
        """The next `count` beginnings of appointments of this length, on the grid of the office's hours."""
        slots: list[datetime] = []
        for begin, end in self._spans_from(beijing_day(moment)):
            start = begin
            while start + length <= end and len(slots) < count:
                if start >= moment:
                    slots.append(start)
                start += length
            if len(slots) == count:
                break
        return slots

    def _spans_from(self, day: date, days: int = HORIZON) -> Iterator[tuple[datetime, datetime]]:
        for offset in range(days):
            today = day + timedelta(days=offset)
            if self.is_workday(today):
                for begin, end in self.spans:
                    yield datetime.combine(today, begin, BEIJING), datetime.combine(today, end, BEIJING)


def say_moment(moment: datetime, now: datetime) -> str:
    """A moment as one says it: 今天下午3:30, 明天上午9:00, 11月30日（周一）上午9:00."""
    local, days = moment.astimezone(BEIJING), (beijing_day(moment) - beijing_day(now)).days
    near = {0: "今天", 1: "明天"}.get(days)
    weekday = "一二三四五六日"[local.weekday()]
    day = near or f"{local.month}月{local.day}日（周{weekday}）"
    hour = local.hour - 12 if local.hour > 12 else local.hour
    parts = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    part = next(name for end, name in parts if local.hour < end)
    return f"{day}{part}{hour}:{local.minute:02}"
