"""Which entry a question means: words, meaning and the cited articles, weighed by what cross-validation taught.

Three witnesses are heard. Words: BM25 over the entries. Meaning: nearness in the latent space. Law: whether
the articles an entry rests on are those that the question's words point to, when law texts are imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.knowledge.citations import Citation
from bot.nlu.choice import choose_order
from bot.nlu.entry_index import EntryIndex
from bot.nlu.features import Features
from bot.nlu.latent_space import LatentSpace
from bot.nlu.statute_index import StatuteIndex

# What a candidate is judged by. The last one needs law texts.
EVIDENCE = ("words", "coverage", "meaning", "articles")
WORDS, COVERAGE, MEANING, ARTICLES = range(len(EVIDENCE))
CANDIDATES = 30
# From this share of common features on a question is as good as listed; of those it was right nine times in ten.
WORD_FOR_WORD = 0.7
# Keeps a share of nothing from looking like certainty when all scores are small.
WORDS_FLOOR, STATUTES_FLOOR = 5.0, 10.0


@dataclass(frozen=True)
class Ranking:
    """Candidates of one question, in the order in which they are shown.

    Args:
        entries: columns of the entries.  shares: how the belief is shared among them, summing to 1.
        worth: of each place, see choice.py.  evidence: (candidates, EVIDENCE).  words: the best BM25.
        said: how nearly word for word the first entry lists the question, 0 if hardly.
    """

    entries: np.ndarray
    shares: np.ndarray
    worth: np.ndarray
    evidence: np.ndarray
    words: float
    said: float = 0.0

    def recognise(self, nearest: np.ndarray) -> Ranking:
        """Put the entry first that lists the question nearly word for word, if one does.

        Args:
            nearest: (candidates,) what Phrases.nearest says of them.
        """
        best = int(nearest.argmax()) if len(nearest) else 0
        if not len(nearest) or nearest[best] < WORD_FOR_WORD:
            return self
        order = np.concatenate([[best], np.delete(np.arange(len(nearest)), best)])
        shown = (self.entries[order], self.shares[order], self.worth, self.evidence[order])
        return Ranking(*shown, self.words, float(nearest[best]))


@dataclass(frozen=True)
class Candidates:
    """What speaks for which entries, before it is weighed.

    Args:
        entries, evidence, words: as for Ranking.  columns: of the question's features that any entry knows.
        size: how many features it has.
    """

    entries: np.ndarray
    evidence: np.ndarray
    words: float
    columns: np.ndarray
    size: int

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
        return replace(self, entries=self.entries[kept], evidence=self.evidence[kept])

    def without_articles(self) -> Candidates:
        """As if no law texts were imported."""
        evidence = self.evidence.copy()
        evidence[:, ARTICLES] = 0
        return replace(self, evidence=evidence)


class Ranker:
    """Gathers what speaks for which entry.

    Args:
        index: of the entries' words.  space: of their meaning.
        basis: for each entry the columns of the articles it cites.
    """

    def __init__(self, index: EntryIndex, space: LatentSpace, basis: Sequence[np.ndarray]) -> None:
        self.index, self.space = index, space
        # One flat row of columns, so that all entries are asked at once; an entry without articles borrows column 0.
        self._columns = np.concatenate([columns if len(columns) else np.zeros(1, np.int64) for columns in basis])
        self._starts = np.cumsum([0, *(max(len(columns), 1) for columns in basis)])[:-1]
        self._cites = np.array([len(columns) > 0 for columns in basis])

    def gather(self, question: Features, articles: np.ndarray | None) -> Candidates:
        """The likeliest entries and what speaks for each.

        Args:
            question: its features.  articles: BM25 of every article for it, None without law texts.
        """
        found = self.index.find(question)
        best = float(found.words.max(initial=0))
        relative = found.words / (best + WORDS_FLOOR)
        near = self.space.nearness(found.words)
        count = min(CANDIDATES, len(near))
        chosen = np.argpartition(-(relative + near), count - 1)[:count]
        evidence = np.zeros((count, len(EVIDENCE)), np.float32)
        evidence[:, WORDS], evidence[:, COVERAGE] = relative[chosen], found.coverage[chosen]
        evidence[:, MEANING] = near[chosen]
        if articles is not None:
            best_cited = np.maximum.reduceat(articles[self._columns], self._starts) * self._cites
            evidence[:, ARTICLES] = best_cited[chosen] / (float(articles.max(initial=0)) + STATUTES_FLOOR)
        return Candidates(chosen, evidence, best, found.columns, found.size)


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
