"""What a training message carries of a knowledge entry.

Rasa copies and hashes its training data several times over; with tens of thousands of questions that took longer than
learning from them. These objects cannot change, so a copy is the object itself, and they are hashed once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Message key; the tokenizer adds TERMS.
ENTRY, TERMS = "entry", "entry_terms"


class _Unchanging:
    def __deepcopy__(self, memo: dict[int, Any]) -> _Unchanging:
        return self

    def fingerprint(self) -> str:
        """What Rasa asks of an object that knows its own hash."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True)
class EntryData(_Unchanging):
    """Args: label: the entry's id.  questions: as written.  body: answer, steps, evidence, deadline.
    basis: law, number and inserted number of each cited article."""

    label: str
    questions: tuple[str, ...]
    body: str
    basis: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class EntryTerms(_Unchanging):
    """The same as standard terms. Args: questions: the terms of each.  body: of the body."""

    questions: tuple[Sequence[str], ...]
    body: Sequence[str]
