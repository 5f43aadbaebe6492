"""Which entry a question means: words, meaning and the cited articles, weighed by what cross-validation taught.

Three witnesses are heard. Words: BM25 over the entries. Meaning: the nearness of sentence vectors. Law: whether
the articles an entry rests on are those that the question's words point to, when law texts are imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.knowledge.citations import Citation
from bot.nlu.choice import choose_order
from bot.nlu.entry_index import EntryIndex
from bot.nlu.statute_index import StatuteIndex

# What a candidate is judged by. The last one needs law texts.
EVIDENCE = ("words", "coverage", "nearest question", "near questions", "centre", "title", "articles")
CANDIDATES = 30
NEAR = 3
# Keeps a share of nothing from looking like certainty when all scores are small.
WORDS_FLOOR, STATUTES_FLOOR = 5.0, 10.0


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors of the entries' questions.

    Args:
        questions: (questions, 512), entry after entry.  starts: (entries + 1,) where each entry's begin.
        titles: (entries, 512).
    """

    questions: np.ndarray
    starts: np.ndarray
    titles: np.ndarray

    @property
    def centres(self) -> np.ndarray:
        """The mean of each entry's questions and title, of length one: (entries, 512)."""
        sums = np.add.reduceat(np.vstack([self.questions, np.zeros_like(self.questions[:1])]), self.starts[:-1])
        sums[self.starts[:-1] == self.starts[1:]] = 0
        sums += self.titles
        return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), np.float32)


@dataclass(frozen=True)
class Ranking:
    """Candidates of one question, in the order in which they are shown.

    Args:
        entries: columns of the entries.  shares: how the belief is shared among them, summing to 1.
        worth: of each place, see choice.py.  evidence: (candidates, EVIDENCE).  words: the best BM25.
    """

    entries: np.ndarray
    shares: np.ndarray
    worth: np.ndarray
    evidence: np.ndarray
    words: float


@dataclass(frozen=True)
class Candidates:
    """What speaks for which entries, before it is weighed. Args: as for Ranking."""

    entries: np.ndarray
    evidence: np.ndarray
    words: float

    def rank(self, weights: np.ndarray, cover: np.ndarray) -> Ranking:
        """Weigh the evidence and choose. Args: weights: of EVIDENCE.  cover: cover_matrix of all entries."""
        belief = self.evidence @ weights
        order = np.argsort(-belief)
        shares = np.exp(belief[order] - belief.max(initial=-np.inf))
        shares /= max(float(shares.sum()), 1e-9)
        entries = self.entries[order]
        places, worth = choose_order(shares, cover[np.ix_(entries, entries)])
        return Ranking(entries[places], shares[places], worth, self.evidence[order][places], self.words)

    def without(self, entry: int) -> Candidates:
        """As if an entry did not exist: what a question looks like whose answer nobody has written."""
        kept = self.entries != entry
        return Candidates(self.entries[kept], self.evidence[kept], self.words)

    def without_articles(self) -> Candidates:
        """As if no law texts were imported."""
        evidence = self.evidence.copy()
        evidence[:, -1] = 0
        return Candidates(self.entries, evidence, self.words)


class Ranker:
    """Gathers what speaks for which entry.

    Args:
        index: of the entries' words.  vectors: of their questions.
        basis: for each entry the columns of the articles it cites.
    """

    def __init__(self, index: EntryIndex, vectors: Vectors, basis: Sequence[np.ndarray]) -> None:
        self.index, self.vectors, self.basis = index, vectors, basis
        self._centres, self._sizes = vectors.centres, np.diff(vectors.starts)

    def _nearness(self, entries: np.ndarray, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nearness of each entry's nearest question, and the mean of its three nearest."""
        starts, sizes = self.vectors.starts[entries], self._sizes[entries]
        rows = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(sizes.sum())
        table = np.full((len(entries), max(int(sizes.max(initial=0)), NEAR)), -1.0, np.float32)
        table[np.arange(table.shape[1]) < sizes[:, None]] = self.vectors.questions[rows] @ vector
        near = -np.partition(-table, NEAR - 1, axis=1)[:, :NEAR]
        return near.max(axis=1), near.mean(axis=1)

    def gather(
        self, found: tuple[np.ndarray, np.ndarray], vector: np.ndarray, articles: np.ndarray | None
    ) -> Candidates:
        """The likeliest entries and what speaks for each.

        Args:
            found: what index.scores gave for the question.  vector: of the question, (512,).
            articles: BM25 of every article for it, None without law texts.
        """
        words, coverage = found
        relative = words / (float(words.max(initial=0)) + WORDS_FLOOR)
        centre = self._centres @ vector
        count = min(CANDIDATES, len(words))
        chosen = np.argpartition(-(relative + centre), count - 1)[:count]
        evidence = np.zeros((count, len(EVIDENCE)), np.float32)
        evidence[:, 0], evidence[:, 1] = relative[chosen], coverage[chosen]
        evidence[:, 4], evidence[:, 5] = centre[chosen], self.vectors.titles[chosen] @ vector
        evidence[:, 2], evidence[:, 3] = self._nearness(chosen, vector)
        if articles is not None:
            scale = float(articles.max(initial=0)) + STATUTES_FLOOR
            for row, entry in enumerate(chosen):
                evidence[row, 6] = articles[self.basis[entry]].max(initial=0) / scale
        return Candidates(chosen, evidence, float(words.max(initial=0)))


def basis_columns(bases: Sequence[tuple[Citation, ...]], statutes: StatuteIndex | None) -> list[np.ndarray]:
    """For each entry the columns of the articles it cites; empty without law texts."""
    if statutes is None:
        return [np.zeros(0, np.int64) for _ in bases]
    columns = {citation: column for column, citation in enumerate(statutes.citations)}
    return [np.array([columns[c] for c in basis if c in columns], np.int64) for basis in bases]


def learn_weights(held_out: Sequence[tuple[Candidates, int]]) -> np.ndarray:
    """Listwise logistic regression: weights under which the right entries are the likeliest.

    Args:
        held_out: candidates of questions that the ranker had not seen, each with its entry's column.
    """
    from scipy.optimize import minimize

    found = [(c, e) for c, e in held_out if e in c.entries]
    if not found:
        return np.ones(len(EVIDENCE))
    evidence = np.stack([candidates.evidence for candidates, _ in found]).astype(np.float64)
    target = np.array([int(np.flatnonzero(candidates.entries == entry)[0]) for candidates, entry in found])
    rows = np.arange(len(target))

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        belief = evidence @ w
        belief -= belief.max(axis=1, keepdims=True)
        powers = np.exp(belief)
        sums = powers.sum(axis=1)
        value = (np.log(sums) - belief[rows, target]).mean() + 1e-3 * w @ w
        expected = np.einsum("ij,ijk->k", powers / sums[:, None], evidence)
        return float(value), (expected - evidence[rows, target].sum(axis=0)) / len(rows) + 2e-3 * w

    return np.asarray(minimize(loss, np.ones(len(EVIDENCE)), jac=True, method="L-BFGS-B").x)
