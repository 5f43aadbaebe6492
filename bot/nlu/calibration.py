"""How sure is sure: the probability that the first entry names the article that decides, learned by cross-validation.

Held-out questions of the entries themselves teach it, each once with its entry there and once without: a question
that no entry answers must not look answered because a neighbour shares its words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.ranker import ARTICLES, COVERAGE, MEANING, Candidates, Ranking

# How often a real legal question has no entry at all; lowers the confidence of everything.
UNCOVERED_SHARE = 0.2
FEATURES = 7


def confidence_features(ranking: Ranking) -> np.ndarray:
    """What confidence is judged by: worth and share of the first, its evidence, size of the best score, 1."""
    first = ranking.evidence[0]
    worth, share = float(ranking.worth[0]), float(ranking.shares[0])
    size = np.log1p(ranking.words) / 5
    seen = [first[COVERAGE], first[MEANING], first[ARTICLES]]
    return np.array([worth, share, *seen, size, 1.0])


class Calibrator:
    """Logistic regression over confidence_features. Args: weights: shape (FEATURES,)."""

    def __init__(self, weights: Sequence[float] | np.ndarray) -> None:
        self.weights = np.asarray(weights, np.float64)

    def confidence(self, ranking: Ranking) -> float:
        """Probability (0..1) that the first entry names the article that decides.

        A question that an entry lists is at least as sure as it is like it: cross-validation, which holds questions
        out, cannot learn that.
        """
        learned = float(1 / (1 + np.exp(-confidence_features(ranking) @ self.weights)))
        return max(learned, ranking.said)

    @classmethod
    def fit(cls, held_out: Sequence[tuple[Candidates, int]], weights: np.ndarray, cover: np.ndarray) -> Calibrator:
        """Learn from candidates of questions that the ranker had not seen, each with its entry's column.

        Args:
            weights: of the evidence.  cover: cover_matrix of the entries.
        """
        features, right, importance = [], [], []
        for candidates, entry in held_out:
            for known, share in ((candidates, 1 - UNCOVERED_SHARE), (candidates.without(entry), UNCOVERED_SHARE)):
                if len(known.entries):
                    ranking = known.rank(weights, cover)
                    features.append(confidence_features(ranking))
                    right.append(float(cover[ranking.entries[0], entry] > 0.5))
                    importance.append(share)
        return cls(_logistic(np.array(features), np.array(right), np.array(importance)))


def _logistic(features: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = features @ w
        value = weight @ (np.logaddexp(0, margin) - target * margin) + 0.5 * w @ w
        gradient = features.T @ (weight * (1 / (1 + np.exp(-margin)) - target)) + w
        return float(value), gradient

    return np.asarray(minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x)
