"""One message at a time to Telegram: posted with or without a file, or put in the place of an earlier one."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
)
from telegram.error import BadRequest

from bot.channels.files import FileGone, FileReader
from bot.channels.telegram.keyboards import Keyboard, build_keyboard
from bot.channels.telegram.splitting import split_caption, split_text
from bot.domain.messages import Attachment, Outgoing, Reply, clean_name, clean_text

logger = logging.getLogger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
CHAT_GONE = ("chat not found", "user is deactivated", "peer_id_invalid")
NOT_MODIFIED = "message is not modified"
# A file id only goes out as what it came in as, and falin does not keep round videos, GIFs and music apart.
OTHER_TYPE = ("file of type", "type of file")
# File ids are good for one bot only: with another token all older ones are lost.
UNKNOWN_FILE = ("file identifier", "file_id", "file id")
# What Telegram shows as a photo when it is uploaded; other pictures go as documents.
PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
MAX_PHOTO = 10_000_000  # bytes
# Seconds. Telegram works on an uploaded video before it answers; the outbox renews its claim meanwhile.
UPLOAD_TIMEOUT = 60.0
MEDIA = {"photo": InputMediaPhoto, "video": InputMediaVideo, "document": InputMediaDocument}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Part:
    """What becomes one message: text, or a file with a caption ("" for none)."""

    text: str
    attachment: Attachment | None = None
    keyboard: Keyboard | None = None


def plan_parts(reply: Reply) -> list[Part]:
    """The messages a reply becomes, in order, its buttons below the last; none when it is blank."""
    text = clean_text(reply.text)
    if reply.attachment is None:
        parts = [Part(piece) for piece in split_text(text)]
    else:
        before, caption = split_caption(text)
        parts = [*(Part(piece) for piece in before), Part(caption, reply.attachment)]
    if parts:
        parts[-1] = Part(parts[-1].text, parts[-1].attachment, build_keyboard(reply))
    return parts


def is_chat_gone(error: BadRequest) -> bool:
    """Whether there is nobody any more to send anything to."""
    return any(sign in str(error).lower() for sign in CHAT_GONE)


class Posting:
    """Posts and edits. Args: bot: the client. files: reads what Telegram does not have itself."""

    def __init__(self, bot: Bot, files: FileReader) -> None:
        self._bot, self._files = bot, files

    async def post(self, outgoing: Outgoing, part: Part) -> str:
        """Send a part; its message id, "" when the server's answer cannot be read.

        Raises:
            TelegramError: refused. FileGone, FileAway: its file cannot be had.
        """

        async def send(keyboard: Keyboard | None) -> str:
            try:
                return str((await self._send_part(outgoing, part, keyboard)).message_id)
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                # The server said yes, only its description of the message cannot be parsed (all that can go
                # wrong earlier is a TelegramError): sending again would repeat it for ever.
                logger.warning("reply %s: accepted, answer unreadable (%s)", outgoing.id, type(error).__name__)
                return ""

        return await _or_without_buttons(outgoing, send, part.keyboard)

    async def edit(self, outgoing: Outgoing, part: Part, message_id: str) -> bool:
        """Put a part in the place of an earlier message; False when Telegram does not allow it.

        Raises:
            TelegramError: not now, or the chat is gone.
        """
        keyboard = part.keyboard if isinstance(part.keyboard, InlineKeyboardMarkup) else None

        async def change(keyboard: Keyboard | None) -> None:
            await self._change(outgoing.client_key, int(message_id), part, keyboard)

        try:
            await _or_without_buttons(outgoing, change, keyboard)
        except BadRequest as error:
            if is_chat_gone(error):
                raise
            return NOT_MODIFIED in str(error).lower()
        except (ValueError, TypeError, KeyError, OverflowError):  # see post
            pass
        return True

    async def _change(self, chat: str, message_id: int, part: Part, keyboard: Keyboard | None) -> None:
        where: dict[str, Any] = {"chat_id": chat, "message_id": message_id, "reply_markup": keyboard}
        file = part.attachment
        if file is None:  # refused when a file stood there: it was taken back, and words cannot take its place
            await self._bot.edit_message_text(part.text, link_preview_options=NO_PREVIEW, **where)
        elif file.source == "telegram" and file.kind in MEDIA:  # the picture itself may be another one
            await self._bot.edit_message_media(MEDIA[file.kind](file.ref, caption=part.text), **where)
        else:
            await self._bot.edit_message_caption(caption=part.text, **where)

    async def _send_part(self, outgoing: Outgoing, part: Part, keyboard: Keyboard | None) -> Any:
        if part.attachment:
            try:
                return await self._send_file(outgoing.client_key, part, part.attachment, keyboard)
            except FileGone:
                if not part.text:
                    raise
                logger.warning("reply %s: its file is gone, only the words are sent", outgoing.id)
        return await self._bot.send_message(
            outgoing.client_key, part.text, reply_markup=keyboard, link_preview_options=NO_PREVIEW
        )

    async def _send_file(self, chat: str, part: Part, file: Attachment, keyboard: Keyboard | None) -> Any:
        more: dict[str, Any] = {"caption": part.text or None, "reply_markup": keyboard}
        if file.source == "telegram":
            try:
                return await self._sender(file.kind)(chat, file.ref, **more)
            except BadRequest as error:
                said = str(error).lower()
                if any(sign in said for sign in UNKNOWN_FILE):
                    raise FileGone("not this bot's") from None
                if not any(sign in said for sign in OTHER_TYPE):
                    raise
        content = await self._files.read(file)
        more |= {"filename": _name_for(file), "read_timeout": UPLOAD_TIMEOUT}
        as_photo = file.mime in PHOTO_TYPES and len(content) <= MAX_PHOTO
        kind = "document" if file.kind == "photo" and not as_photo else file.kind
        try:
            return await self._sender(kind)(chat, content, **more)
        except BadRequest as error:
            if kind == "document" or is_chat_gone(error) or _is_about_buttons(error):
                raise
            return await self._bot.send_document(chat, content, **more)  # e.g. a picture a mile long

    def _sender(self, kind: str) -> Callable[..., Awaitable[Any]]:
        bot = self._bot
        senders: dict[str, Callable[..., Awaitable[Any]]] = {
            "photo": bot.send_photo, "voice": bot.send_voice, "video": bot.send_video, "document": bot.send_document
        }  # fmt: skip
        return senders[kind]


async def _or_without_buttons(
    outgoing: Outgoing, call: Callable[[Keyboard | None], Awaitable[Result]], keyboard: Keyboard | None
) -> Result:
    try:
        return await call(keyboard)
    except BadRequest as error:
        # e.g. a link to localhost: the answer is worth more than its buttons
        if not isinstance(keyboard, InlineKeyboardMarkup) or not _is_about_buttons(error):
            raise
        logger.warning("reply %s: Telegram refused the buttons, sent without", outgoing.id)
        return await call(None)


def _is_about_buttons(error: BadRequest) -> bool:
    return "button" in str(error).lower()


def _name_for(file: Attachment) -> str:
    """A name for an upload; Telegram guesses from its ending what the file is."""
    return clean_name(file.name) or file.kind + (mimetypes.guess_extension(file.mime) or "")
