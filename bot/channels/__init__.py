"""Telegram, web chat and terminal: each turns its own updates into Inbound and delivers Outgoing."""
