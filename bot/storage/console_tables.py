"""The console: log-in, sessions, wrong tries; and what its pages look at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.console import (
    ABSOLUTE,
    FORGIVEN,
    CaseReading,
    ConsoleAccount,
    ConsoleInvite,
    ConsoleSession,
    Tries,
)
from bot.storage.insert import upsert
from bot.storage.sealing import Keys
from bot.storage.tables import (
    aid_applications,
    aid_events,
    answers_given,
    assignments,
    case_events,
    case_messages,
    cases,
    console_accounts,
    console_invites,
    console_marks,
    console_recovery_codes,
    console_sessions,
    console_tries,
    mediation_events,
    mediations,
)


class SqlConsoleAccounts:
    """See bot.services.ports.ConsoleAccounts."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    # -- invitations

    def add_invite(self, token: str, invite: ConsoleInvite) -> None:
        """Store an invitation; earlier ones of the member are worth nothing any more."""
        self.drop_invites(invite.member_id)
        values = {"token_hash": token, "member_id": invite.member_id, "expires_at": invite.expires_at}
        self._run(console_invites.insert().values(secret_sealed=self._keys.seal(invite.secret), **values))

    def find_invite(self, token: str, now: datetime) -> ConsoleInvite | None:
        """An invitation that still holds."""
        row = self._first(console_invites, console_invites.c.token_hash == token, console_invites.c.expires_at > now)
        return ConsoleInvite(row.member_id, self._keys.open(row.secret_sealed), row.expires_at) if row else None

    def list_invites(self, now: datetime) -> list[ConsoleInvite]:
        """Invitations nobody has followed yet, without their secrets."""
        query = sa.select(console_invites).where(console_invites.c.expires_at > now)
        rows = self._run(query.order_by(console_invites.c.expires_at))
        return [ConsoleInvite(row.member_id, "", row.expires_at) for row in rows]

    def drop_invites(self, member_id: str) -> None:
        """The member's invitations are worth nothing any more."""
        self._run(console_invites.delete().where(console_invites.c.member_id == member_id))

    # -- accounts

    def save(self, account: ConsoleAccount) -> None:
        """Store an account, in the place of an earlier one."""
        values = {
            "member_id": account.member_id, "password_hash": account.password_hash,
            "secret_sealed": self._keys.seal(account.secret), "last_step": account.last_step,
            "joined_at": account.joined_at,
        }  # fmt: skip
        upsert(self._connection, console_accounts, values, "member_id")

    def find(self, member_id: str) -> ConsoleAccount | None:
        """The member's account."""
        row = self._first(console_accounts, console_accounts.c.member_id == member_id)
        if row is None:
            return None
        secret = self._keys.open(row.secret_sealed)
        return ConsoleAccount(row.member_id, row.password_hash, secret, row.joined_at, row.last_step)

    def list_joined(self) -> set[str]:
        """Members with an account."""
        return {row.member_id for row in self._run(sa.select(console_accounts.c.member_id))}

    def remove(self, member_id: str) -> None:
        """Account, sessions, recovery codes, invitations: all gone."""
        for table in (console_accounts, console_recovery_codes, console_sessions, console_invites, console_marks):
            self._run(table.delete().where(table.c.member_id == member_id))

    def set_recovery_codes(self, member_id: str, codes: Collection[str]) -> None:
        """Replace the recovery codes. Args: codes: hashes."""
        self._run(console_recovery_codes.delete().where(console_recovery_codes.c.member_id == member_id))
        for code in codes:
            self._run(console_recovery_codes.insert().values(member_id=member_id, code_hash=code))

    def use_recovery_code(self, member_id: str, code: str) -> bool:
        """Use a recovery code up; False when it is none of the member's."""
        table = console_recovery_codes
        gone = self._run(table.delete().where(table.c.member_id == member_id, table.c.code_hash == code))
        return bool(gone.rowcount == 1)

    def count_recovery_codes(self, member_id: str) -> int:
        """How many are left."""
        here = console_recovery_codes.c.member_id == member_id
        return int(self._run(sa.select(sa.func.count()).select_from(console_recovery_codes).where(here)).scalar())

    # -- sessions

    def add_session(self, token: str, session: ConsoleSession) -> None:
        """Somebody has logged in."""
        values = {"member_id": session.member_id, "created_at": session.created_at, "seen_at": session.seen_at}
        self._run(console_sessions.insert().values(token_hash=token, **values))

    def find_session(self, token: str) -> ConsoleSession | None:
        """A session, whether or not it still holds."""
        row = self._first(console_sessions, console_sessions.c.token_hash == token)
        return ConsoleSession(row.member_id, row.created_at, row.seen_at) if row else None

    def touch_session(self, token: str, now: datetime) -> None:
        """It is in use."""
        self._run(console_sessions.update().where(console_sessions.c.token_hash == token).values(seen_at=now))

    def end_session(self, token: str) -> None:
        """Log out."""
        self._run(console_sessions.delete().where(console_sessions.c.token_hash == token))

    def end_sessions(self, member_id: str) -> None:
        """Log out everywhere."""
        self._run(console_sessions.delete().where(console_sessions.c.member_id == member_id))

    # -- wrong tries

    def find_tries(self, kind: str, who: str) -> Tries | None:
        """Tries of an account or an address."""
        row = self._first(console_tries, *self._tries_of(kind, who))
        return Tries(row.failures, row.blocked_until, row.last_at) if row else None

    def save_tries(self, kind: str, who: str, tries: Tries) -> None:
        """Note them."""
        values = {
            "kind": kind, "who_hash": self._keys.hash("console_tries", who), "failures": tries.failures,
            "blocked_until": tries.blocked_until, "last_at": tries.last_at,
        }  # fmt: skip
        upsert(self._connection, console_tries, values, "kind, who_hash")

    def clear_tries(self, kind: str, who: str) -> None:
        """Somebody knew the password after all."""
        self._run(console_tries.delete().where(*self._tries_of(kind, who)))

    def _tries_of(self, kind: str, who: str) -> tuple[Any, Any]:
        return console_tries.c.kind == kind, console_tries.c.who_hash == self._keys.hash("console_tries", who)

    def _first(self, table: sa.Table, *conditions: Any) -> Any:
        return self._run(sa.select(table).where(*conditions)).first()

    def _run(self, statement: Any) -> Any:
        return self._connection.execute(statement)


# Events among which readings stand, and what was read.
READ = (
    (case_events, cases, "case_id"), (mediation_events, mediations, "mediation_id"),
    (aid_events, aid_applications, "application_id"),
)  # fmt: skip


def _last_change(events: sa.Table) -> sa.sql.Select[Any]:
    return sa.select(events.c.id).where(events.c.kind != "read").order_by(events.c.id.desc()).limit(1)


class SqlConsoleViews:
    """See bot.services.ports.ConsoleViews."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def revision(self) -> str:
        """Changes whenever something happened that pages show; somebody's reading does not count.

        Seven look-ups in indexes: asked for once a second.
        """
        parts = (
            *(_last_change(events) for events in (case_events, mediation_events, aid_events)),
            sa.select(sa.func.max(case_messages.c.id)),
            sa.select(sa.func.max(case_messages.c.edited_at)),
            sa.select(sa.func.max(case_messages.c.withdrawn_at)),
            sa.select(sa.func.max(assignments.c.id)),
        )
        found = [self._connection.execute(query).scalar() for query in parts]
        return "-".join(str(int(v.timestamp() * 1000) if isinstance(v, datetime) else v or 0) for v in found)

    def list_readings(self, since: datetime, limit: int = 500) -> list[CaseReading]:
        """Who read which case, mediation or application, newest first."""
        found = sa.union_all(
            *(
                sa.select(read.c.reference, events.c.actor, events.c.at, events.c.id)
                .join(read, read.c.id == events.c[key])
                .where(events.c.kind == "read", events.c.at >= since)
                for events, read, key in READ
            )
        ).subquery()
        query = sa.select(found).order_by(found.c.at.desc(), found.c.id.desc()).limit(limit)
        return [CaseReading(row.reference, row.actor, row.at) for row in self._connection.execute(query)]

    def list_cases_had(self, member_id: str, limit: int = 50) -> list[int]:
        """Closed or passed on: cases the member once took over and does not have open now, newest first."""
        query = (
            sa.select(cases.c.id)
            .join(assignments, assignments.c.case_id == cases.c.id)
            .where(
                assignments.c.adviser_id == member_id,
                assignments.c.accepted_at.is_not(None),
                sa.or_(
                    cases.c.closed_at.is_not(None), cases.c.adviser_id.is_(None), cases.c.adviser_id != member_id
                ),
            )
            .distinct()
            .order_by(cases.c.id.desc())
            .limit(limit)
        )
        return [int(row.id) for row in self._connection.execute(query)]

    def list_answers(self, client_id: int) -> list[tuple[str, datetime]]:
        """Which entries a client was given and when last, newest first."""
        query = sa.select(answers_given).where(answers_given.c.client_id == client_id)
        rows = self._connection.execute(query.order_by(answers_given.c.given_at.desc(), answers_given.c.entry))
        return [(row.entry, row.given_at) for row in rows]

    def mark_seen(self, member_id: str, case_id: int, message_id: int) -> None:
        """The member has seen everything up to this message."""
        values = {"member_id": member_id, "case_id": case_id, "message_id": message_id}
        upsert(self._connection, console_marks, values, "member_id, case_id")

    def count_unread(self, member_id: str) -> dict[int, int]:
        """By open case of the member: the client's messages since the member last looked or wrote."""
        own = (
            sa.select(case_messages.c.case_id, sa.func.max(case_messages.c.id).label("last"))
            .where(case_messages.c.author == member_id)
            .group_by(case_messages.c.case_id)
            .subquery()
        )
        here = sa.and_(console_marks.c.case_id == case_messages.c.case_id, console_marks.c.member_id == member_id)
        query = (
            sa.select(case_messages.c.case_id, sa.func.count())
            .join(cases, cases.c.id == case_messages.c.case_id)
            .outerjoin(console_marks, here)
            .outerjoin(own, own.c.case_id == case_messages.c.case_id)
            .where(
                cases.c.adviser_id == member_id,
                cases.c.closed_at.is_(None),
                case_messages.c.author == "client",
                case_messages.c.id > sa.func.coalesce(console_marks.c.message_id, 0),
                case_messages.c.id > sa.func.coalesce(own.c.last, 0),
            )
            .group_by(case_messages.c.case_id)
        )
        return {int(case_id): int(number) for case_id, number in self._connection.execute(query)}


def purge_console(connection: Connection, now: datetime) -> None:
    """Drop sessions, invitations and wrong tries that are over."""
    connection.execute(console_sessions.delete().where(console_sessions.c.created_at < now - ABSOLUTE))
    connection.execute(console_invites.delete().where(console_invites.c.expires_at < now))
    connection.execute(console_tries.delete().where(console_tries.c.last_at < now - FORGIVEN))
