"""Which entries share a question's words: BM25 over entries, each a document of its questions, title and answer.

People put one problem in very different words, so the nearest single example is a poor guide (23 % right
in cross-validation); all that an entry says, weighed by how few entries say it, is a good one (over 50 %).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from scipy import sparse

from bot.knowledge.citations import Citation
from bot.nlu.features import Features

# Saturation and length correction. Chosen on questions of our own (tests/nlu/questions.jsonl), like the weights below.
K1, B = 3.0, 0.3
FAMILY_WEIGHT = {"w": 1.0, "c": 0.5}
TITLE_WEIGHT = 2.0


@dataclass(frozen=True)
class Question:
    """One way of asking. Args: text: as written.  features: of its standard terms."""

    text: str
    features: Features


@dataclass(frozen=True)
class Document:
    """What matching knows of one entry. Args: body: features of answer and steps.  basis: the articles it cites."""

    label: str
    questions: Sequence[Question]
    title: Question
    body: Features
    basis: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Bags:
    """What the entries say, counted once, so that a cross-validation can index parts of it quickly.

    Args:
        vocabulary: feature → column.  asked: (questions, features) sparse, 1 where a question has a feature.
        owner: (questions,) the entry each belongs to.  said: (entries, features) sparse: titles and bodies.
    """

    vocabulary: dict[str, int]
    asked: Any
    owner: np.ndarray
    said: Any

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Bags:
        """Count the features of documents."""
        vocabulary: dict[str, int] = {}
        asked = [dict.fromkeys(q.features, 1.0) for document in documents for q in document.questions]
        said = []
        for document in documents:
            bag: Counter[str] = Counter(document.body)
            for feature, count in document.title.features.items():
                bag[feature] += TITLE_WEIGHT * count  # type: ignore[assignment]
            said.append(bag)
        for feature in chain(*asked, *said):
            vocabulary.setdefault(feature, len(vocabulary))
        owner = np.repeat(np.arange(len(documents)), [len(document.questions) for document in documents])
        return cls(vocabulary, _sparse(asked, vocabulary), owner, _sparse(said, vocabulary))

    def counts(self, kept: np.ndarray) -> Any:
        """Counts of every entry, (entries, features) sparse. Args: kept: (questions,) which questions count."""
        rows = np.flatnonzero(kept)
        share = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (self.owner[rows], rows)), shape=(self.said.shape[0], len(kept))
        )
        return share @ self.asked + self.said


def _sparse(bags: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int]) -> Any:
    columns = np.fromiter((vocabulary[feature] for bag in bags for feature in bag), np.int32)
    values = np.fromiter((count for bag in bags for count in bag.values()), np.float32)
    starts = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])])
    return sparse.csr_matrix((values, columns, starts), shape=(len(bags), len(vocabulary)))


@dataclass(frozen=True)
class Found:
    """What the index says of one question.

    Args:
        words: (entries,) BM25.  coverage: (entries,) the share of the question's words, weighed by rarity, that each
            contains; words that no entry knows count as rare ones.
        columns: of the question's features that any entry knows.  size: how many features it has.
    """

    words: np.ndarray
    coverage: np.ndarray
    columns: np.ndarray
    size: int


class EntryIndex:
    """Args: vocabulary: feature → row.  idf: (features,).  weights: (features, entries) sparse, BM25."""

    def __init__(self, vocabulary: dict[str, int], idf: np.ndarray, weights: Any) -> None:
        self.vocabulary, self.idf, self.weights = vocabulary, idf, weights
        self._data, self._indices, self._indptr = weights.data, weights.indices, weights.indptr.tolist()
        self._unknown = float(idf.max()) if len(idf) else 1.0

    @classmethod
    def fit(cls, bags: Bags, kept: np.ndarray | None = None) -> EntryIndex:
        """Build the index. Args: kept: which questions to use; all, if None."""
        counts = bags.counts(np.ones(len(bags.owner), bool) if kept is None else kept).tocsr()
        entries, features = counts.shape
        frequency = np.bincount(counts.indices, minlength=features).astype(np.float32)
        family = np.fromiter((FAMILY_WEIGHT[feature[0]] for feature in bags.vocabulary), np.float32, features)
        idf = np.log(1 + (entries - frequency + 0.5) / (frequency + 0.5)) * family
        lengths = np.asarray(counts.sum(axis=1), np.float32).ravel()
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if entries else 1.0, 1.0))
        rows = np.repeat(np.arange(entries), np.diff(counts.indptr))
        counts.data = (counts.data * (K1 + 1) / (counts.data + norm[rows]) * idf[counts.indices]).astype(
            np.float32
        )
        return cls(bags.vocabulary, idf.astype(np.float32), counts.T.tocsr())

    def find(self, question: Iterable[str]) -> Found:
        """How well each entry fits the features of a question."""
        words = np.zeros(self.weights.shape[1], np.float32)
        covered = np.zeros(self.weights.shape[1], np.float32)
        asked, columns, size = 0.0, [], 0
        for feature in question:
            size += 1
            row, is_word = self.vocabulary.get(feature), feature[0] == "w"
            start, end = (0, 0) if row is None else (self._indptr[row], self._indptr[row + 1])
            if row is None or start == end:
                asked += self._unknown if is_word else 0.0
                continue
            columns.append(row)
            part = self._indices[start:end]
            words[part] += self._data[start:end]
            if is_word:
                asked += float(self.idf[row])
                covered[part] += self.idf[row]
        return Found(words, covered / asked if asked else covered, np.array(columns, np.int64), size)

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: everything but the vocabulary. Half precision changes no ranking and halves the file."""
        weights = self.weights
        return {
            "idf": self.idf,
            "data": weights.data.astype(np.float16),
            "indices": weights.indices.astype(np.min_scalar_type(weights.shape[1])),
            "indptr": weights.indptr,
        }

    @classmethod
    def from_arrays(cls, entries: int, features: Sequence[str], arrays: Mapping[str, np.ndarray]) -> EntryIndex:
        """The opposite of arrays()."""
        parts = (arrays["data"].astype(np.float32), arrays["indices"].astype(np.int32), arrays["indptr"])
        weights = sparse.csr_matrix(parts, shape=(len(features), entries))
        return cls({feature: row for row, feature in enumerate(features)}, arrays["idf"], weights)
