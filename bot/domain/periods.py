"""Periods by the Civil Code, articles 200 to 204: the day of the event is not counted, and an end moves off a holiday."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import BEIJING, beijing_day


def last_day(
    event: date,
    *,
    days: int = 0,
    months: int = 0,
    years: int = 0,
    is_workday: Callable[[date], bool] | None = None,
) -> date:
    """The last day of a period that begins with an event; exactly one of days, months and years is given.

    Args:
        event: the day of the event, in China; it is not counted (article 201).
        months, years: to the corresponding day, or the month's last if there is none (article 202).
        is_workday: moves an end on a holiday to the day after the holiday (article 203); None: it does not move.

    Raises:
        ValueError: not exactly one positive length.
    """
    if sorted((days, months, years))[:2] != [0, 0] or days + months + years <= 0:
        raise ValueError("a period is so many days, months or years")
    end = event + timedelta(days=days) if days else _corresponding_day(event, months + 12 * years)
    while is_workday is not None and not is_workday(end):
        end += timedelta(days=1)
    return end


def _corresponding_day(event: date, months: int) -> date:
    year, month = divmod(event.year * 12 + event.month - 1 + months, 12)
    return date(year, month + 1, min(event.day, calendar.monthrange(year, month + 1)[1]))


def is_over(last: date, moment: datetime) -> bool:
    """Whether a period whose last day is `last` has ended: at midnight in Beijing (article 203)."""
    return beijing_day(moment) > last


def days_left(last: date, moment: datetime) -> int:
    """Days from today to the last day, in China: 0 on the last day itself, negative afterwards."""
    return (last - beijing_day(moment)).days


def at_hour(day: date, hour: int) -> datetime:
    """A full hour of a day in China."""
    return datetime.combine(day, time(hour), BEIJING)


def say_day(day: date, now: datetime) -> str:
    """A day as one says it: 11月30日, and 2027年1月4日 when it lies in another year."""
    year = "" if day.year == beijing_day(now).year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"
