"""How fast one client may write."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

MESSAGES, SECONDS = 20, 10.0


class Verdict(Enum):
    """What to do with a message: take it; refuse and say so; refuse silently, it was said already."""

    TAKE = "take"
    REFUSE = "refuse"
    REFUSE_SILENTLY = "refuse silently"


@dataclass
class _Recent:
    taken: deque[float] = field(default_factory=deque)
    told: bool = False


class RateLimit:
    """Counts per client, over all of its connections to this process: so many `messages` in `seconds`."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, messages: int = MESSAGES, seconds: float = SECONDS
    ) -> None:
        self._clock, self._messages, self._seconds = clock, messages, seconds
        self._clients: dict[str, _Recent] = {}
        self._swept = clock()

    def check(self, client: str) -> Verdict:
        """Count one message of `client`."""
        now = self._clock()
        self._sweep(now)
        recent = self._clients.setdefault(client, _Recent())
        while recent.taken and recent.taken[0] <= now - self._seconds:
            recent.taken.popleft()
        if len(recent.taken) < self._messages:
            recent.taken.append(now)
            recent.told = False
            return Verdict.TAKE
        if recent.told:
            return Verdict.REFUSE_SILENTLY
        recent.told = True
        return Verdict.REFUSE

    def _sweep(self, now: float) -> None:
        """Drop clients that have been quiet, so that memory does not grow with every visitor."""
        if now - self._swept < self._seconds:
            return
        self._swept = now
        quiet = [name for name, recent in self._clients.items() if recent.taken[-1] <= now - self._seconds]
        for name in quiet:
            del self._clients[name]
