"""The plan of a demo year: what is to be done when, by and for whom."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

from bot.demo.sizes import Sizes
from bot.domain.calendar import BEIJING
from bot.domain.street import Member
from bot.services.turn import Library, Turn, Work

Act = Callable[[Work], None]
COMMON = ("labour", "marriage", "lending", "tenancy", "neighbours", "consumer", "property_management", "inheritance", "traffic")


@dataclass
class Year:
    """One year under way."""

    library: Library
    year: int
    sizes: Sizes
    chance: random.Random
    acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    clients: dict[int, int] = field(default_factory=dict)  # number → id
    homes: list[str] = field(default_factory=list)  # number → community
    enterprises: list[tuple[str, str]] = field(default_factory=list)  # pseudonym, community
    number: int = 0

    def moment(self, first: int = 0, last: int = 364) -> datetime:
        """Some moment of the office's hours; more of them in spring and before the New Year festival."""
        for _ in range(400):
            day = date(self.year, 1, 1) + timedelta(days=self.chance.randint(first, last))
            begin, end = self.chance.choice(self.library.calendar.spans)
            minutes = (datetime.combine(day, end) - datetime.combine(day, begin)).seconds // 60
            at = datetime.combine(day, begin, BEIJING) + timedelta(minutes=self.chance.randrange(5, minutes - 5))
            if self.library.calendar.is_open(at) and self.chance.random() < (1.0 if day.month in (3, 4, 11, 12) else 0.7):
                return at.astimezone(timezone.utc)
        noon = datetime.combine(date(self.year, 1, 1) + timedelta(days=first), time(12), BEIJING)
        return self.library.calendar.next_opening(noon).astimezone(timezone.utc)

    def later(self, moment: datetime, least: int, most: int) -> datetime:
        """When somebody at work comes to it: so many minutes of the office's hours after another moment."""
        calendar = self.library.calendar
        end = calendar.add(moment, timedelta(minutes=self.chance.randint(least, most)))
        return calendar.next_opening(end).astimezone(timezone.utc)  # the end of a span is closed already

    def at(self, moment: datetime, act: Act) -> None:
        """Note what is to be done when."""
        self.acts.append((moment, len(self.acts), act))

    def key(self) -> str:
        """The idempotency key of the next record."""
        self.number += 1
        return f"demo:{self.year}:{self.number}"

    def someone(self) -> Member:
        """One of those who record."""
        return self.chance.choice(self.library.street.list_members("staff", "supervisor"))


def turn(plan: Year, work: Work, number: int) -> Turn:
    """A turn of the resident of this number."""
    return Turn(work.uow, work.library, work.now, work.uow.clients.get(plan.clients[number]))


def askers(plan: Year, count: int, skip: int) -> Iterator[int]:
    """Numbers of those who are registered early, another each time."""
    early = list(range(0, len(plan.homes), 40))
    random.Random(1).shuffle(early)  # the same order each time, all communities mixed
    return (early[(skip + place) % len(early)] for place in range(count))


def split(chance: random.Random, total: int, parts: int) -> list[int]:
    """So many whole numbers that add up to the total, unequal as sums of money are."""
    weights = [chance.paretovariate(1.4) for _ in range(parts)]
    found = [int(total * weight / sum(weights)) for weight in weights]
    found[0] += total - sum(found)
    return found
