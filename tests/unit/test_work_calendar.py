"""The work calendar: lunch, nights, weekends, holidays and make-up workdays, always by the clock of Beijing."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import BEIJING
from bot.domain.work_calendar import WorkCalendar, say_moment

SPANS = ((time(9), time(12)), (time(14), time(17, 30)))
HOLIDAYS = {date(2027, 1, 1)}
MAKE_UP = {date(2026, 12, 26)}  # a Saturday


def is_workday(day: date) -> bool:
    return day in MAKE_UP or (day.weekday() < 5 and day not in HOLIDAYS)


CALENDAR = WorkCalendar(SPANS, is_workday)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24 08:59", False), ("2026-11-24 09:00", True), ("2026-11-24 11:59", True),
        ("2026-11-24 12:00", False), ("2026-11-24 13:59", False), ("2026-11-24 14:00", True),
        ("2026-11-24 17:30", False), ("2026-11-28 10:00", False), ("2026-12-26 10:00", True),
        ("2027-01-01 10:00", False),
    ],
)  # fmt: skip
def test_the_office_is_open_in_its_hours_only(moment: str, is_open: bool) -> None:
    assert CALENDAR.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-24 10:20", "2026-11-24 10:20"), ("2026-11-24 12:30", "2026-11-24 14:00"),
        ("2026-11-24 18:00", "2026-11-25 09:00"), ("2026-11-27 18:00", "2026-11-30 09:00"),
        ("2026-12-31 23:59", "2027-01-04 09:00"), ("2026-12-25 20:00", "2026-12-26 09:00"),
    ],
)  # fmt: skip
def test_next_opening_skips_lunch_nights_weekends_and_holidays(moment: str, opening: str) -> None:
    assert CALENDAR.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        ("2026-11-24 09:00", 120, "2026-11-24 11:00"), ("2026-11-24 11:30", 60, "2026-11-24 14:30"),
        ("2026-11-24 11:00", 60, "2026-11-24 12:00"), ("2026-11-24 17:00", 60, "2026-11-25 09:30"),
        ("2026-11-27 17:00", 60, "2026-11-30 09:30"), ("2026-12-31 17:00", 60, "2027-01-04 09:30"),
        ("2026-11-24 03:00", 390, "2026-11-24 17:30"), ("2026-11-24 09:00", 0, "2026-11-24 09:00"),
    ],
)  # fmt: skip
def test_a_promise_counts_working_time_only(moment: str, minutes: int, due: str) -> None:
    assert CALENDAR.add(at(moment), timedelta(minutes=minutes)) == at(due)


def test_the_day_is_that_of_beijing() -> None:
    utc = datetime(2026, 12, 31, 16, 30, tzinfo=timezone.utc)  # half past midnight on New Year's Day there
    assert CALENDAR.next_opening(utc) == at("2027-01-04 09:00")


def test_appointments_lie_within_the_hours() -> None:
    slots = CALENDAR.list_slots(at("2026-11-24 10:45"), timedelta(minutes=60), 4)
    assert slots == [at("2026-11-24 11:00"), at("2026-11-24 14:00"), at("2026-11-24 15:00"), at("2026-11-24 16:00")]


def test_an_office_that_never_opens_promises_nothing() -> None:
    closed = WorkCalendar(SPANS, lambda day: False)
    with pytest.raises(ValueError, match="60 days"):
        closed.next_opening(at("2026-11-24 10:00"))
    with pytest.raises(ValueError, match="60 days"):
        closed.add(at("2026-11-24 10:00"), timedelta(hours=1))
    assert closed.list_slots(at("2026-11-24 10:00"), timedelta(hours=1), 3) == []


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1)).map(lambda d: d.replace(tzinfo=timezone.utc)),
    minutes=st.integers(1, 3_000),
)
def test_a_promise_lies_in_the_future_and_in_working_time(moment: datetime, minutes: int) -> None:
    due = CALENDAR.add(moment, timedelta(minutes=minutes))
    assert due >= moment + timedelta(minutes=minutes)
    assert CALENDAR.is_open(due - timedelta(microseconds=1))
    assert CALENDAR.worked(moment, due) == timedelta(minutes=minutes)
    assert CALENDAR.worked(due, moment) == timedelta()


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24 15:30", "今天下午3:30"), ("2026-11-25 09:00", "明天上午9:00"),
        ("2026-11-24 12:00", "今天中午12:00"), ("2026-11-24 12:30", "今天中午12:30"),
        ("2026-11-24 05:59", "今天凌晨5:59"),
        ("2026-11-24 18:00", "今天晚上6:00"),
        ("2026-11-24 20:03", "今天晚上8:03"),
        ("2026-11-30 09:05", "11月30日（周一）上午9:05"),
    ],
)  # fmt: skip
def test_moments_are_said_as_people_say_them(moment: str, said: str) -> None:
    assert say_moment(at(moment), at("2026-11-24 10:00")) == said
