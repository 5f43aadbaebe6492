"""The register of small enterprises, each with the adviser its community assigned."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

# What an enterprise can ask its adviser for.
CHOICES = {
    "contract_review": "合同审查",
    "labour": "劳动用工",
    "debt": "账款催收",
    "compliance": "合规体检",
    "training": "法律培训",
    "dispute": "纠纷化解",
}


@dataclass
class Enterprise:
    """One enterprise of the street.

    Args:
        id: 0 until it is added.  pseudonym: how it stands in the ledger.
        name: sealed in storage; found again by a keyed hash of its normalised form.
        contact: person and telephone, sealed; "" for none.
        adviser_id: member id of the assigned adviser.  choices: ids of CHOICES.
        assigned_at: since when the adviser is its adviser.  ended_at: closed down or moved away; aware, UTC.
    """

    id: int
    pseudonym: str
    name: str
    community: str
    adviser_id: str
    assigned_at: datetime
    contact: str = ""
    choices: tuple[str, ...] = ()
    ended_at: datetime | None = None


def normalise_enterprise(name: str) -> str:
    """The name as it is compared: no spaces, one kind of brackets, small letters."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[\s·.,，。\-_“”\"'《》<>]", "", plain)
