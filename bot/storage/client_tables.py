"""Clients and conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.clients import Client
from bot.domain.errors import NotFound
from bot.storage.engine import read_only
from bot.storage.insert import insert_once, upsert
from bot.storage.mediation_tables import erase_mediations
from bot.storage.sealing import Keys, new_pseudonym
from bot.storage.tables import (
    aid_applications,
    answers_given,
    case_events,
    case_messages,
    cases,
    clients,
    conversations,
    drafts,
    files,
    inbox,
    member_accounts,
    outbox,
)


class SqlClients:
    """See bot.services.ports.Clients."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def is_empty(self) -> bool:
        """Whether nobody ever wrote."""
        return self._connection.execute(sa.select(clients.c.id).limit(1)).first() is None

    def find(self, channel: str, key: str) -> int | None:
        """The id of the client behind an address."""
        key_hash = self._keys.hash("client_key", f"{channel}:{key}")
        query = sa.select(clients.c.id).where(clients.c.channel == channel, clients.c.key_hash == key_hash)
        found = self._connection.execute(query).scalar()
        return int(found) if found is not None else None

    def find_or_add(self, channel: str, key: str, now: datetime) -> Client:
        """The client behind an address, added on the first message."""
        key_hash = self._keys.hash("client_key", f"{channel}:{key}")
        here = sa.select(clients).where(clients.c.channel == channel, clients.c.key_hash == key_hash)
        row = self._connection.execute(here).first()
        if row is None:
            insert_once(
                self._connection,
                clients,
                {
                    "pseudonym": new_pseudonym(),
                    "channel": channel,
                    "key_hash": key_hash,
                    "key_sealed": self._keys.seal(key),
                    "session": 0,
                    "created_at": now,
                },
                "channel, key_hash",
            )
            row = self._connection.execute(here).one()
        elif row.forgotten_at:
            self._connection.execute(clients.update().where(clients.c.id == row.id).values(forgotten_at=None))
        return self._client(row)

    def get(self, client_id: int) -> Client:
        """Raises NotFound."""
        row = self._connection.execute(sa.select(clients).where(clients.c.id == client_id)).first()
        if row is None:
            raise NotFound(f"no client {client_id}")
        return self._client(row)

    def save(self, client: Client) -> None:
        """Store what registration and counting change."""
        self._connection.execute(
            clients.update()
            .where(clients.c.id == client.id)
            .values(
                community=client.community,
                kind=client.kind,
                consented_at=client.consented_at,
                session=client.session,
                session_at=client.session_at,
            )
        )

    def erase(self, client_id: int, now: datetime) -> None:
        """Erase all that is personal; the bare address stays until the farewell is delivered (see purge)."""
        run = self._connection.execute
        run(
            cases.update().where(cases.c.client_id == client_id, cases.c.closed_at.is_(None)).values(closed_at=now)
        )
        theirs = sa.select(cases.c.id).where(cases.c.client_id == client_id).scalar_subquery()
        run(case_messages.delete().where(case_messages.c.case_id.in_(theirs)))
        run(case_events.update().where(case_events.c.case_id.in_(theirs)).values(detail_sealed=None))
        run(cases.update().where(cases.c.client_id == client_id).values(client_id=None, question_sealed=None))
        aid = aid_applications.c
        run(
            aid_applications.update()
            .where(aid.client_id == client_id, aid.decided_at.is_(None), aid.withdrawn_at.is_(None))
            .values(withdrawn_at=now)
        )
        run(aid_applications.update().where(aid.client_id == client_id).values(client_id=None, content_sealed=None))
        run(drafts.delete().where(drafts.c.client_id == client_id))
        run(files.delete().where(files.c.client_id == client_id))  # the sweep takes their bytes
        erase_mediations(self._connection, client_id, now)
        run(
            inbox.update()
            .where(inbox.c.client_id == client_id, inbox.c.handled_at.is_not(None))
            .values(content_sealed=None, client_id=None)
        )
        run(outbox.delete().where(outbox.c.client_id == client_id, outbox.c.delivered_at.is_not(None)))
        run(member_accounts.delete().where(member_accounts.c.client_id == client_id))
        run(answers_given.delete().where(answers_given.c.client_id == client_id))
        run(
            clients.update()
            .where(clients.c.id == client_id)
            .values(
                pseudonym=new_pseudonym(),
                community=None,
                kind=None,
                consented_at=None,
                session=0,
                session_at=None,
                forgotten_at=now,
            )
        )

    def lock(self, client_id: int) -> None:
        """Hold off other processes from this client until the transaction ends; SQLite's write lock does already."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": client_id})

    def move(self, from_client: int, to_client: int) -> None:
        """One person at a new address: registration and pseudonym go there; the old one keeps nothing."""
        run = self._connection.execute
        names = ("pseudonym", "community", "kind", "consented_at", "session", "session_at")
        columns = sa.select(*(clients.c[name] for name in names))
        old = run(columns.where(clients.c.id == from_client)).one()._mapping
        here = run(columns.where(clients.c.id == to_client)).one()._mapping
        fresh = {"community": None, "kind": None, "consented_at": None, "session": 0, "session_at": None}
        run(clients.update().where(clients.c.id == from_client).values(pseudonym=new_pseudonym(), **fresh))
        kept = dict(old) if old["consented_at"] else {**here, "pseudonym": old["pseudonym"]}
        run(clients.update().where(clients.c.id == to_client).values(kept))
        run(answers_given.delete().where(answers_given.c.client_id == from_client))
        run(conversations.delete().where(conversations.c.client_id == from_client))
        run(drafts.delete().where(drafts.c.client_id == to_client))
        run(drafts.update().where(drafts.c.client_id == from_client).values(client_id=to_client))
        run(files.update().where(files.c.client_id == from_client).values(client_id=to_client))

    def _client(self, row: Any) -> Client:
        return Client(
            id=row.id,
            pseudonym=row.pseudonym,
            channel=row.channel,
            key=self._keys.open(row.key_sealed),
            community=row.community,
            kind=row.kind,
            consented_at=row.consented_at,
            session=row.session,
            session_at=row.session_at,
        )


class SqlConversations:
    """See bot.services.ports.Conversations."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def find(self, client_id: int) -> dict[str, Any] | None:
        """The conversation's state, None before the first turn."""
        query = sa.select(conversations.c.state_sealed).where(conversations.c.client_id == client_id)
        row = self._connection.execute(query).first()
        return self._keys.open(row.state_sealed) if row else None

    def save(self, client_id: int, state: dict[str, Any], now: datetime) -> None:
        """Replace the conversation's state."""
        values = {"client_id": client_id, "state_sealed": self._keys.seal(state), "updated_at": now}
        upsert(self._connection, conversations, values, "client_id")

    def clear(self, client_id: int) -> None:
        """Forget the conversation."""
        self._connection.execute(conversations.delete().where(conversations.c.client_id == client_id))


def check_keys(engine: Engine, keys: Keys) -> None:
    """Raises ConfigError when this database was sealed with another secret: better at the start than in a turn."""
    query = sa.select(clients.c.key_sealed).order_by(clients.c.id.desc()).limit(1)
    with read_only(engine).connect() as connection:
        sealed = connection.execute(query).scalar()
    if sealed is not None:
        keys.open(sealed)
