"""Keeping what residents send by the web chat."""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import NoRoom
from bot.services.unit_of_work import UnitOfWork

# Bytes one client may have lying here: the papers of a long case, not a disk to fill.
MOST_BYTES = 300_000_000


def keep_file(uow: UnitOfWork, channel: str, client_key: str, content: bytes, now: datetime) -> str:
    """Keep a file of whoever is behind this address; its name, for Attachment("local", …).

    Raises:
        NoRoom: the disk is full, or this client has MOST_BYTES here already.
    """
    client = uow.clients.find_or_add(channel, client_key, now)
    if uow.files.count_bytes(client.id) + len(content) > MOST_BYTES:
        raise NoRoom(f"client {client.id} has too many files")
    return uow.files.add(client.id, content, now)
