"""Which entry a question means: BM25 over entries, each a document of its questions, title and answer.

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

from bot.nlu.features import Features

# Saturation and length correction: entries hold a dozen questions, so counts saturate late.
K1, B = 6.0, 0.5
FAMILY_WEIGHT = {"w": 1.0, "c": 0.5}
TITLE_WEIGHT = 3.0


@dataclass(frozen=True)
class Document:
    """What the index knows of one entry: features of each question, of the title, of answer and steps."""

    label: str
    questions: Sequence[Features]
    title: Features
    body: Features

    def counts(self) -> Features:
        """One bag: each question counts a feature once."""
        bag: Counter[str] = Counter()
        for question in self.questions:
            bag.update(question.keys())
        for feature, count in self.title.items():
            bag[feature] += TITLE_WEIGHT * count  # type: ignore[assignment]
        bag.update(self.body)
        return bag


class EntryIndex:
    """Args: labels: entry ids.  vocabulary: feature → row.  idf: (features,).  weights: (features, entries) sparse."""

    def __init__(self, labels: list[str], vocabulary: dict[str, int], idf: np.ndarray, weights: Any) -> None:
        self.labels, self.vocabulary, self.idf, self.weights = labels, vocabulary, idf, weights
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
        return cls(
            [d.label for d in documents],
            vocabulary,
            idf,
            sparse.csr_matrix((values, (rows, columns)), shape=shape),
        )

    def scores(self, question: Features) -> np.ndarray:
        """BM25 of every entry, shape (entries,)."""
        total = np.zeros(len(self.labels), np.float32)
        matrix = self.weights
        for feature in question:
            row = self.vocabulary.get(feature)
            if row is not None:
                start, end = matrix.indptr[row], matrix.indptr[row + 1]
                total[matrix.indices[start:end]] += matrix.data[start:end]
        return total

    def coverage(self, question: Features, column: int) -> float:
        """Share (0..1) of the question's words, by rarity, that the entry contains; unknown words count as rare."""
        known = total = 0.0
        matrix = self.weights
        for feature in question:
            if feature[0] != "w":
                continue
            row = self.vocabulary.get(feature)
            total += self._unknown if row is None else float(self.idf[row])
            if row is not None and column in matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]:
                known += float(self.idf[row])
        return known / total if total else 0.0

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: everything but labels and vocabulary."""
        m = self.weights
        return {"idf": self.idf, "data": m.data.astype(np.float32), "indices": m.indices, "indptr": m.indptr}

    @classmethod
    def from_arrays(cls, labels: list[str], features: list[str], arrays: Mapping[str, np.ndarray]) -> EntryIndex:
        """The opposite of arrays()."""
        shape = (len(features), len(labels))
        weights = sparse.csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
        return cls(labels, {feature: row for row, feature in enumerate(features)}, arrays["idf"], weights)
