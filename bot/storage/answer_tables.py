"""Which answers were given to whom, and which are withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.answers import Recipient, Withdrawal
from bot.storage.insert import upsert
from bot.storage.tables import answers_given, clients, withdrawals


class SqlAnswers:
    """See bot.services.ports.Answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note_given(self, client_id: int, entry: str, now: datetime) -> None:
        """Remember that a client was given an entry's answer, and when last."""
        values = {"client_id": client_id, "entry": entry, "given_at": now}
        upsert(self._connection, answers_given, values, "client_id, entry")

    def withdraw(self, entry: str, law: str, since: date) -> None:
        """Take an entry out of answering; a later day replaces an earlier one."""
        upsert(self._connection, withdrawals, {"entry": entry, "law": law, "since": since}, "entry")

    def list_withdrawn(self) -> list[Withdrawal]:
        """Every withdrawal, whether or not the entry was reviewed since."""
        rows = self._connection.execute(sa.select(withdrawals).order_by(withdrawals.c.entry))
        return [Withdrawal(row.entry, row.law, row.since) for row in rows]

    def list_given(self, client_id: int) -> list[str]:
        """Entries a client was given the answer of, the latest first."""
        query = sa.select(answers_given.c.entry).where(answers_given.c.client_id == client_id)
        return [row.entry for row in self._connection.execute(query.order_by(answers_given.c.given_at.desc()))]

    def list_recipients(self, entries: Collection[str]) -> list[Recipient]:
        """Who was given one of these answers, as pseudonyms."""
        rows = self._connection.execute(
            sa.select(clients.c.pseudonym, clients.c.community, answers_given.c.entry, answers_given.c.given_at)
            .join(clients, clients.c.id == answers_given.c.client_id)
            .where(answers_given.c.entry.in_(list(entries)))
            .order_by(answers_given.c.entry, answers_given.c.given_at)
        )
        return [Recipient(row.pseudonym, row.community or "", row.entry, row.given_at) for row in rows]
