"""Timers, and drafts of forms that somebody will go on with later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.timers import Timer
from bot.storage.insert import insert_once, upsert
from bot.storage.sealing import Keys
from bot.storage.tables import drafts, timers


class SqlTimers:
    """See bot.services.ports.Timers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kind: str, subject: str, due_at: datetime) -> bool:
        """Set a timer; False when this one was set before: its moment stays as it is."""
        values = {"kind": kind, "subject": subject, "due_at": due_at}
        return insert_once(self._connection, timers, values, "kind, subject")

    def list_due(self, now: datetime, limit: int = 100) -> list[Timer]:
        """Timers whose moment has come, oldest first."""
        query = sa.select(timers).where(timers.c.done_at.is_(None), timers.c.due_at <= now)
        rows = self._connection.execute(query.order_by(timers.c.due_at, timers.c.id).limit(limit))
        return [Timer(row.id, row.kind, row.subject, row.due_at) for row in rows]

    def finish(self, timer_id: int, now: datetime) -> bool:
        """Take a timer for oneself; False when another process was first."""
        done = self._connection.execute(
            timers.update().where(timers.c.id == timer_id, timers.c.done_at.is_(None)).values(done_at=now)
        )
        return bool(done.rowcount == 1)

    def cancel(self, kind: str, subject: str, now: datetime) -> None:
        """It need not ring any more."""
        self._connection.execute(
            timers.update()
            .where(timers.c.kind == kind, timers.c.subject == subject, timers.c.done_at.is_(None))
            .values(done_at=now)
        )

    def drop(self, kind: str, subject: str) -> None:
        """Forget it, so that it can be set anew."""
        self._connection.execute(timers.delete().where(timers.c.kind == kind, timers.c.subject == subject))


class SqlDrafts:
    """See bot.services.ports.Drafts."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def find(self, client_id: int, kind: str) -> dict[str, Any] | None:
        """What the client has filled in so far."""
        query = sa.select(drafts.c.content_sealed).where(drafts.c.client_id == client_id, drafts.c.kind == kind)
        row = self._connection.execute(query).first()
        return self._keys.open(row.content_sealed) if row else None

    def save(self, client_id: int, kind: str, content: dict[str, Any], now: datetime) -> None:
        """Replace the draft."""
        values = {"client_id": client_id, "kind": kind, "content_sealed": self._keys.seal(content), "updated_at": now}
        upsert(self._connection, drafts, values, "client_id, kind")

    def clear(self, client_id: int, kind: str) -> None:
        """Drop the draft."""
        self._connection.execute(drafts.delete().where(drafts.c.client_id == client_id, drafts.c.kind == kind))
