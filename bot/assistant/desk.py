"""The assistant for asynchronous channels: one thread takes the turns, channels wait for replies."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.assistant.assistant import Assistant, Receipt
from bot.domain.messages import Inbound, Outgoing

Result = TypeVar("Result")


class Desk:
    """Runs the synchronous assistant beside an event loop.

    A turn takes milliseconds and Rasa computes without waiting, so one thread serves one process well:
    the event loop is never blocked, and messages of one client stay in order. More processes on one
    PostgreSQL give more turns at a time.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="turns")
        self._bells: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
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
        self._ring()
        return answered

    async def identify(self, channel: str, client_key: str) -> int:
        """See Assistant.identify."""
        return await self.call(self._assistant.identify, channel, client_key)

    async def list_replies(self, client_id: int, after: int) -> list[Outgoing]:
        """See Assistant.list_replies."""
        return await self.call(self._assistant.list_replies, client_id, after)

    async def acknowledge(self, client_id: int, last_id: int) -> None:
        """See Assistant.acknowledge."""
        await self.call(self._assistant.acknowledge, client_id, last_id)

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function in the turn thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def bell(self, name: str) -> asyncio.Event:
        """An event set whenever this process may have put something into the outbox; unhang it when done."""
        event = asyncio.Event()
        self._bells[name].add(event)
        return event

    def unhang(self, name: str, event: asyncio.Event) -> None:
        """Stop setting `event`."""
        self._bells[name].discard(event)

    async def close(self) -> None:
        """Finish the running turns, then stop."""
        if self._running:
            await asyncio.wait(self._running, timeout=10)
        self._thread.shutdown(wait=True)

    async def _answer(self, client_id: int) -> int:
        answered = await self.call(self._assistant.answer, client_id)
        self._ring()
        return answered

    def _ring(self) -> None:
        for events in self._bells.values():
            for event in events:
                event.set()


async def wait_for_bell(event: asyncio.Event, seconds: float) -> None:
    """Wait until the bell rings, at most `seconds`: another process may have written to the outbox."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        return
    finally:
        event.clear()
