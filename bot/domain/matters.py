"""Legal matters: the field a problem belongs to."""

from __future__ import annotations

from collections.abc import Iterable
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


def find_matters(text: str, matters: Iterable[Matter], *, within: bool = False) -> list[Matter]:
    """Those that a word means: called so, else beginning with it. More than one: the word is not enough.

    Args:
        within: else also those that contain it.
    """
    known = list(matters)
    tiers = [[m for m in known if text in (m.id, m.title, *m.words)]]
    if len(text) > 1:
        tiers.append([m for m in known if m.title.startswith(text)])
        tiers.append([m for m in known if within and text in m.title])
    return next((found for found in tiers if found), [])
