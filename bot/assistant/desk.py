"""The assistant for asynchronous channels: one thread takes the turns, channels wait for replies."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.assistant.assistant import Assistant, Receipt
from bot.domain.messages import Inbound, Outgoing

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
LISTEN_SECONDS = 1.0
LONGEST_PAUSE = 60.0


class Desk:
    """Runs the synchronous assistant beside an event loop.

    A turn takes milliseconds and Rasa computes without waiting, so one thread serves one process well:
    the event loop is never blocked, and messages of one client stay in order. More processes on one
    PostgreSQL give more turns at a time.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="turns")
        self._bells: defaultdict[int | None, set[asyncio.Event]] = defaultdict(set)
        self._running: set[asyncio.Task[int]] = set()

    async def accept(self, inbound: Inbound) -> Receipt:
        """Store an update; returns once it is durable. The answer follows by itself."""
        receipt = await self.call(self._assistant.receive, inbound)
        task = asyncio.create_task(self._answer(receipt.client_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return receipt

    async def resume(self) -> int:
        """Answer what a crash left unanswered."""
        answered = await self.call(self._assistant.resume)
        self._ring(None)
        return answered

    async def find_client(self, channel: str, client_key: str) -> int | None:
        """See Assistant.find_client."""
        return await self.call(self._assistant.find_client, channel, client_key)

    async def list_replies(self, client_id: int, after: int) -> list[Outgoing]:
        """See Assistant.list_replies."""
        return await self.call(self._assistant.list_replies, client_id, after)

    async def acknowledge(self, client_id: int, last_id: int) -> None:
        """See Assistant.acknowledge."""
        await self.call(self._assistant.acknowledge, client_id, last_id)

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function in the turn thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def bell(self, client_id: int | None = None) -> asyncio.Event:
        """An event set when there may be new replies for a client, or for anybody; unhang it when done."""
        event = asyncio.Event()
        self._bells[client_id].add(event)
        return event

    def unhang(self, event: asyncio.Event) -> None:
        """Stop setting `event`."""
        for client_id in [name for name, events in self._bells.items() if event in events]:
            self._bells[client_id].discard(event)
            if not self._bells[client_id]:
                del self._bells[client_id]

    async def listen(self) -> None:
        """Ring for what other processes put into the outbox; runs until cancelled."""
        newest = 0
        while True:
            try:
                news = await self.call(self._assistant.list_news, newest) if self._bells else {}
            except Exception as error:  # the database is away: next time
                logger.error("outbox cannot be read: %s", type(error).__name__)
                news = {}
            newest = max(newest, *news.values()) if news else newest
            for client_id in news:
                self._ring(client_id)
            await asyncio.sleep(LISTEN_SECONDS)

    async def close(self) -> None:
        """Finish the running turns, then stop."""
        if self._running:
            await asyncio.wait(self._running, timeout=10)
        for task in self._running:
            task.cancel()
        self._thread.shutdown(wait=True)

    async def _answer(self, client_id: int) -> int:
        pause = 1.0
        while True:
            try:
                answered = await self.call(self._assistant.answer, client_id)
                break
            except Exception as error:  # the database is away: the message waits there
                logger.error("client %s not answered: %s", client_id, type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        self._ring(client_id)
        return answered

    def _ring(self, client_id: int | None) -> None:
        for event in (*self._bells.get(client_id, ()), *self._bells.get(None, ())):
            event.set()


async def wait_for_bell(event: asyncio.Event, seconds: float) -> None:
    """Wait until the bell rings, at most `seconds`, and take it down again."""
    ringing = asyncio.ensure_future(event.wait())
    try:
        # Not asyncio.wait_for: on Python 3.10 it can swallow a cancellation.
        await asyncio.wait({ringing}, timeout=seconds)
    finally:
        ringing.cancel()
        event.clear()
