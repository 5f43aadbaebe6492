"""Cases that wait for somebody: no names, no questions, only what is needed to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.engine import read_only
from bot.storage.tables import cases, member_accounts


@dataclass(frozen=True)
class OpenCase:
    """One line of the list. Args: connected: the adviser has a Telegram account and got the card."""

    reference: str
    community: str
    matter: str
    urgency: str
    adviser: str
    opened_at: datetime
    connected: bool


def list_open_cases(engine: Engine) -> list[OpenCase]:
    """All cases that are not closed: urgent first, then the oldest."""
    query = (
        sa.select(cases, member_accounts.c.client_id.is_not(None).label("connected"))
        .outerjoin(member_accounts, member_accounts.c.member_id == cases.c.adviser_id)
        .where(cases.c.closed_at.is_(None))
        .order_by(sa.case((cases.c.urgency == "urgent", 0), else_=1), cases.c.id)
    )
    with read_only(engine).connect() as connection:
        return [
            OpenCase(
                row.reference,
                row.community,
                row.matter,
                row.urgency,
                row.adviser_id or "",
                row.opened_at,
                bool(row.connected),
            )
            for row in connection.execute(query)
        ]
