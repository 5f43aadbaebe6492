"""Entries near in meaning: latent semantic analysis of what the entries say.

How well a question's words fit each entry is itself a description of the question. Projected onto the main directions
in which entries resemble each other, it also comes near entries that share none of its words but speak of the same
things. Measured beside a pretrained multilingual sentence encoder, it ranked as well (docs/answering.md), without
its four milliseconds a question and its minutes of training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import diags

from bot.nlu.entry_index import EntryIndex

# Between 100 and 400 the ranking did not change.
DIRECTIONS = 128
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class LatentSpace:
    """Args: projection: (entries, directions) from BM25 scores into the space.  entries: (entries, directions), unit."""

    projection: np.ndarray
    entries: np.ndarray

    @classmethod
    def fit(cls, index: EntryIndex) -> LatentSpace:
        """The directions in which the entries of an index differ most."""
        size = index.weights.shape[1]
        lengths = np.sqrt(np.asarray(index.weights.multiply(index.weights).sum(axis=0)).ravel()) + 1e-9
        unit = index.weights @ diags(1 / lengths)
        resemblance = np.asarray((unit.T @ unit).todense(), np.float64)
        variance, vectors = eigh(resemblance, subset_by_index=[max(size - DIRECTIONS, 0), size - 1])
        kept = variance > LEAST_VARIANCE
        root = np.sqrt(variance[kept])
        projection = vectors[:, kept] / root / lengths[:, None]
        return cls(projection.astype(np.float32), _unit(vectors[:, kept] * root).astype(np.float32))

    def nearness(self, words: np.ndarray) -> np.ndarray:
        """Cosine of every entry to a question, (entries,). Args: words: the question's BM25 for every entry."""
        return np.asarray(self.entries @ _unit(words @ self.projection))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
