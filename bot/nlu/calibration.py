"""How sure is sure: the probability that the first entry is the right one, learned by cross-validation.

Held-out questions of the entries themselves teach it, each once with its entry there and once without: a question
that no entry answers must not look answered because a neighbour shares its words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.ranker import Ranking

# How often a real legal question has no entry at all; lowers the confidence of everything.
UNCOVERED_SHARE = 0.35
FEATURES = 8


def confidence_features(ranking: Ranking) -> np.ndarray:
    """What confidence is judged by: share of the best, its lead, its evidence, size of the best score, 1."""
    second = float(ranking.shares[1]) if len(ranking.shares) > 1 else 0.0
    best = float(ranking.shares[0])
    _, coverage, nearest, near, centre, _, articles = ranking.evidence[0]
    return np.array(
        [best, best - second, coverage, nearest + near, centre, articles, np.log1p(ranking.words) / 5, 1.0]
    )


class Calibrator:
    """Logistic regression over confidence_features. Args: weights: shape (FEATURES,)."""

    def __init__(self, weights: Sequence[float] | np.ndarray) -> None:
        self.weights = np.asarray(weights, np.float64)

    def confidence(self, ranking: Ranking) -> float:
        """Probability (0..1) that the best entry is right."""
        return float(1 / (1 + np.exp(-confidence_features(ranking) @ self.weights)))

    @classmethod
    def fit(cls, held_out: Sequence[tuple[Ranking, int]]) -> Calibrator:
        """Learn from rankings of questions that the ranker had not seen, each with its entry's column."""
        features, right, weight = [], [], []
        for ranking, entry in held_out:
            features.append(confidence_features(ranking))
            right.append(float(ranking.entries[0] == entry))
            weight.append(1 - UNCOVERED_SHARE)
            if len(ranking.entries) > 1:
                features.append(confidence_features(ranking.without(entry)))
                right.append(0.0)
                weight.append(UNCOVERED_SHARE)
        return cls(_logistic(np.array(features), np.array(right), np.array(weight)))


def _logistic(features: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = features @ w
        value = weight @ (np.logaddexp(0, margin) - target * margin) + 0.5 * w @ w
        gradient = features.T @ (weight * (1 / (1 + np.exp(-margin)) - target)) + w
        return float(value), gradient

    return np.asarray(minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x)
