"""What is sent to somebody who is invited."""

from __future__ import annotations


def invitation_links(telegram_name: str, base_url: str, chat: str, console: str) -> tuple[str, str]:
    """For the chat (a link, or without the bot's name a line to send to it), and for the console.

    Args:
        chat, console: the tokens of the two invitations.
    """
    start = f"member_{chat}"
    first = f"https://t.me/{telegram_name}?start={start}" if telegram_name else f"/start {start}"
    return first, f"{base_url.rstrip('/')}/console/join/{console}"
