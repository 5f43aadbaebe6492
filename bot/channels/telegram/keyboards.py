"""A reply's buttons as Telegram's keyboards."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.channels.telegram.surface import KEYS
from bot.domain.messages import Button, Reply

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup


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
