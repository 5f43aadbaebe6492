"""Log-in to the console: accounts, invitations, sessions, and how wrong tries are slowed down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

INVITE_VALID = timedelta(days=7)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# How often a session's last use is written down.
TOUCH = timedelta(minutes=1)
# A second reading of a case within this time is the same reading.
READING = timedelta(hours=1)
# Free tries before pauses begin: a person mistypes; one address may stand for a whole office.
FREE_TRIES = {"member": 5, "address": 20}
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
# After so long without a wrong try the count begins anew.
FORGIVEN = timedelta(hours=24)


@dataclass(frozen=True)
class ConsoleAccount:
    """A member's way into the console.

    Args:
        password_hash: argon2id.  secret: of the one-time codes, base32; kept encrypted.
        last_step: the newest time step whose code was used: a code works once.
    """

    member_id: str
    password_hash: str
    secret: str
    joined_at: datetime
    last_step: int = 0


@dataclass(frozen=True)
class ConsoleInvite:
    """A one-time invitation. Args: secret: what the QR code shows, so that the page can be loaded again."""

    member_id: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class ConsoleSession:
    """A log-in. Args: seen_at: last use, to the minute."""

    member_id: str
    created_at: datetime
    seen_at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is neither idle for too long nor too old."""
        return now - self.seen_at < IDLE and now - self.created_at < ABSOLUTE


@dataclass(frozen=True)
class Tries:
    """Wrong tries of one account or one address, and until when further ones are not even looked at."""

    failures: int
    blocked_until: datetime | None
    last_at: datetime

    def blocks(self, now: datetime) -> bool:
        """Whether a try now is refused unseen."""
        return self.blocked_until is not None and now < self.blocked_until


def count_try(known: Tries | None, kind: str, now: datetime) -> Tries:
    """The tries with one more. Args: kind: "member" or "address", see FREE_TRIES."""
    before = known.failures if known and now - known.last_at < FORGIVEN else 0
    beyond = before + 1 - FREE_TRIES[kind]
    # The exponent is bounded: the pause is at its longest long before.
    pause = min(FIRST_PAUSE * 2 ** min(beyond, 16), LONGEST_PAUSE) if beyond >= 0 else None
    return Tries(before + 1, now + pause if pause else None, now)


@dataclass(frozen=True)
class CaseReading:
    """Somebody looked into a case."""

    reference: str
    member_id: str
    at: datetime
