"""Periods of days, months and years, at midnights, ends of months, holidays and New Year."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import BEIJING
from bot.domain.periods import at_hour, days_left, is_over, last_day, say_day
from bot.knowledge.holidays import is_workday


@pytest.mark.parametrize(
    ("event", "length", "end"),
    [
        (date(2026, 11, 24), {"days": 30}, date(2026, 12, 24)),  # the 24th itself is not counted
        (date(2026, 12, 31), {"days": 1}, date(2027, 1, 1)),
        (date(2026, 1, 31), {"months": 1}, date(2026, 2, 28)),  # no 31st: the month's last day
        (date(2027, 12, 31), {"months": 2}, date(2028, 2, 29)),
        (date(2026, 11, 30), {"months": 3}, date(2027, 2, 28)),
        (date(2024, 2, 29), {"years": 1}, date(2025, 2, 28)),
        (date(2024, 2, 29), {"years": 3}, date(2027, 2, 28)),
        (date(2026, 12, 15), {"months": 1}, date(2027, 1, 15)),
    ],
)
def test_the_day_of_the_event_is_not_counted(event: date, length: dict[str, int], end: date) -> None:
    assert last_day(event, **length) == end


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (date(2026, 8, 31), date(2026, 9, 30)),  # a Wednesday before the holiday stays
        (date(2026, 9, 1), date(2026, 10, 8)),  # 1 October, and seven days of holiday
        (date(2026, 12, 2), date(2027, 1, 4)),  # New Year's Day is a Friday: to the Monday after
        (date(2026, 1, 16), date(2026, 2, 24)),  # spring festival, 15 to 23 February 2026
    ],
)
def test_an_end_on_a_holiday_moves_to_the_day_after_it(event: date, end: date) -> None:
    assert last_day(event, days=30, is_workday=is_workday) == end


def test_a_make_up_workday_is_no_holiday() -> None:
    assert is_workday(date(2026, 2, 28))  # a Saturday that is worked
    assert last_day(date(2026, 1, 29), days=30, is_workday=is_workday) == date(2026, 2, 28)


@pytest.mark.parametrize("length", [{}, {"days": 3, "months": 1}, {"days": -1}, {"months": 0}])
def test_a_period_has_one_length(length: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="so many days"):
        last_day(date(2026, 1, 1), **length)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_longer_period_never_ends_earlier(event: date, days: int) -> None:
    ends = [last_day(event, days=n, is_workday=lambda day: day.weekday() < 5) for n in (days, days + 1)]
    assert ends == sorted(ends)
    assert ends[0].weekday() < 5


def test_a_period_ends_at_midnight_in_beijing() -> None:
    last = date(2026, 12, 31)
    assert not is_over(last, datetime(2026, 12, 31, 15, 59, 59, tzinfo=timezone.utc))
    assert is_over(last, datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc))


def test_days_left_are_counted_in_beijing() -> None:
    assert days_left(date(2027, 1, 2), datetime(2026, 12, 31, 15, 59, tzinfo=timezone.utc)) == 2
    assert days_left(date(2027, 1, 2), datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)) == 1


def test_a_day_of_another_year_names_it() -> None:
    now = datetime(2026, 12, 31, 15, 0, tzinfo=timezone.utc)
    assert [say_day(date(2026, 12, 31), now), say_day(date(2027, 1, 4), now)] == ["12月31日", "2027年1月4日"]


def test_an_hour_of_a_day_is_one_of_beijing() -> None:
    assert at_hour(date(2026, 11, 24), 10) == datetime(2026, 11, 24, 10, tzinfo=BEIJING)
