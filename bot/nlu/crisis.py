"""Emergencies: recall before precision, by patterns that people can read and correct."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.emergencies import Emergency


class CrisisDetector:
    """Tries the kinds in their order. Args: emergencies: see bot.knowledge.emergencies."""

    def __init__(self, emergencies: Iterable[Emergency]) -> None:
        self._kinds = [
            (e.kind, [re.compile(p) for p in e.urgent], [re.compile(p) for p in e.calm]) for e in emergencies
        ]

    def detect(self, normalised: str) -> str | None:
        """The kind of emergency a normalised text tells of, if any."""
        compact = normalised.replace(" ", "")
        for kind, urgent, calm in self._kinds:
            if any(p.search(compact) for p in urgent) and not any(p.search(compact) for p in calm):
                return kind
        return None
