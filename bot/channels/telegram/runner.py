"""The life of the Telegram channel: connect, receive, deliver, stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from starlette.routing import Route
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import Updater

from bot.assistant.delivery import Delivery, Lost
from bot.assistant.desk import Desk
from bot.channels.files import FileAway, FileDesk, FileGone
from bot.channels.telegram.client import build_client
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.sending import Sending
from bot.channels.telegram.surface import COMMANDS
from bot.channels.telegram.updates import WANTED
from bot.channels.telegram.webhook import PATH, Webhook
from bot.domain.calendar import utc_now
from bot.domain.messages import MAX_FILE
from bot.services.unit_of_work import UnitOfWorkFactory
from bot.settings import Settings

logger = logging.getLogger(__name__)

# Seconds.
POLL = 30
POLL_PAUSE = 0.1  # some servers (not Telegram) answer at once instead of holding the request
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
STOP = 5.0


class TelegramChannel:
    """falin on Telegram: polling, or a webhook when settings.telegram_webhook is set.

    Started and stopped once. Only one process may poll for a bot; any number may share a webhook.

    Args:
        settings: with a telegram_token. desk: takes the updates. open_unit: for the outbox.
        now: the clock.  lost: see Delivery.
    """

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        open_unit: UnitOfWorkFactory,
        now: Callable[[], datetime] = utc_now,
        lost: Lost = lambda uow, outgoing: None,
    ) -> None:
        self._settings, self._desk = settings, desk
        self._bot = build_client(settings)
        self._intake = Intake(self._bot, desk)
        self._updater = Updater(self._bot, self._intake)
        self._sending = Sending(self._bot, FileDesk(open_unit, {"telegram": self.read_file}))
        self._delivery = Delivery("telegram", open_unit, desk, self._sending.send, now, lost)
        self._task: asyncio.Task[None] | None = None

    def route(self) -> Route | None:
        """Where Telegram calls; None when polling."""
        if not self._settings.telegram_webhook:
            return None
        webhook = Webhook(self._settings.telegram_secret, self._bot, self._intake)
        return Route(PATH, webhook.receive, methods=["POST"])

    async def read_file(self, file_id: str) -> bytes:
        """What somebody sent by Telegram, at most MAX_FILE bytes.

        Raises:
            FileGone: unknown, or too large. FileAway: not now.
        """
        try:
            file = await self._bot.get_file(file_id)
            if (file.file_size or 0) > MAX_FILE:
                raise FileGone("too large")
            content = bytes(await file.download_as_bytearray())
        except (BadRequest, Forbidden, RuntimeError):
            raise FileGone("Telegram does not have it") from None
        except TelegramError as error:
            logger.warning("telegram: a file cannot be fetched: %s", type(error).__name__)
            raise FileAway("not now") from None
        if len(content) > MAX_FILE:
            raise FileGone("too large")
        return content

    async def start(self) -> None:
        """Return at once and connect in the background, for as long as that takes.

        Until then replies wait in the outbox and everything else of falin works.
        """
        self._task = asyncio.create_task(self._run(), name="telegram")

    async def stop(self) -> None:
        """First no more updates, then no more replies. To be called before the desk closes."""
        if self._task is None:
            return
        self._bot.end_polling()
        if self._updater.running:
            # With the server away it could sleep for half a minute. Cut short, nothing is lost: what
            # was not confirmed is fetched again.
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._updater.stop(), STOP)
        await self._sending.close(STOP)
        await self._desk.call(lambda: None)  # the turn thread has now noted what was delivered
        while not self._task.done():  # in Python 3.10 asyncio.wait_for can swallow a cancellation
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.5)
        await self._intake.close()
        await self._bot.shutdown()

    async def _run(self) -> None:
        await self._connect()
        await self._delivery.run()

    async def _connect(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._open()
                logger.info("telegram: connected as bot %s", self._bot.id)
                return
            except InvalidToken:  # its text contains the token
                logger.error("telegram rejects FALIN_TELEGRAM_TOKEN; next try in %.0f s", pause)
            except Exception as error:  # process edge: falin also works without Telegram
                logger.warning("telegram not connected: %s; next try in %.0f s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _open(self) -> None:
        await self._updater.initialize()
        if self._settings.telegram_webhook:
            url = self._settings.telegram_webhook.removesuffix(PATH) + PATH
            secret = self._settings.telegram_secret
            await self._bot.set_webhook(url, allowed_updates=WANTED, secret_token=secret)
        elif not self._updater.running:
            await self._updater.start_polling(POLL_PAUSE, POLL, allowed_updates=WANTED, error_callback=log_polling)
        try:
            await self._bot.set_my_commands(COMMANDS)
        except TelegramError as error:  # a bot without a command menu still answers
            logger.warning("telegram: command menu not set: %s", type(error).__name__)


def log_polling(error: TelegramError) -> None:
    """Say that polling failed; the Updater tries again by itself, with growing pauses."""
    if isinstance(error, Conflict):
        logger.error("telegram: another process polls for this bot, or a webhook is set")
    else:
        logger.warning("telegram: polling failed: %s", type(error).__name__)
