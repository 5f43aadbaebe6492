"""Bring a question into one form: simplified, half width, no emoji, no greetings around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

REPEATED = re.compile(r"([^\d\s])\1{2,}")
SPACES = re.compile(r"\s+")
EDGES = " ,.;:!?、。，…~～-—'\"()（）"
LONGEST_FILLER = 12


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc  # loads its tables: only where text is understood

    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """Traditional to simplified, full to half width, repeats of three or more to one, emoji and spaces out."""
    text = _converter().convert(unicodedata.normalize("NFKC", text))
    text = "".join(c if unicodedata.category(c) not in ("So", "Sk", "Cn", "Co", "Mn", "Cf") else " " for c in text)
    return REPEATED.sub(r"\1", SPACES.sub(" ", text)).strip().lower()


class FillerStripper:
    """Cuts greetings, thanks and particles off the ends of a question.

    Args:
        openings, closings: phrases, as in nlu_data/lexicon/fillers.yml.
    """

    def __init__(self, openings: Sequence[str], closings: Sequence[str]) -> None:
        self._openings = sorted(map(normalise, openings), key=len, reverse=True)
        self._closings = sorted(map(normalise, closings), key=len, reverse=True)
        self._first, self._last = tuple(self._openings), tuple(self._closings)

    def strip(self, text: str) -> str:
        """The question without its frame; the text itself when nothing but frame is there."""
        core = text.strip(EDGES)
        changed = True
        while changed and core:
            changed = False
            for phrase in self._openings if core.startswith(self._first) else ():
                if phrase and core.startswith(phrase):
                    core, changed = core[len(phrase) :].strip(EDGES), True
                    break
            for phrase in self._closings if core.endswith(self._last) else ():
                if phrase and core.endswith(phrase):
                    core, changed = core[: -len(phrase)].strip(EDGES), True
                    break
        return core or text
