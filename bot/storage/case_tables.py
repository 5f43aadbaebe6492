"""Cases and advisers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.cases import Case
from bot.storage.insert import upsert
from bot.storage.sealing import Keys
from bot.storage.tables import adviser_accounts, adviser_invites, cases


class SqlCases:
    """See bot.services.ports.Cases."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, case: Case) -> Case:
        """Store a new case; its id comes back set."""
        result = self._connection.execute(
            cases.insert().values(
                reference=case.reference,
                client_id=case.client_id,
                community=case.community,
                matter=case.matter,
                urgency=case.urgency,
                question_sealed=self._keys.seal(case.question),
                adviser_id=case.adviser_id,
                opened_at=case.opened_at,
            )
        )
        case.id = int(result.inserted_primary_key[0])
        return case

    def find_open(self, client_id: int) -> Case | None:
        """The client's case that is not closed."""
        return next((case for case in self.list_for_client(client_id) if case.state != "closed"), None)

    def list_for_client(self, client_id: int) -> list[Case]:
        """The client's cases, newest first."""
        query = sa.select(cases).where(cases.c.client_id == client_id).order_by(cases.c.id.desc())
        return [self._case(row) for row in self._connection.execute(query)]

    def _case(self, row: Any) -> Case:
        return Case(
            id=row.id,
            reference=row.reference,
            client_id=row.client_id,
            community=row.community,
            matter=row.matter,
            urgency=row.urgency,
            question=self._keys.open(row.question_sealed) if row.question_sealed else "",
            opened_at=row.opened_at,
            adviser_id=row.adviser_id,
            accepted_at=row.accepted_at,
            closed_at=row.closed_at,
        )


class SqlAdvisers:
    """See bot.services.ports.Advisers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_invite(self, token_hash: str, adviser_id: str, expires_at: datetime) -> None:
        """Store an invitation."""
        self._connection.execute(
            adviser_invites.insert().values(token_hash=token_hash, adviser_id=adviser_id, expires_at=expires_at)
        )

    def use_invite(self, token_hash: str, now: datetime) -> str | None:
        """Use an invitation up; the adviser's id, or None when it is unknown, used or expired."""
        here = adviser_invites.c.token_hash == token_hash
        used = self._connection.execute(
            adviser_invites.update()
            .where(here, adviser_invites.c.used_at.is_(None), adviser_invites.c.expires_at > now)
            .values(used_at=now)
        )
        if used.rowcount != 1:
            return None
        return str(self._connection.execute(sa.select(adviser_invites.c.adviser_id).where(here)).scalar_one())

    def add_account(self, adviser_id: str, client_id: int, now: datetime) -> None:
        """Bind an adviser to an account; a new one replaces the old (a lost phone)."""
        self._connection.execute(adviser_accounts.delete().where(adviser_accounts.c.client_id == client_id))
        values = {"adviser_id": adviser_id, "client_id": client_id, "joined_at": now}
        upsert(self._connection, adviser_accounts, values, "adviser_id")

    def find_account(self, adviser_id: str) -> int | None:
        """The client id of the adviser's account."""
        query = sa.select(adviser_accounts.c.client_id).where(adviser_accounts.c.adviser_id == adviser_id)
        found = self._connection.execute(query).scalar()
        return int(found) if found is not None else None

    def find_by_client(self, client_id: int) -> str | None:
        """The adviser behind an account."""
        query = sa.select(adviser_accounts.c.adviser_id).where(adviser_accounts.c.client_id == client_id)
        found = self._connection.execute(query).scalar()
        return str(found) if found is not None else None
