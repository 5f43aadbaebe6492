"""/console/events: tells open pages that something has changed; they fetch what changed by themselves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from bot.console.guard import Visit
from bot.console.site import Site
from bot.services.console_accounts import find_session

logger = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at the database, however many pages are open
PROOF = 10.0  # seconds between two looks whether the session still holds; each also keeps the line open


class Pulse:
    """The revision of the whole installation, looked up at most once in POLL seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._revision, self._read_at = "", float("-inf")
        self._looking = asyncio.Lock()

    async def read(self) -> str:
        """The revision, at most POLL seconds old."""
        async with self._looking:
            if time.monotonic() - self._read_at >= POLL:
                self._read_at = time.monotonic()
                try:
                    self._revision = await self._site.read(lambda work: work.uow.console.revision())
                except Exception as error:  # the database is away: next time
                    logger.error("console: revision cannot be read: %s", type(error).__name__)
        return self._revision


def events_handler(pulse: Pulse):  # type: ignore[no-untyped-def]
    """GET /console/events?since=…: "changed" with a revision, "out" when the session is over."""

    async def follow(visit: Visit) -> Response:
        since = visit.request.headers.get("last-event-id") or visit.value("since", 200)
        return StreamingResponse(
            _stream(visit, pulse, since), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )

    return follow


async def _stream(visit: Visit, pulse: Pulse, known: str) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    proven = time.monotonic()
    while not visit.site.stopping():
        revision = await pulse.read()
        if revision != known:
            known = revision
            yield f"event: changed\nid: {revision}\ndata: {revision}\n\n"
        if time.monotonic() - proven >= PROOF:
            proven = time.monotonic()
            if not await _still_in(visit):
                yield "event: out\ndata:\n\n"
                return
            yield ": still here\n\n"
        await asyncio.sleep(POLL)


async def _still_in(visit: Visit) -> bool:
    site = visit.site
    try:
        return await site.read(lambda work: find_session(work.uow, site.street, visit.token, work.now)) is not None
    except Exception as error:  # the database is away: then there is nothing to be seen either
        logger.error("console: session cannot be read: %s", type(error).__name__)
        return True
