"""Delivery: replies wait in the outbox until the platform accepts them, in order per client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from bot.assistant.desk import Desk, wait_for_bell
from bot.domain.calendar import utc_now
from bot.domain.messages import Outgoing
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

logger = logging.getLogger(__name__)

# After this time without a word from the process that claimed a reply, another may send it.
CLAIM = timedelta(seconds=60)
LONGEST_PAUSE = 300.0
BATCH = 30
IDLE_SECONDS = 1.0
NOTE_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)


class RetryLater(Exception):
    """The platform did not take the reply now. Args: seconds: what it asked to wait, None if it did not say."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(f"retry in {seconds} s")
        self.seconds = seconds


class Undeliverable(Exception):
    """The platform will never take this reply. Args: a short reason code, no text of the message."""


# Returns the platform's own ids of the messages that the reply became.
Sender = Callable[[Outgoing], Awaitable[Collection[str]]]
Lost = Callable[[UnitOfWork, Outgoing], None]
# Reasons that mean: this addressee has gone. Others are about the one message.
GONE = ("blocked", "chat_not_found")


def pause_before(attempts: int, asked: float | None) -> float:
    """Seconds until the next try: what the platform asked, else 1, 2, 4 … up to LONGEST_PAUSE."""
    return asked if asked is not None else min(2.0 ** min(max(attempts - 1, 0), 10), LONGEST_PAUSE)


class Delivery:
    """Delivers the outbox of one channel that pushes (a browser fetches for itself).

    Between the platform's acceptance and our note of it a crash can strike; platforms without an
    idempotency key then get the reply again. It is never lost.

    Args:
        channel: whose replies. send: hands one to the platform; raises RetryLater or Undeliverable.
        lost: told, in the same transaction, when an addressee cannot be reached any more.
    """

    def __init__(
        self,
        channel: str,
        open_unit: UnitOfWorkFactory,
        desk: Desk,
        send: Sender,
        now: Callable[[], datetime] = utc_now,
        lost: Lost = lambda uow, outgoing: None,
    ) -> None:
        self._channel, self._open_unit, self._desk, self._send, self._now = channel, open_unit, desk, send, now
        self._lost = lost

    async def run(self) -> None:
        """Deliver until cancelled. A slow client holds up nobody else: each reply is sent on its own."""
        bell = self._desk.bell()
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                for outgoing in await self._claim_safely(BATCH - len(under_way)):
                    task = asyncio.create_task(self._deliver(outgoing))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                    task.add_done_callback(lambda _: bell.set())  # the client's next reply is due now
                await wait_for_bell(bell, IDLE_SECONDS)
        finally:
            self._desk.unhang(bell)
            for task in under_way:
                task.cancel()

    async def deliver_due(self) -> int:
        """One round: the next due reply of every client; how many were tried."""
        due = await self._desk.call(self._claim, BATCH)
        await asyncio.gather(*(self._deliver(outgoing) for outgoing in due))
        return len(due)

    async def _claim_safely(self, limit: int) -> list[Outgoing]:
        try:
            return await self._desk.call(self._claim, limit) if limit > 0 else []
        except Exception as error:  # the database is away: the replies wait there
            logger.error("delivery of %s failed: %s", self._channel, type(error).__name__)
            return []

    def _claim(self, limit: int) -> list[Outgoing]:
        with self._open_unit() as uow:
            due = uow.outbox.claim_due(self._channel, self._now(), self._now() + CLAIM, limit)
            uow.commit()
        return due

    async def _deliver(self, outgoing: Outgoing) -> None:
        claim = asyncio.create_task(self._keep_claim(outgoing.id))
        try:
            message_ids = await self._send(outgoing)
        except RetryLater as error:
            pause = timedelta(seconds=pause_before(outgoing.attempts + 1, error.seconds))
            await self._note(lambda uow: uow.outbox.postpone(outgoing.id, self._now() + pause))
        except Undeliverable as error:
            logger.warning("reply %s cannot be delivered: %s", outgoing.id, error)
            reason = str(error)
            await self._note(lambda uow: self._give_up(uow, outgoing, reason))
        except Exception as error:  # a fault of our own must not stop the others
            logger.error("reply %s: %s", outgoing.id, type(error).__name__)
            pause = timedelta(seconds=pause_before(outgoing.attempts + 1, None))
            await self._note(lambda uow: uow.outbox.postpone(outgoing.id, self._now() + pause))
        else:
            await self._note(lambda uow: uow.outbox.mark_delivered(outgoing.id, self._now(), message_ids))
        finally:
            claim.cancel()

    def _give_up(self, uow: UnitOfWork, outgoing: Outgoing, reason: str) -> None:
        uow.outbox.give_up(outgoing.id, reason, self._now())
        if reason in GONE:
            self._lost(uow, outgoing)

    async def _keep_claim(self, outbox_id: int) -> None:
        """Renew the claim for as long as the sending takes: a large file on a slow line takes minutes."""
        while True:
            await asyncio.sleep(CLAIM.total_seconds() / 2)
            await self._note(lambda uow: uow.outbox.postpone(outbox_id, self._now() + CLAIM))

    async def _note(self, change: Callable[..., None]) -> None:
        """Note what became of a reply; tried again for a while, for a lost note means a second sending."""

        def work() -> None:
            with self._open_unit() as uow:
                change(uow)
                uow.commit()

        for pause in NOTE_PAUSES:
            try:
                return await self._desk.call(work)
            except Exception as error:
                logger.error("outbox not noted: %s", type(error).__name__)
                await asyncio.sleep(pause)
        await self._desk.call(work)
