"""A Telegram update as falin's own message type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.ext.filters import StatusUpdate

from bot.domain.calendar import utc_now
from bot.domain.messages import CARRIED_KINDS, MAX_FILE, Attachment, Inbound, clean_name, clean_text

# What falin asks Telegram for; read_update copes with every other kind too.
WANTED = ("message", "edited_message", "callback_query")

# Attribute of a message → kind of file. An animation is also a document, a venue also a location:
# the first that is set counts.
FILE_KINDS = {
    "photo": "photo",
    "voice": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "audio": "document",
    "sticker": "sticker",
    "document": "document",
    "location": "location",
    "contact": "contact",
}
# Telegram does not name the media type of these.
USUAL_TYPES = {"photo": "image/jpeg", "voice": "audio/ogg", "video": "video/mp4"}


@dataclass(frozen=True)
class _File:
    """What a message carries beside words."""

    kind: str
    attachment: Attachment | None = None
    too_large: bool = False


def read_update(update: Update) -> Inbound | None:
    """What a resident sent in a private chat; None for everything that gets no answer.

    That is: groups, channels, other bots, notices such as "message pinned", and kinds of update falin
    does not know.
    """
    update_id = str(update.update_id)
    if update.callback_query is not None:
        return _read_press(update_id, update.callback_query)
    message = update.message or update.edited_message
    if message is None or not _is_from_resident(message) or StatusUpdate.ALL.check_update(update):
        return None
    return _read_message(update_id, message, edited=update.message is None)


def _is_from_resident(message: Message) -> bool:
    sender = message.from_user
    return message.chat.type == ChatType.PRIVATE and not (sender is not None and sender.is_bot)


def _read_message(update_id: str, message: Message, *, edited: bool) -> Inbound | None:
    file = _read_file(message) if message.text is None else None
    if edited and file and file.kind == "location":  # a shared live position moves every few seconds
        return None
    answered = message.reply_to_message
    return Inbound(
        channel="telegram",
        update_id=update_id,
        client_key=str(message.chat.id),
        sent_at=(message.edit_date if edited else None) or message.date,
        text=message.text,
        file=file.kind if file else None,
        edited=edited,
        message_id=str(message.message_id),
        reply_to=str(answered.message_id) if answered else "",
        attachment=file.attachment if file else None,
        too_large=file.too_large if file else False,
    )


def _read_file(message: Message) -> _File:
    name = next((name for name in FILE_KINDS if getattr(message, name)), "")
    kind = FILE_KINDS.get(name, "other")
    if kind not in CARRIED_KINDS:
        return _File(kind)
    sent: Any = getattr(message, name)
    if name == "photo":  # one photo in several sizes
        sent = max(sent, key=lambda size: size.width * size.height)
    size = sent.file_size or 0
    if size > MAX_FILE:
        return _File(kind, too_large=True)
    attachment = Attachment(
        source="telegram",
        ref=sent.file_id,
        kind=kind,
        name=clean_name(getattr(sent, "file_name", None) or ""),
        mime=clean_text(getattr(sent, "mime_type", None) or USUAL_TYPES.get(kind, ""))[:80],
        size=size,
        caption=clean_text(message.caption or ""),
    )
    return _File(kind, attachment)


def _read_press(update_id: str, query: CallbackQuery) -> Inbound | None:
    if query.data is None or query.message is None or query.message.chat.type != ChatType.PRIVATE:
        return None
    client_key = str(query.message.chat.id)
    # Telegram does not say when a button was pressed.
    return Inbound("telegram", update_id, client_key, utc_now(), choice=clean_text(query.data))
