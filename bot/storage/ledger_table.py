"""The ledger: rows go in; nothing ever changes or leaves."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.engine import Connection

from bot.domain.calendar import beijing_day
from bot.domain.ledger import Entry
from bot.storage.insert import insert_once
from bot.storage.tables import ledger


class SqlLedger:
    """See bot.services.ports.Ledger."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: Entry) -> bool:
        """Append an entry; False when one with its key stands there already."""
        values = {**asdict(entry), "day": beijing_day(entry.occurred_at)}
        return insert_once(self._connection, ledger, values, "key")
