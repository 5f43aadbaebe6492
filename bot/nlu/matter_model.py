"""Which field a question belongs to: linear discriminants over sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Pulls the covariance of the questions towards a ball: with few questions a field it is uncertain.
SHRINKAGE = 0.3
# Discriminants over hundreds of dimensions are far too sure of themselves.
TEMPERATURE = 0.15


class MatterModel:
    """Args: matters: ids.  directions: (512, matters).  offsets: (matters,)."""

    def __init__(self, matters: Sequence[str], directions: np.ndarray, offsets: np.ndarray) -> None:
        self.matters, self.directions, self.offsets = list(matters), directions, offsets

    @classmethod
    def fit(cls, vectors: np.ndarray, labels: Sequence[str]) -> MatterModel:
        """Learn from questions. Args: vectors: (questions, 512).  labels: the matter of each."""
        matters = sorted(set(labels))
        row = np.array([matters.index(label) for label in labels])
        means = np.stack([vectors[row == i].mean(axis=0) for i in range(len(matters))])
        spread = vectors - means[row]
        covariance = spread.T @ spread / len(vectors)
        ball = np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * ball + 1e-6 * np.eye(len(covariance))
        directions = np.linalg.solve(covariance, means.T)
        offsets = -0.5 * (means.T * directions).sum(axis=0)
        return cls(matters, directions.astype(np.float32), offsets.astype(np.float32))

    def probabilities(self, vector: np.ndarray) -> dict[str, float]:
        """Belief in each matter, summing to 1. Args: vector: (512,)."""
        belief = TEMPERATURE * (vector @ self.directions + self.offsets)
        powers = np.exp(belief - belief.max())
        return dict(zip(self.matters, (powers / powers.sum()).tolist(), strict=True))
