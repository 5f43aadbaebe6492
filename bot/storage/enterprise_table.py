"""The register of enterprises: names and contacts sealed, names found by a keyed hash."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.enterprises import Enterprise, normalise_enterprise
from bot.domain.errors import NotFound
from bot.storage.sealing import Keys, new_pseudonym
from bot.storage.tables import enterprises


class SqlEnterprises:
    """See bot.services.ports.Enterprises."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, enterprise: Enterprise) -> Enterprise:
        """Add one; with its number and its pseudonym. The database refuses a second one of the same name."""
        enterprise.pseudonym = enterprise.pseudonym or new_pseudonym()
        values = {**self._values(enterprise), "pseudonym": enterprise.pseudonym}
        enterprise.id = self._connection.execute(sa.insert(enterprises).values(values)).inserted_primary_key[0]
        return enterprise

    def save(self, enterprise: Enterprise) -> None:
        """Write everything but the pseudonym, which never changes."""
        where = enterprises.c.id == enterprise.id
        self._connection.execute(sa.update(enterprises).where(where).values(self._values(enterprise)))

    def get(self, enterprise_id: int) -> Enterprise:
        """Raises NotFound."""
        found = self._one(enterprises.c.id == enterprise_id)
        if found is None:
            raise NotFound(f"no enterprise {enterprise_id}")
        return found

    def find_by_name(self, name: str) -> Enterprise | None:
        """The enterprise of this name, however it is spaced."""
        return self._one(enterprises.c.name_hash == self._hash(name))

    def find_by_pseudonym(self, pseudonym: str) -> Enterprise | None:
        """The enterprise that stands in the ledger so."""
        return self._one(enterprises.c.pseudonym == pseudonym)

    def list_all(self) -> list[Enterprise]:
        """All, also those that ended, in the order they were added."""
        return [self._read(row) for row in self._connection.execute(sa.select(enterprises).order_by(enterprises.c.id))]

    def _one(self, where: Any) -> Enterprise | None:
        row = self._connection.execute(sa.select(enterprises).where(where)).one_or_none()
        return self._read(row) if row else None

    def _read(self, row: Any) -> Enterprise:
        return Enterprise(
            id=row.id,
            pseudonym=row.pseudonym,
            name=self._keys.open(row.name_sealed),
            community=row.community,
            adviser_id=row.adviser_id,
            assigned_at=row.assigned_at,
            contact=self._keys.open(row.contact_sealed) if row.contact_sealed else "",
            choices=tuple(row.choices),
            ended_at=row.ended_at,
        )

    def _values(self, enterprise: Enterprise) -> dict[str, Any]:
        return {
            "name_hash": self._hash(enterprise.name),
            "name_sealed": self._keys.seal(enterprise.name),
            "contact_sealed": self._keys.seal(enterprise.contact) if enterprise.contact else None,
            "community": enterprise.community,
            "adviser_id": enterprise.adviser_id,
            "choices": list(enterprise.choices),
            "assigned_at": enterprise.assigned_at,
            "ended_at": enterprise.ended_at,
        }

    def _hash(self, name: str) -> str:
        return self._keys.hash("enterprise", normalise_enterprise(name))
