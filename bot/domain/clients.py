"""Clients: anyone helped, a resident or a small enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CLIENT_KINDS = ("resident", "enterprise")


@dataclass
class Client:
    """A client as far as falin needs to know one.

    Args:
        id: internal number, never shown.
        pseudonym: what stands in the ledger; keyed, so it cannot be traced back once the client is erased.
        channel, key: where replies go.
        community: community id once registered.
        kind: one of CLIENT_KINDS once registered.
        consented_at: when the privacy notice was accepted; None before.
        session, session_at: number of the current consultation session and its last activity.
    """

    id: int
    pseudonym: str
    channel: str
    key: str
    community: str | None = None
    kind: str | None = None
    consented_at: datetime | None = None
    session: int = 0
    session_at: datetime | None = None

    @property
    def registered(self) -> bool:
        """Registered means consented: nothing personal is kept before."""
        return self.consented_at is not None
