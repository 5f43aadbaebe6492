"""A Telegram update as falin's own message type."""

from __future__ import annotations

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.ext.filters import StatusUpdate

from bot.domain.calendar import utc_now
from bot.domain.messages import Inbound, clean_text

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
    "sticker": "sticker",
    "document": "document",
    "location": "location",
    "contact": "contact",
}


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
    sent_at = (message.edit_date if edited else None) or message.date
    client_key = str(message.chat.id)
    if message.text is not None:
        return Inbound("telegram", update_id, client_key, sent_at, text=message.text, edited=edited)
    kind = next((kind for name, kind in FILE_KINDS.items() if getattr(message, name)), "other")
    if edited and kind == "location":  # a shared live position moves every few seconds
        return None
    return Inbound("telegram", update_id, client_key, sent_at, file=kind, edited=edited)


def _read_press(update_id: str, query: CallbackQuery) -> Inbound | None:
    if query.data is None or query.message is None or query.message.chat.type != ChatType.PRIVATE:
        return None
    client_key = str(query.message.chat.id)
    # Telegram does not say when a button was pressed.
    return Inbound("telegram", update_id, client_key, utc_now(), choice=clean_text(query.data))
