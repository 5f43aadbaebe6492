"""Legal matters: the field a problem belongs to."""

from __future__ import annotations

from dataclasses import dataclass

# A question that belongs to no matter falin knows, or to none that could be told.
UNKNOWN_MATTER = "other"


@dataclass(frozen=True)
class Matter:
    """Args: id (English, permanent), title (Chinese), topic (one of the 20 public topic labels).

    words: what else those who record services call it.
    """

    id: str
    title: str
    topic: str
    words: tuple[str, ...] = ()
