"""Members: their accounts on a channel, the invitations that create them, and when they are away."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.roster import Absence
from bot.storage.insert import upsert
from bot.storage.tables import absences, member_accounts, member_invites


class SqlMembers:
    """See bot.services.ports.Members."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_invite(self, token_hash: str, member_id: str, expires_at: datetime) -> None:
        """Store an invitation."""
        self._connection.execute(
            member_invites.insert().values(token_hash=token_hash, member_id=member_id, expires_at=expires_at)
        )

    def use_invite(self, token_hash: str, now: datetime) -> str | None:
        """Use an invitation up; the member's id, or None when it is unknown, used or expired."""
        here = member_invites.c.token_hash == token_hash
        used = self._connection.execute(
            member_invites.update()
            .where(here, member_invites.c.used_at.is_(None), member_invites.c.expires_at > now)
            .values(used_at=now)
        )
        if used.rowcount != 1:
            return None
        return str(self._connection.execute(sa.select(member_invites.c.member_id).where(here)).scalar_one())

    def add_account(self, member_id: str, client_id: int, now: datetime) -> None:
        """Bind a member to an account; a new one replaces the old (a lost phone)."""
        self._connection.execute(member_accounts.delete().where(member_accounts.c.client_id == client_id))
        values = {"member_id": member_id, "client_id": client_id, "joined_at": now}
        upsert(self._connection, member_accounts, values, "member_id")

    def remove_account(self, member_id: str) -> None:
        """The member leaves, or has lost the phone."""
        self._connection.execute(member_accounts.delete().where(member_accounts.c.member_id == member_id))

    def find_account(self, member_id: str | None) -> int | None:
        """The client id of the member's account; nobody has none."""
        if member_id is None:
            return None
        query = sa.select(member_accounts.c.client_id).where(member_accounts.c.member_id == member_id)
        found = self._connection.execute(query).scalar()
        return int(found) if found is not None else None

    def find_by_client(self, client_id: int) -> str | None:
        """The member behind an account."""
        query = sa.select(member_accounts.c.member_id).where(member_accounts.c.client_id == client_id)
        found = self._connection.execute(query).scalar()
        return str(found) if found is not None else None

    def add_absence(self, absence: Absence) -> None:
        """Note that a member is away."""
        self._connection.execute(
            absences.insert().values(member_id=absence.member_id, first=absence.first, last=absence.last)
        )

    def end_absence(self, member_id: str, last: date) -> None:
        """The member is back: what is open ends, what lies ahead is dropped."""
        here = absences.c.member_id == member_id
        self._connection.execute(absences.delete().where(here, absences.c.first > last))
        self._connection.execute(
            absences.update().where(here, sa.or_(absences.c.last.is_(None), absences.c.last > last)).values(last=last)
        )

    def list_absences(self, since: date) -> list[Absence]:
        """Absences that do not end before a day."""
        query = sa.select(absences).where(sa.or_(absences.c.last.is_(None), absences.c.last >= since))
        return [Absence(row.member_id, row.first, row.last) for row in self._connection.execute(query)]
