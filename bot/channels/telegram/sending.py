"""Replies to Telegram messages, and Telegram's refusals to what the outbox understands."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.assistant.delivery import RetryLater, Undeliverable
from bot.channels.files import FileAway, FileGone, FileReader
from bot.channels.telegram.posting import Part, Posting, is_chat_gone, plan_parts
from bot.domain.messages import Outgoing

# How many half-sent replies are remembered; a forgotten one is sent again from its beginning.
REMEMBERED = 1_000


class Sending:
    """Hands replies to Telegram. Args: bot: the client. files: reads what Telegram does not have itself."""

    def __init__(self, bot: Bot, files: FileReader) -> None:
        self._bot = bot
        self._posting = Posting(bot, files)
        self._parts_sent: dict[int, list[str]] = {}  # by outbox id: the message ids of the parts
        self._under_way = 0
        self._idle = asyncio.Event()
        self._closing = False

    async def send(self, outgoing: Outgoing) -> list[str]:
        """Send a reply, in parts when it is long; a repeated call goes on with the part that failed.

        Returns:
            Telegram's ids of the messages that now hold it.

        Raises:
            RetryLater: not now. Undeliverable: never.
        """
        if self._closing:
            raise RetryLater(1.0)
        self._under_way += 1
        try:
            return await self._send(outgoing)
        except TelegramError as error:
            raise translate(error) from None
        except FileGone:
            raise Undeliverable("file_gone") from None
        except FileAway:
            raise RetryLater(None) from None
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

    async def _send(self, outgoing: Outgoing) -> list[str]:
        parts = plan_parts(outgoing.reply)
        if not parts:
            raise Undeliverable("empty")
        earlier = outgoing.replaces_messages
        # As many messages as before: each is changed where it stands. Else all is sent anew, and the old ones go.
        if len(earlier) == len(parts) and await self._edit_parts(outgoing, parts):
            return list(earlier)
        message_ids = await self._post_parts(outgoing, parts)
        await self._remove(outgoing.client_key, earlier)
        return message_ids

    async def _edit_parts(self, outgoing: Outgoing, parts: list[Part]) -> bool:
        for part, message_id in zip(parts, outgoing.replaces_messages, strict=True):
            if not await self._posting.edit(outgoing, part, message_id):
                return False
        return True

    async def _post_parts(self, outgoing: Outgoing, parts: list[Part]) -> list[str]:
        sent = self._parts_sent.pop(outgoing.id, [])
        for part in parts[len(sent) :]:
            try:
                sent.append(await self._posting.post(outgoing, part))
            except BaseException:
                self._remember(outgoing.id, sent)
                raise
        return [message_id for message_id in sent if message_id]

    async def _remove(self, chat: str, message_ids: tuple[str, ...]) -> None:
        """Take back what has just been replaced; when Telegram does not allow it, the older words stay above."""
        for message_id in message_ids:
            with contextlib.suppress(TelegramError):
                await self._bot.delete_message(chat, int(message_id))

    def _remember(self, outbox_id: int, sent: list[str]) -> None:
        if sent:
            self._parts_sent[outbox_id] = sent
        while len(self._parts_sent) > REMEMBERED:
            del self._parts_sent[next(iter(self._parts_sent))]


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
        return Undeliverable("chat_not_found" if is_chat_gone(error) else "bad_request")
    return RetryLater(None)
