"""Taking updates in: stored first, confirmed to Telegram afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace

from telegram import Bot, CallbackQuery, Update
from telegram.error import NetworkError, TelegramError

from bot.assistant.desk import Desk
from bot.channels.telegram.updates import read_update
from bot.domain.messages import Inbound

logger = logging.getLogger(__name__)


class Intake(asyncio.Queue[object]):
    """Where the Updater puts what it fetched. It holds nothing: what put() has taken is in the database.

    The Updater moves its offset, which confirms a batch to Telegram, only when every put() of the
    batch has returned. If one raises, the whole batch is fetched again; the inbox knows repeats.
    """

    def __init__(self, bot: Bot, desk: Desk) -> None:
        super().__init__()
        self._bot, self._desk = bot, desk
        self._bot_id = bot.token.partition(":")[0]
        self._presses: set[asyncio.Task[None]] = set()

    async def put(self, item: object) -> None:
        """Store one update.

        Raises:
            NetworkError: it could not be stored. The Updater repeats after a TelegramError;
                any other exception would end its polling without a word.
        """
        assert isinstance(item, Update)
        try:
            await self.take(item)
        except Exception as error:
            logger.error("update %s not stored, fetched again: %s", item.update_id, type(error).__name__)
            raise NetworkError("update not stored") from None

    async def take(self, update: Update) -> None:
        """Store an update if it is for falin; raises what the database raises."""
        if update.callback_query is not None:
            self._acknowledge(update.callback_query)
        inbound = self._read(update)
        if inbound is not None:
            await self._desk.accept(inbound)

    async def close(self) -> None:
        """Stop what is still under way."""
        for task in self._presses:
            task.cancel()
        if self._presses:
            await asyncio.wait(self._presses)

    def _read(self, update: Update) -> Inbound | None:
        try:
            inbound = read_update(update)
            # Another bot counts its updates anew.
            return inbound and replace(inbound, update_id=f"{self._bot_id}:{inbound.update_id}")
        except Exception as error:  # whatever it is, it would fail again: the next ones must get through
            logger.error("update %s cannot be read: %s", update.update_id, type(error).__name__)
            return None

    def _acknowledge(self, query: CallbackQuery) -> None:
        """Stop the waiting sign on a pressed button; nothing depends on it."""

        async def answer() -> None:
            with contextlib.suppress(TelegramError):
                await self._bot.answer_callback_query(query.id)

        task = asyncio.create_task(answer())
        self._presses.add(task)
        task.add_done_callback(self._presses.discard)
