"""Sealed files in a folder beside the database, and the table that says whose they are.

The bytes are on the disk before the row is committed. So a crash can leave a file without a row, which nobody
can reach and the sweep removes, but never a row that was promised and has no file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.errors import NoRoom, NotFound
from bot.storage.sealing import Keys
from bot.storage.tables import files

KEPT = timedelta(days=400)
# A file without a row may belong to a transaction that is not committed yet.
UNCLAIMED = timedelta(hours=1)
# Bytes that stay free on the disk, for the database must go on writing whatever people send.
RESERVE = 300_000_000
REF = re.compile(r"[A-Za-z0-9_-]{24}")


class FileStore:
    """The folder. Args: folder: made when first needed, readable by its owner only. keys: seal what lies in it."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder, self._keys = folder, keys

    def write(self, content: bytes) -> str:
        """Seal and keep; the file is on the disk, under its name, when this returns that name.

        Raises:
            NoRoom: the disk is full, or nearly. OSError: it cannot be written for another reason.
        """
        ref = secrets.token_urlsafe(18)
        fresh = self._folder / f"{ref}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < RESERVE + 2 * len(content):
                raise OSError(errno.ENOSPC, "nearly full")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(self._keys.seal_bytes(content))
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(self._folder / ref)
            self._sync_folder()
        except BaseException as error:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom("the disk is full", f"free some space on the disk of {self._folder}") from None
            raise
        return ref

    def read(self, ref: str) -> bytes:
        """Raises NotFound; ConfigError: it was sealed with another secret."""
        if not REF.fullmatch(ref):  # a ref never leads out of the folder
            raise NotFound("no such file")
        try:
            sealed = (self._folder / ref).read_bytes()
        except FileNotFoundError:
            raise NotFound("no such file") from None
        return self._keys.open_bytes(sealed)

    def list_unclaimed(self, now: datetime) -> list[str]:
        """Names in the folder, half-written files among them, that have been there for UNCLAIMED."""
        before = (now - UNCLAIMED).timestamp()
        if not self._folder.is_dir():
            return []
        with os.scandir(self._folder) as entries:
            return [entry.name for entry in entries if entry.is_file() and entry.stat().st_mtime <= before]

    def remove(self, name: str) -> None:
        """Delete one file; another process may have been faster."""
        (self._folder / name).unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        """Make the new name durable, not only the bytes."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class SqlFiles:
    """See bot.services.ports.Files."""

    def __init__(self, connection: Connection, store: FileStore | None) -> None:
        self._connection, self._store = connection, store

    def write(self, content: bytes) -> str:
        """Put bytes on the disk, for register() soon; its name. Takes no lock, and nobody can read them yet.

        Raises:
            NoRoom: the disk is full.
        """
        return self._open_store().write(content)

    def register(self, client_id: int, ref: str, size: int, now: datetime) -> None:
        """Make what was written a file of this client."""
        values = {"ref": ref, "client_id": client_id, "size": size, "created_at": now}
        self._connection.execute(files.insert().values(values))

    def add(self, client_id: int, content: bytes, now: datetime) -> str:
        """Write and register what is small, such as a document falin has filled in; its name, for Attachment("local", …).

        Raises:
            NoRoom: the disk is full.
        """
        ref = self.write(content)
        self.register(client_id, ref, len(content), now)
        return ref

    def read(self, ref: str) -> bytes:
        """Raises NotFound: it never was, or its client was forgotten, even when the bytes are still there."""
        if self._connection.execute(sa.select(files.c.ref).where(files.c.ref == ref)).first() is None:
            raise NotFound("no such file")
        return self._open_store().read(ref)

    def count_bytes(self, client_id: int) -> int:
        """How much of this client's lies here, in bytes."""
        query = sa.select(sa.func.coalesce(sa.func.sum(files.c.size), 0)).where(files.c.client_id == client_id)
        return int(self._connection.execute(query).scalar_one())

    def _open_store(self) -> FileStore:
        if self._store is None:
            raise RuntimeError("this unit of work was opened without a folder for files")
        return self._store


def purge_files(engine: Engine, store: FileStore, now: datetime) -> None:
    """Drop files that are KEPT long enough, and bytes that belong to nobody any more.

    A row whose file is missing stays until its time is over: the folder may only be away for a while.
    """
    candidates = store.list_unclaimed(now)  # before the rows: whatever gets its row meanwhile is in them
    with engine.begin() as connection:
        connection.execute(files.delete().where(files.c.created_at < now - KEPT))
        known = {row.ref for row in connection.execute(sa.select(files.c.ref))}
    for name in candidates:
        if name not in known:
            store.remove(name)
