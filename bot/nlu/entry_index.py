"""Which entries share a question's words: BM25 over entries, each a document of its questions, title and answer.

People put one problem in very different words, so the nearest single example is a poor guide (23 % right
in cross-validation); all that an entry says, weighed by how few entries say it, is a good one (over 50 %).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from bot.knowledge.citations import Citation
from bot.nlu.features import Features

# Saturation and length correction: entries hold a dozen questions, so counts saturate late.
K1, B = 6.0, 0.5
FAMILY_WEIGHT = {"w": 1.0, "c": 0.5}
TITLE_WEIGHT = 3.0


@dataclass(frozen=True)
class Question:
    """One way of asking. Args: text: normalised.  terms: its standard terms, joined.  features: of the terms."""

    text: str
    terms: str
    features: Features


@dataclass(frozen=True)
class Document:
    """What matching knows of one entry. Args: body: features of answer and steps.  basis: the articles it cites."""

    label: str
    questions: Sequence[Question]
    title: Question
    body: Features
    basis: tuple[Citation, ...] = ()

    def counts(self) -> Features:
        """One bag: each question counts a feature once."""
        bag: Counter[str] = Counter()
        for question in self.questions:
            bag.update(question.features.keys())
        for feature, count in self.title.features.items():
            bag[feature] += TITLE_WEIGHT * count  # type: ignore[assignment]
        bag.update(self.body)
        return bag


class EntryIndex:
    """Args: vocabulary: feature → row.  idf: (features,).  weights: (features, entries) sparse, BM25."""

    def __init__(self, vocabulary: dict[str, int], idf: np.ndarray, weights: Any) -> None:
        self.vocabulary, self.idf = vocabulary, idf
        self.data, self.indices, self.indptr = weights.data, weights.indices, weights.indptr
        self.entries: int = weights.shape[1]
        self._unknown = float(idf.max()) if len(idf) else 1.0

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> EntryIndex:
        """Build the index; fast enough to be rebuilt for every fold of a cross-validation."""
        bags = [document.counts() for document in documents]
        seen: Counter[str] = Counter()
        for bag in bags:
            seen.update(bag.keys())
        vocabulary = {feature: row for row, feature in enumerate(sorted(seen))}
        frequency = np.array([seen[feature] for feature in vocabulary], np.float32)
        family = np.array([FAMILY_WEIGHT[feature[0]] for feature in vocabulary], np.float32)
        idf = np.log(1 + (len(bags) - frequency + 0.5) / (frequency + 0.5)) * family
        lengths = np.array([sum(bag.values()) for bag in bags], np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1.0))
        rows = np.fromiter((vocabulary[f] for bag in bags for f in bag), np.int32)
        columns = np.repeat(np.arange(len(bags), dtype=np.int32), [len(bag) for bag in bags])
        counts = np.fromiter((c for bag in bags for c in bag.values()), np.float32)
        values = counts * (K1 + 1) / (counts + norm[columns]) * idf[rows]
        shape = (len(vocabulary), len(bags))
        return cls(vocabulary, idf, sparse.csr_matrix((values, (rows, columns)), shape=shape))

    def scores(self, question: Features) -> tuple[np.ndarray, np.ndarray]:
        """BM25 of every entry, and coverage: the share (0..1) of the question's words, weighed by rarity, it contains.

        Words that no entry knows count as rare ones.
        """
        total = np.zeros(self.entries, np.float32)
        known = np.zeros(self.entries, np.float32)
        asked = 0.0
        for feature in question:
            row, is_word = self.vocabulary.get(feature), feature[0] == "w"
            if row is None:
                asked += self._unknown if is_word else 0.0
                continue
            part = slice(self.indptr[row], self.indptr[row + 1])
            total[self.indices[part]] += self.data[part]
            if is_word:
                asked += float(self.idf[row])
                known[self.indices[part]] += self.idf[row]
        return total, known / asked if asked else known

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: everything but the vocabulary."""
        return {"idf": self.idf, "data": self.data, "indices": self.indices, "indptr": self.indptr}

    @classmethod
    def from_arrays(cls, entries: int, features: list[str], arrays: Mapping[str, np.ndarray]) -> EntryIndex:
        """The opposite of arrays()."""
        shape = (len(features), entries)
        weights = sparse.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
        return cls({feature: row for row, feature in enumerate(features)}, arrays["idf"], weights)
