"""The bytes of attachments, wherever they lie: with falin, or with a platform that is asked when somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from bot.domain.calendar import utc_now
from bot.domain.errors import NotFound
from bot.domain.messages import Attachment
from bot.services.files import keep_file
from bot.services.unit_of_work import UnitOfWorkFactory

# Reads what a platform keeps, by its own reference; raises FileGone or FileAway.
ReadRemote = Callable[[str], Awaitable[bytes]]


class FileGone(Exception):
    """It never was, was erased, or its platform does not give it out: asking again is of no use."""


class FileAway(Exception):
    """It cannot be had now: the platform is away or slow."""


class FileReader(Protocol):
    """Reads an attachment, at most MAX_FILE bytes; raises FileGone or FileAway."""

    async def read(self, attachment: Attachment) -> bytes: ...


class FileDesk:
    """Keeps and reads files for the channels and the console; itself a FileReader.

    Files are sealed and opened in threads of their own: a large one takes a tenth of a second.

    Args:
        open_unit: with a folder for files.
        remote: by source, e.g. {"telegram": channel.read_file}; a source that is not named has no files.
    """

    def __init__(self, open_unit: UnitOfWorkFactory, remote: Mapping[str, ReadRemote] | None = None) -> None:
        self._open_unit, self._remote = open_unit, remote or {}

    async def keep(self, channel: str, client_key: str, content: bytes) -> str:
        """Keep a file of whoever is behind this address; its ref.

        Raises:
            NoRoom: see keep_file.
        """

        return await asyncio.to_thread(keep_file, self._open_unit, channel, client_key, content, utc_now())

    async def read(self, attachment: Attachment) -> bytes:
        """See FileReader."""
        if attachment.source == "local":
            return await asyncio.to_thread(self._read_local, attachment.ref)
        if attachment.source in self._remote:
            return await self._remote[attachment.source](attachment.ref)
        raise FileGone("no such source")

    def _read_local(self, ref: str) -> bytes:
        try:
            with self._open_unit(read_only=True) as uow:
                return uow.files.read(ref)
        except NotFound:
            raise FileGone("erased") from None
