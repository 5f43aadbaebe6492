"""Applications for legal aid: moments in the open, what people wrote sealed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.aid_applications import AidApplication, AidEvent, PaperPhoto
from bot.domain.errors import NotFound
from bot.domain.legal_aid import AidAnswers
from bot.domain.messages import Attachment
from bot.storage.sealing import Keys
from bot.storage.tables import aid_applications, aid_events

COLUMNS = [c.name for c in aid_applications.c if c.name not in ("id", "content_sealed")]
SEALED = ("name", "phone", "other_party", "facts", "note")
# Set once, when it is applied for.
FIXED = ("reference", "applied_at")


class SqlAidApplications:
    """See bot.services.ports.AidApplications."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, application: AidApplication) -> AidApplication:
        """Store a new application; its id comes back set."""
        values = {name: getattr(application, name) for name in COLUMNS}
        values["content_sealed"] = self._keys.seal(_content(application))
        result = self._connection.execute(aid_applications.insert().values(values))
        application.id = int(result.inserted_primary_key[0])
        return application

    def save(self, application: AidApplication) -> None:
        """Store what has changed; of a forgotten client nothing personal is written again."""
        values = {name: getattr(application, name) for name in COLUMNS if name not in FIXED}
        values["client_id"] = application.client_id or None
        values["content_sealed"] = self._keys.seal(_content(application)) if application.client_id else None
        here = aid_applications.c.id == application.id
        self._connection.execute(aid_applications.update().where(here).values(values))

    def lock(self, application_id: int) -> AidApplication:
        """The application, held off from other processes until the transaction ends. Raises NotFound."""
        here = aid_applications.c.id == application_id
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.select(aid_applications.c.id).where(here).with_for_update())
        found = self._list(here)
        if not found:
            raise NotFound(f"no application {application_id}")
        return found[0]

    def find_by_reference(self, reference: str) -> AidApplication | None:
        """The application with this reference."""
        return next(iter(self._list(aid_applications.c.reference == reference)), None)

    def list_for_client(self, client_id: int) -> list[AidApplication]:
        """The client's applications, newest first."""
        return self._list(aid_applications.c.client_id == client_id)

    def list_open(self) -> list[AidApplication]:
        """Every application that is neither decided nor withdrawn: urgent first, then the oldest."""
        open_ones = (aid_applications.c.decided_at.is_(None), aid_applications.c.withdrawn_at.is_(None))
        return sorted(self._list(*open_ones), key=lambda application: (not application.urgent, application.id))

    def list_ended(self, limit: int = 50) -> list[AidApplication]:
        """Those that are decided or withdrawn, newest first."""
        over = sa.or_(aid_applications.c.decided_at.is_not(None), aid_applications.c.withdrawn_at.is_not(None))
        return self._list(over, limit=limit)

    def move(self, from_client: int, to_client: int) -> None:
        """All applications of one client become another's: the same person at another address."""
        here = aid_applications.c.client_id == from_client
        self._connection.execute(aid_applications.update().where(here).values(client_id=to_client))

    def add_event(self, event: AidEvent) -> None:
        """Append to what happened."""
        values = {"application_id": event.application_id, "at": event.at, "kind": event.kind, "actor": event.actor}
        self._connection.execute(aid_events.insert().values(values))

    def list_events(self, application_id: int) -> list[AidEvent]:
        """What happened, in order."""
        query = sa.select(aid_events).where(aid_events.c.application_id == application_id).order_by(aid_events.c.id)
        return [AidEvent(row.application_id, row.at, row.kind, row.actor) for row in self._connection.execute(query)]

    def _list(self, *conditions: Any, limit: int | None = None) -> list[AidApplication]:
        query = sa.select(aid_applications).where(*conditions).order_by(aid_applications.c.id.desc()).limit(limit)
        return [self._application(row) for row in self._connection.execute(query)]

    def _application(self, row: Any) -> AidApplication:
        values = {name: row._mapping[name] for name in COLUMNS}
        values["client_id"] = row.client_id or 0
        content = self._keys.open(row.content_sealed) if row.content_sealed else {}
        return AidApplication(
            id=row.id,
            answers=AidAnswers(**content.get("answers", {})),
            photos=[PaperPhoto(p["paper"], Attachment(**p["attachment"])) for p in content.get("photos", ())],
            **{name: content.get(name, "") for name in SEALED},
            **values,
        )


def _content(application: AidApplication) -> dict[str, Any]:
    return {
        **{name: getattr(application, name) for name in SEALED},
        "answers": asdict(application.answers),
        "photos": [asdict(photo) for photo in application.photos],
    }
