"""Answers that were given, and answers that are withdrawn because their law changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Withdrawal:
    """An entry taken out of answering. Args: law: whose change is the reason.  since: the day in China."""

    entry: str
    law: str
    since: date

    def holds(self, reviewed: date) -> bool:
        """Whether it still holds for an entry last reviewed on that day: a review on a later day lifts it."""
        return reviewed <= self.since


@dataclass(frozen=True)
class Recipient:
    """Who was given an answer, and when last. Args: client: pseudonym.  community: id, "" if unknown."""

    client: str
    community: str
    entry: str
    given_at: datetime
