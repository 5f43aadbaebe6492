"""Replies to Telegram messages, and Telegram's refusals to what the outbox understands."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.assistant.delivery import RetryLater, Undeliverable
from bot.channels.telegram.splitting import split_text
from bot.channels.telegram.surface import KEYS
from bot.domain.messages import Button, Outgoing, Reply, clean_text

logger = logging.getLogger(__name__)

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
CHAT_GONE = ("chat not found", "user is deactivated", "peer_id_invalid")
# How many half-sent replies are remembered; a forgotten one is sent again from its beginning.
REMEMBERED = 1_000


class Sending:
    """Hands replies to Telegram. Args: bot: the client."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._parts_sent: dict[int, int] = {}  # by outbox id
        self._under_way = 0
        self._idle = asyncio.Event()
        self._closing = False

    async def send(self, outgoing: Outgoing) -> None:
        """Send a reply, in parts when it is long; a repeated call goes on with the part that failed.

        Raises:
            RetryLater: not now. Undeliverable: never.
        """
        if self._closing:
            raise RetryLater(1.0)
        self._under_way += 1
        try:
            await self._send_parts(outgoing)
        except TelegramError as error:
            raise translate(error) from None
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def close(self, seconds: float) -> None:
        """Begin nothing new; wait up to `seconds` for what is on its way, so that it is not sent twice."""
        self._closing = True
        self._idle.clear()
        if self._under_way:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)

    async def _send_parts(self, outgoing: Outgoing) -> None:
        parts = split_text(clean_text(outgoing.reply.text))
        if not parts:
            raise Undeliverable("empty")
        for index in range(self._parts_sent.pop(outgoing.id, 0), len(parts)):
            keyboard = build_keyboard(outgoing.reply) if index == len(parts) - 1 else None
            try:
                await self._send_part(outgoing, parts[index], keyboard)
            except BaseException:
                self._remember(outgoing.id, index)
                raise

    async def _send_part(self, outgoing: Outgoing, text: str, keyboard: Keyboard | None) -> None:
        try:
            await self._post(outgoing, text, keyboard)
        except BadRequest as error:
            # e.g. a link to localhost: the answer is worth more than its buttons
            if not isinstance(keyboard, InlineKeyboardMarkup) or "button" not in str(error).lower():
                raise
            logger.warning("reply %s: Telegram refused the buttons, sent without", outgoing.id)
            await self._post(outgoing, text, None)

    async def _post(self, outgoing: Outgoing, text: str, keyboard: Keyboard | None) -> None:
        try:
            await self._bot.send_message(
                outgoing.client_key, text, reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            # The server said yes, only its description of the message cannot be parsed (all that can go
            # wrong earlier is a TelegramError): sending again would repeat it for ever.
            logger.warning("reply %s: accepted, answer unreadable (%s)", outgoing.id, type(error).__name__)

    def _remember(self, outbox_id: int, parts: int) -> None:
        if parts:
            self._parts_sent[outbox_id] = parts
        while len(self._parts_sent) > REMEMBERED:
            del self._parts_sent[next(iter(self._parts_sent))]


def build_keyboard(reply: Reply) -> Keyboard:
    """The reply's buttons; without any, the standing keys under the input field."""
    rows = [[key for button in row if (key := _build_button(button))] for row in reply.buttons]
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else KEYS


def _build_button(button: Button) -> InlineKeyboardButton | None:
    if button.url.startswith(("http://", "https://")):
        return InlineKeyboardButton(button.title, url=button.url)
    if button.payload:
        return InlineKeyboardButton(button.title, callback_data=button.payload)
    return None  # Telegram has no buttons that dial; the number stands in the text


def translate(error: TelegramError) -> RetryLater | Undeliverable:
    """What an error means for the reply. The error's own text is dropped: it may quote anything."""
    if isinstance(error, RetryAfter):
        asked = error.retry_after
        return RetryLater(asked.total_seconds() if isinstance(asked, timedelta) else float(asked))
    if isinstance(error, Forbidden):
        return Undeliverable("blocked")
    if isinstance(error, ChatMigrated):
        return Undeliverable("chat_not_found")
    if isinstance(error, BadRequest):  # a kind of NetworkError, but final
        gone = any(sign in str(error).lower() for sign in CHAT_GONE)
        return Undeliverable("chat_not_found" if gone else "bad_request")
    return RetryLater(None)
