"""Cases: what a person has taken over, or is about to. State is derived from timestamps."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: what is read aloud on the phone must come out the same.
REFERENCE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
URGENCIES = ("normal", "urgent")


def new_reference(day: date) -> str:
    """A case reference such as "F26-K7WQ-3M": year and six random letters without look-alikes."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))
    return f"F{day:%y}-{letters[:4]}-{letters[4:]}"


@dataclass
class Case:
    """An escalated consultation.

    Args:
        reference: what the client quotes.
        question: the problem in the client's own words; kept encrypted.
        opened_at, accepted_at, closed_at: aware, UTC; None until it happened.
    """

    id: int
    reference: str
    client_id: int
    community: str
    matter: str
    urgency: str
    question: str
    opened_at: datetime
    adviser_id: str | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def state(self) -> str:
        """ "closed", "accepted" or "waiting", from the timestamps."""
        if self.closed_at:
            return "closed"
        return "accepted" if self.accepted_at else "waiting"

    @property
    def next_action_by(self) -> str:
        """Whose turn it is: 下一步责任方."""
        return {"waiting": "adviser", "accepted": "adviser", "closed": "nobody"}[self.state]
