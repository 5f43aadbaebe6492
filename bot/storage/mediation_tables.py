"""Mediations and their events. What the parties told, the agreement and every address are sealed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.errors import NotFound
from bot.domain.mediation import Content, Mediation, MediationEvent, Terms
from bot.storage.sealing import Keys
from bot.storage.tables import mediation_events, mediations

SEALED = ("content_sealed", "terms_sealed", "place_sealed")
CLIENTS = ("client_id", "respondent_client_id")  # 0 in the domain, NULL here
PLAIN = [c.name for c in mediations.c if c.name not in ("id", *SEALED, *CLIENTS)]
IS_OPEN = sa.and_(
    mediations.c.withdrawn_at.is_(None), mediations.c.refused_at.is_(None),
    mediations.c.respondent_refused_at.is_(None), mediations.c.concluded_at.is_(None),
)  # fmt: skip


class SqlMediations:
    """See bot.services.ports.Mediations."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, mediation: Mediation) -> Mediation:
        """Store a new mediation; its id comes back set."""
        result = self._connection.execute(mediations.insert().values(self._values(mediation)))
        mediation.id = int(result.inserted_primary_key[0])
        return mediation

    def save(self, mediation: Mediation) -> None:
        """Store what has changed."""
        self._connection.execute(
            mediations.update().where(mediations.c.id == mediation.id).values(self._values(mediation))
        )

    def get(self, mediation_id: int) -> Mediation:
        """Raises NotFound."""
        found = self._list(mediations.c.id == mediation_id)
        if not found:
            raise NotFound(f"no mediation {mediation_id}")
        return found[0]

    def lock(self, mediation_id: int) -> Mediation:
        """The mediation, held off from other processes until the transaction ends. Raises NotFound."""
        if self._connection.dialect.name == "postgresql":
            here = mediations.c.id == mediation_id
            self._connection.execute(sa.select(mediations.c.id).where(here).with_for_update())
        return self.get(mediation_id)

    def find_by_reference(self, reference: str) -> Mediation | None:
        """The mediation with this reference."""
        return next(iter(self._list(mediations.c.reference == reference)), None)

    def find_by_token(self, token_hash: str) -> Mediation | None:
        """The mediation whose other side was given this link."""
        return next(iter(self._list(mediations.c.token_hash == token_hash)), None)

    def list_for_client(self, client_id: int) -> list[Mediation]:
        """What the client applied for, newest first."""
        return self._list(mediations.c.client_id == client_id)

    def list_for_respondent(self, client_id: int) -> list[Mediation]:
        """Where the client is the other side, newest first."""
        return self._list(mediations.c.respondent_client_id == client_id)

    def list_open(self) -> list[Mediation]:
        """All that go on, oldest first."""
        return self._list(IS_OPEN)[::-1]

    def list_for_mediator(self, mediator_id: str) -> list[Mediation]:
        """The mediator's open ones, oldest first."""
        return self._list(IS_OPEN, mediations.c.mediator_id == mediator_id)[::-1]

    def list_ended(self, limit: int = 100) -> list[Mediation]:
        """Those that are over, newest first."""
        return self._list(sa.not_(IS_OPEN), limit=limit)

    def count_open_by_mediator(self) -> dict[str, int]:
        """How many open ones each mediator has."""
        query = sa.select(mediations.c.mediator_id, sa.func.count()).where(IS_OPEN)
        rows = self._connection.execute(
            query.where(mediations.c.mediator_id.is_not(None)).group_by(mediations.c.mediator_id)
        )
        return {mediator: int(number) for mediator, number in rows}

    def move(self, from_client: int, to_client: int) -> None:
        """All of one client's become another's: the same person at another address."""
        for name in CLIENTS:
            column = mediations.c[name]
            self._connection.execute(mediations.update().where(column == from_client).values({name: to_client}))

    def add_event(self, event: MediationEvent) -> None:
        """Append to what happened."""
        self._connection.execute(
            mediation_events.insert().values(
                mediation_id=event.mediation_id, at=event.at, kind=event.kind, actor=event.actor,
                detail_sealed=self._keys.seal(event.detail) if event.detail else None,
            )
        )  # fmt: skip

    def list_events(self, mediation_id: int) -> list[MediationEvent]:
        """What happened, in order."""
        query = sa.select(mediation_events).where(mediation_events.c.mediation_id == mediation_id)
        return [
            MediationEvent(row.mediation_id, row.at, row.kind, row.actor, self._open(row.detail_sealed) or "")
            for row in self._connection.execute(query.order_by(mediation_events.c.id))
        ]

    def _list(self, *conditions: Any, limit: int | None = None) -> list[Mediation]:
        query = sa.select(mediations).where(*conditions).order_by(mediations.c.id.desc()).limit(limit)
        return [self._mediation(row) for row in self._connection.execute(query)]

    def _values(self, mediation: Mediation) -> dict[str, Any]:
        seal = self._keys.seal
        return {
            **{name: getattr(mediation, name) for name in PLAIN},
            **{name: getattr(mediation, name) or None for name in CLIENTS},
            "content_sealed": seal(mediation.content.to_json()) if mediation.content != Content() else None,
            "terms_sealed": seal(asdict(mediation.agreement)) if mediation.agreement != Terms() else None,
            "place_sealed": seal(mediation.session_place) if mediation.session_place else None,
        }

    def _mediation(self, row: Any) -> Mediation:
        values = {name: row._mapping[name] for name in PLAIN}
        values.update({name: row._mapping[name] or 0 for name in CLIENTS})
        content, terms, place = (self._open(row._mapping[name]) for name in SEALED)
        return Mediation(
            id=row.id,
            content=Content.from_json(content) if content else Content(),
            agreement=Terms(**terms) if terms else Terms(),
            session_place=place or "",
            **values,
        )

    def _open(self, sealed: bytes | None) -> Any:
        return self._keys.open(sealed) if sealed else None


def erase_mediations(connection: Connection, client_id: int, now: datetime) -> None:
    """What a forgotten client told is gone and open ones end; the figures stay. The other side's link goes, too."""
    run, theirs = connection.execute, mediations.c.client_id == client_id
    ids = sa.select(mediations.c.id).where(theirs).scalar_subquery()
    run(mediation_events.update().where(mediation_events.c.mediation_id.in_(ids)).values(detail_sealed=None))
    run(mediations.update().where(theirs, IS_OPEN).values(withdrawn_at=now))
    emptied = dict.fromkeys((*SEALED, "client_id", "token_hash", "due_at"))
    run(mediations.update().where(theirs).values(emptied))
    other = mediations.c.respondent_client_id == client_id
    run(mediations.update().where(other).values(respondent_client_id=None))
