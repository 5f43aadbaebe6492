"""Which entries to show, and in what order: whichever is the right one, its articles shall be among those shown.

Entries overlap: several may rest on the article that decides a question. So the first place goes to the entry most
likely to name that article, and each next place to the one that adds most to those before it: three options that all
say the same would be one option.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from bot.knowledge.citations import Citation

# Citations that a reader takes in.
SHOWN = 5
# How much less each following article of an entry counts than the one before. With a half, the first one counts more
# than all others together.
DECAY = 0.5
# Among entries that differ little the ranking is surer than it ought to be.
SOFTENING = 0.7
# Places that are filled one by one; the rest stays in order of belief.
PLACES = 5


def cover_matrix(bases: Sequence[tuple[Citation, ...]]) -> np.ndarray:
    """How well one entry may stand for another, shape (entries, entries), 0..1.

    In row i, column j: the share of what j rests on that stands among the articles i shows. More than a half means that
    j's decisive article does.
    """
    cover = np.zeros((len(bases), len(bases)), np.float32)
    showing: defaultdict[Citation, list[int]] = defaultdict(list)
    distinct = [list(dict.fromkeys(basis)) for basis in bases]
    for row, basis in enumerate(distinct):
        for citation in basis[:SHOWN]:
            showing[citation].append(row)
    for column, basis in enumerate(distinct):
        weights = DECAY ** np.arange(len(basis))
        for citation, weight in zip(basis, weights / max(weights.sum(), 1.0), strict=True):
            cover[showing[citation], column] += weight
    return cover


def choose_order(shares: np.ndarray, cover: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order in which to show candidates, and what each place is worth.

    Args:
        shares: belief in each candidate, best first.  cover: cover_matrix of the candidates, (n, n).

    Returns:
        Positions of the candidates, and for each place the probability that what decides stands there and nowhere before.
    """
    belief = shares**SOFTENING
    belief = belief / max(float(belief.sum()), 1e-9)
    left, free = belief.copy(), np.ones(len(shares), bool)
    places, worth = [], []
    for _ in range(min(PLACES, len(shares))):
        gain = np.where(free, cover @ left, -1.0)
        best = int(gain.argmax())
        places.append(best)
        worth.append(float(gain[best]))
        free[best] = False
        left = left * (1 - cover[best])
    rest = np.flatnonzero(free)
    return np.concatenate([places, rest]).astype(np.int64), np.concatenate([worth, np.zeros(len(rest))])
