"""Keeping what residents send by the web chat."""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import NoRoom
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

# Bytes one client may have lying here: the papers of a long case, not a disk to fill.
MOST_BYTES = 300_000_000


def keep_file(open_unit: UnitOfWorkFactory, channel: str, client_key: str, content: bytes, now: datetime) -> str:
    """Keep a file of whoever is behind this address; its name, for Attachment("local", …).

    It opens two units of work, one after the other: sealing and writing a large file takes a second on a slow
    disk, and turns must not wait for it.

    Raises:
        NoRoom: the disk is full, or this client has MOST_BYTES here already.
    """
    with open_unit(read_only=True) as uow:
        _require_room(uow, channel, client_key, len(content))
        ref = uow.files.write(content)
    with open_unit() as uow:
        client = uow.clients.find_or_add(channel, client_key, now)
        uow.files.register(client.id, ref, len(content), now)
        uow.commit()
    return ref


def _require_room(uow: UnitOfWork, channel: str, client_key: str, size: int) -> None:
    client_id = uow.clients.find(channel, client_key)
    if client_id is not None and uow.files.count_bytes(client_id) + size > MOST_BYTES:
        raise NoRoom(f"client {client_id} has too many files")
