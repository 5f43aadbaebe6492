"""Telegram: updates in by polling or webhook, replies out through the outbox."""

from bot.channels.telegram.runner import TelegramChannel

__all__ = ["TelegramChannel"]
