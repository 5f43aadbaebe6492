"""The articles a lay question is about: their own words, the field's weight, and the entries as a bridge.

The law says 用人单位 where people say 老板. Entries know both: what people ask, and which article answers it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from bot.domain.decisions import StatuteHit
from bot.knowledge.citations import Citation
from bot.nlu.ranker import STATUTES_FLOOR, Ranking
from bot.nlu.statute_index import StatuteIndex

FOUND = 10
# Chosen on questions of our own (tests/nlu/questions.jsonl).
FIELD_WEIGHT = 0.6
# The bridge counts the more, the surer the ranking is: where no entry fits it leads nowhere.
BRIDGE_WEIGHT, BRIDGE_CONFIDENCE = 1.5, 1.0
BRIDGE_POWER = 0.5
RANK_DECAY = 0.3
LEAST_OF_BEST = 0.55


class StatuteSearch:
    """Args: index: of the articles in force.  bases: what each entry cites, in the order of the ranker's entries."""

    def __init__(self, index: StatuteIndex, bases: Sequence[tuple[Citation, ...]]) -> None:
        self.index = index
        self._field = 1 + FIELD_WEIGHT * _field_weights(index, (c for basis in bases for c in basis))
        columns = {citation: column for column, citation in enumerate(index.citations)}
        # For each entry the columns of the articles it cites, the decisive one weighing most.
        self._bridge = [
            [
                (columns[c], 1 / (1 + RANK_DECAY * rank))
                for rank, c in enumerate(dict.fromkeys(basis))
                if c in columns
            ]
            for basis in bases
        ]

    def search(self, articles: np.ndarray, ranking: Ranking, confidence: float) -> tuple[StatuteHit, ...]:
        """The best articles, best first.

        Args:
            articles: BM25 of every article for the question.  ranking: of the entries for it.
            confidence: that the first entry is right.
        """
        scale = float(articles.max(initial=0)) + STATUTES_FLOOR
        bridge = BRIDGE_WEIGHT + BRIDGE_CONFIDENCE * confidence
        bridged: defaultdict[int, float] = defaultdict(float)
        for entry, share in zip(ranking.entries.tolist(), ranking.shares.tolist(), strict=True):
            for column, value in self._bridge[entry]:
                bridged[column] += share * value
        # Only what stands out can be among the best: ordering all of them would take longer than scoring them.
        near = np.flatnonzero(articles > LEAST_OF_BEST * (scale - STATUTES_FLOOR))
        weighed = articles[near] / scale * self._field[near]
        if len(near) > FOUND:
            kept = np.argpartition(-weighed, FOUND - 1)[:FOUND]
            near, weighed = near[kept], weighed[kept]
        total = dict(zip(near.tolist(), weighed.tolist(), strict=True))
        for column, value in bridged.items():
            own = total.get(column) or float(articles[column] / scale * self._field[column])
            total[column] = own + bridge * value**BRIDGE_POWER
        best = sorted(total, key=total.__getitem__, reverse=True)[:FOUND]
        cited = ((self.index.citations[column], total[column]) for column in best)
        return tuple(StatuteHit(c.law, c.article, round(score, 4)) for c, score in cited)


def _field_weights(index: StatuteIndex, cited: Iterable[Citation]) -> np.ndarray:
    """For each article how much residents' questions turn on its law, 0..1: how often entries cite that law."""
    often = Counter(citation.law for citation in cited)
    top = np.log1p(max(often.values(), default=0)) or 1.0
    weight = {law: float(np.log1p(count) / top) for law, count in often.items()}
    return np.array([weight.get(citation.law, 0.0) for citation in index.citations], np.float32)
