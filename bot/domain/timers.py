"""Timers: moments at which falin acts by itself. They stand in the database; a deadline is frozen when it is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Timer:
    """Something due once.

    Args:
        kind: names the job that runs it (bot.services.timers.JOBS).
        subject: what it is about, in the job's own terms; (kind, subject) is set once.
    """

    id: int
    kind: str
    subject: str
    due_at: datetime
