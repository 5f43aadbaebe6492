"""Delivery: replies wait in the outbox until the platform accepts them, in order per client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.assistant.desk import Desk, wait_for_bell
from bot.domain.calendar import utc_now
from bot.domain.messages import Outgoing
from bot.services.unit_of_work import UnitOfWorkFactory

logger = logging.getLogger(__name__)

# After this time without a word from the process that claimed a reply, another may send it.
CLAIM = timedelta(seconds=60)
LONGEST_PAUSE = 300.0
BATCH = 30
IDLE_SECONDS = 1.0


class RetryLater(Exception):
    """The platform did not take the reply now. Args: seconds: what it asked to wait, None if it did not say."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"retry in {seconds} s")
        self.seconds = seconds


class Undeliverable(Exception):
    """The platform will never take this reply. Args: a short reason code, no text of the message."""


Sender = Callable[[Outgoing], Awaitable[None]]


def pause_before(attempts: int, asked: float | None) -> float:
    """Seconds until the next try: what the platform asked, else 1, 2, 4 … up to LONGEST_PAUSE."""
    return asked if asked is not None else min(2.0 ** min(max(attempts - 1, 0), 10), LONGEST_PAUSE)


class Delivery:
    """Delivers the outbox of one channel that pushes (a browser fetches for itself).

    Between the platform's acceptance and our note of it a crash can strike; platforms without an
    idempotency key then get the reply again. It is never lost.

    Args:
        channel: whose replies. send: hands one to the platform; raises RetryLater or Undeliverable.
    """

    def __init__(
        self,
        channel: str,
        open_unit: UnitOfWorkFactory,
        desk: Desk,
        send: Sender,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._channel, self._open_unit, self._desk, self._send, self._now = channel, open_unit, desk, send, now

    async def run(self) -> None:
        """Deliver until cancelled."""
        bell = self._desk.bell()
        try:
            while True:
                try:
                    delivered = await self.deliver_due()
                except Exception as error:  # the database is away: the replies wait there
                    logger.error("delivery of %s failed: %s", self._channel, type(error).__name__)
                    delivered = 0
                if not delivered:
                    await wait_for_bell(bell, IDLE_SECONDS)
        finally:
            self._desk.unhang(bell)

    async def deliver_due(self) -> int:
        """One round: the next due reply of every client; how many were tried."""
        due = await self._desk.call(self._claim)
        await asyncio.gather(*(self._deliver(outgoing) for outgoing in due))
        return len(due)

    def _claim(self) -> list[Outgoing]:
        with self._open_unit() as uow:
            due = uow.outbox.claim_due(self._channel, self._now(), self._now() + CLAIM, BATCH)
            uow.commit()
        return due

    async def _deliver(self, outgoing: Outgoing) -> None:
        try:
            await self._send(outgoing)
        except RetryLater as error:
            pause = timedelta(seconds=pause_before(outgoing.attempts + 1, error.seconds))
            await self._note(lambda uow: uow.outbox.postpone(outgoing.id, self._now() + pause))
        except Undeliverable as error:
            logger.warning("reply %s cannot be delivered: %s", outgoing.id, error)
            reason = str(error)
            await self._note(lambda uow: uow.outbox.give_up(outgoing.id, reason, self._now()))
        except Exception as error:  # a fault of our own must not stop the others
            logger.error("reply %s: %s", outgoing.id, type(error).__name__)
            pause = timedelta(seconds=pause_before(outgoing.attempts + 1, None))
            await self._note(lambda uow: uow.outbox.postpone(outgoing.id, self._now() + pause))
        else:
            await self._note(lambda uow: uow.outbox.mark_delivered(outgoing.id, self._now()))

    async def _note(self, change: Callable[..., None]) -> None:
        def work() -> None:
            with self._open_unit() as uow:
                change(uow)
                uow.commit()

        await self._desk.call(work)
