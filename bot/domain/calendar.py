"""Times are kept in UTC; days, months and years are counted in Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

# China has had one time zone and no daylight saving since 1991, so a fixed offset is exact
# for every date falin can meet, and needs no time zone database on the machine.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(timezone.utc)


def beijing_day(moment: datetime) -> date:
    """The calendar day in China at `moment` (aware).

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no day")
    return moment.astimezone(BEIJING).date()
