"""The ledger: rows go in; nothing ever changes or leaves."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.calendar import beijing_day
from bot.domain.errors import NotFound
from bot.domain.ledger import Entry
from bot.storage.insert import insert_once
from bot.storage.tables import closed_years, ledger

FIELDS = tuple(field.name for field in fields(Entry))


class SqlLedger:
    """See bot.services.ports.Ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: Entry) -> bool:
        """Append an entry; False when one with its key stands there already."""
        values = {**asdict(entry), "day": beijing_day(entry.occurred_at)}
        del values["id"]
        return insert_once(self._connection, ledger, values, "key")

    def get(self, entry_id: int) -> Entry:
        """Raises NotFound."""
        row = self._connection.execute(sa.select(ledger).where(ledger.c.id == entry_id)).one_or_none()
        if row is None:
            raise NotFound(f"no entry {entry_id}")
        return entry_of(row)

    def find_by_key(self, key: str) -> Entry | None:
        """The entry that stands there under this key."""
        row = self._connection.execute(sa.select(ledger).where(ledger.c.key == key)).one_or_none()
        return entry_of(row) if row else None

    def find_correction(self, entry_id: int) -> Entry | None:
        """What stands in the place of an entry."""
        row = self._connection.execute(sa.select(ledger).where(ledger.c.corrects == entry_id)).one_or_none()
        return entry_of(row) if row else None

    def list_recorded(self, member_id: str, limit: int) -> list[Entry]:
        """What a member entered by hand, newest first."""
        query = sa.select(ledger).where(ledger.c.recorded_by == member_id).order_by(ledger.c.id.desc()).limit(limit)
        return [entry_of(row) for row in self._connection.execute(query)]

    def list_for_client(self, pseudonym: str, limit: int) -> list[Entry]:
        """What a client, or an enterprise, was served with, newest first; without what was corrected or counts for nothing."""
        later = ledger.alias("later")
        query = sa.select(ledger).where(ledger.c.client == pseudonym, ledger.c.count > 0)
        query = query.where(~sa.exists().where(later.c.corrects == ledger.c.id)).order_by(ledger.c.id.desc()).limit(limit)
        return [entry_of(row) for row in self._connection.execute(query)]

    def is_closed(self, year: int) -> bool:
        """Whether the figures of a year are closed. It stays so until this transaction ends: a closing waits for it."""
        query = sa.select(closed_years.c.year).where(closed_years.c.year == year).with_for_update(read=True)
        return self._connection.execute(query).first() is not None

    def is_empty(self) -> bool:
        """Whether nothing was ever counted."""
        return self._connection.execute(sa.select(ledger.c.id).limit(1)).first() is None


def hold_ledger(connection: Connection, table: sa.Table) -> None:
    """Until the transaction ends nobody adds to the ledger, and only this one works on the table.

    PostgreSQL numbers rows before they are committed: the lock waits for those under way. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))
        connection.execute(sa.text("LOCK TABLE ledger IN SHARE MODE"))


def last_entry(connection: Connection) -> int:
    """The number of the newest entry; 0 without any."""
    return int(connection.execute(sa.select(sa.func.max(ledger.c.id))).scalar_one() or 0)


def entry_of(row: Any) -> Entry:
    """A row of the ledger."""
    return Entry(**{name: row._mapping[name] for name in FIELDS})
