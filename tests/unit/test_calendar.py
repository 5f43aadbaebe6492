from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
import time_machine

from bot.domain.calendar import beijing_day, utc_now

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, 999_999, timezone.utc), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=timezone.utc), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 16, 0, tzinfo=timezone.utc), date(2028, 2, 29)),
        (datetime(2026, 11, 24, 0, 30, tzinfo=TOKYO), date(2026, 11, 23)),
    ],
)
def test_a_day_begins_at_midnight_in_beijing(moment: datetime, day: date) -> None:
    assert beijing_day(moment) == day


def test_a_moment_without_a_time_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        beijing_day(datetime(2026, 1, 1))


@time_machine.travel(datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc), tick=False)
def test_the_clock_is_aware_and_knows_the_new_year() -> None:
    assert utc_now().utcoffset() == timedelta(0)
    assert beijing_day(utc_now()) == date(2027, 1, 1)
