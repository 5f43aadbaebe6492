"""What a report is about: a year, a quarter or a month; what one looks at: any days. Counted in China."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bot.domain.errors import FalinError

FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True)
class Period:
    """A year, or one of its quarters (1-4) or months (1-12); not both."""

    year: int
    quarter: int = 0
    month: int = 0

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise FalinError(f"{self.year} is not a year falin can count", "give a year such as 2026")
        if not 0 <= self.quarter <= 4 or not 0 <= self.month <= 12 or (self.quarter and self.month):
            raise FalinError("there is no such quarter or month", "give --quarter 1 to 4, or --month 1 to 12")

    @property
    def months(self) -> range:
        """The months it consists of, 1 to 12."""
        if self.month:
            return range(self.month, self.month + 1)
        return range(self.quarter * 3 - 2, self.quarter * 3 + 1) if self.quarter else range(1, 13)

    @property
    def month_ids(self) -> list[str]:
        """2022-03 and so on."""
        return [f"{self.year}-{month:02}" for month in self.months]

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.months[0], 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.months[-1], monthrange(self.year, self.months[-1])[1])

    @property
    def title(self) -> str:
        """2022年, 2022年第一季度, 2022年3月."""
        quarter = f"第{'一二三四'[self.quarter - 1]}季度" if self.quarter else ""
        return f"{self.year}年{quarter}{f'{self.month}月' if self.month else ''}"

    @property
    def id(self) -> str:
        """2022, 2022-Q1, 2022-03: for file names and addresses."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else f"{self.year}-{self.month:02}" if self.month else f"{self.year}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def in_year(self, year: int) -> Period:
        """The same part of another year."""
        return Period(year, self.quarter, self.month)


@dataclass(frozen=True)
class Days:
    """From one day to another, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.first.year <= self.last.year <= LAST_YEAR or self.first > self.last:
            raise FalinError("these days cannot be counted", "give the first day, then the last")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def month_ids(self) -> list[str]:
        """The months they lie in: 2022-03 and so on."""
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        return [f"{month // 12}-{month % 12 + 1:02}" for month in months]

    @property
    def title(self) -> str:
        """2022年3月1日至3月9日."""
        first, last = (f"{day.year}年{day.month}月{day.day}日" for day in (self.first, self.last))
        last = last.partition("年")[2] if self.first.year == self.last.year else last
        return first if self.first == self.last else f"{first}至{last}"

    @property
    def id(self) -> str:
        """For file names."""
        return f"{self.first}_{self.last}"


Span = Period | Days
