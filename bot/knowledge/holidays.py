"""China's statutory holidays and make-up workdays, from the package chinesecalendar."""

from __future__ import annotations

from datetime import date
from functools import cache

import chinese_calendar

from bot.domain.street import Street
from bot.domain.work_calendar import WorkCalendar

# Holidays whose solar dates do not change from year to year (全国年节及纪念日放假办法, as amended 2024):
# used for a year whose arrangement the package does not know yet. The moon's holidays are missing then.
SOLAR_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def knows_year(year: int) -> bool:
    """Whether the State Council's arrangement for this year is in the installed package."""
    try:
        chinese_calendar.is_workday(date(year, 1, 4))
    except NotImplementedError:
        return False
    return True


@cache
def is_workday(day: date) -> bool:
    """Whether people work in China on this day; weekends and fixed holidays only for a year not yet arranged."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in SOLAR_HOLIDAYS


def work_calendar(street: Street) -> WorkCalendar:
    """When the street's office works."""
    return WorkCalendar(street.spans, lambda day: is_workday(day) and day not in street.closed)
