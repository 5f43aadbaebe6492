"""How sure is sure: from scores to the probability that the first entry is the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.entry_index import Document, EntryIndex
from bot.nlu.features import Features

FOLDS = 5
SHARPNESS = 8.0  # of the softmax over scores; learned once by listwise cross-validation
# How often a real legal question has no entry at all; lowers the confidence of everything.
UNCOVERED_SHARE = 0.5


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax over scores scaled by the best: how the evidence is shared among entries."""
    best = float(scores.max()) if len(scores) else 0.0
    powers = np.exp(SHARPNESS * (scores - best) / (best + 5.0))
    return np.asarray(powers / powers.sum())


def confidence_features(
    index: EntryIndex, question: Features, scores: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """What confidence is judged by: [share of the best, its lead, coverage, size of the best score, 1]."""
    order = np.argsort(-scores)[:2]
    lead = float(share[order[0]] - share[order[1]]) if len(order) > 1 else 1.0
    coverage = index.coverage(question, int(order[0]))
    return np.array([float(share[order[0]]), lead, coverage, np.log1p(float(scores[order[0]])) / 5, 1.0])


class Calibrator:
    """Logistic regression over confidence_features. Args: weights: shape (5,)."""

    def __init__(self, weights: Sequence[float] | np.ndarray) -> None:
        self.weights = np.asarray(weights, np.float64)

    def confidence(self, features: np.ndarray) -> float:
        """Probability (0..1) that the best entry is right."""
        return float(1 / (1 + np.exp(-features @ self.weights)))

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> Calibrator:
        """Learn from cross-validation: questions held out, and questions whose entry was taken away."""
        features, right, weight = cross_validate(documents)
        return cls(_logistic(features, right, weight))


def cross_validate(documents: Sequence[Document]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each question is judged by an index that has not seen it, once with its entry there and once without.

    Returns:
        features (n, 5), right (n,) of 0 or 1, weight (n,).
    """
    features, right, weight = [], [], []
    for fold in range(FOLDS):
        kept = [
            Document(d.label, [q for i, q in enumerate(d.questions) if i % FOLDS != fold], d.title, d.body)
            for d in documents
        ]
        index = EntryIndex.fit(kept)
        for column, document in enumerate(documents):
            for question in document.questions[fold::FOLDS]:
                scores = index.scores(question)
                features.append(confidence_features(index, question, scores, shares(scores)))
                right.append(float(scores.argmax() == column))
                weight.append(1 - UNCOVERED_SHARE)
                scores[column] = -1.0
                features.append(confidence_features(index, question, scores, shares(scores)))
                right.append(0.0)
                weight.append(UNCOVERED_SHARE)
    return np.array(features), np.array(right), np.array(weight)


def _logistic(features: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = features @ w
        value = weight @ (np.logaddexp(0, margin) - target * margin) + 0.5 * w @ w
        gradient = features.T @ (weight * (1 / (1 + np.exp(-margin)) - target)) + w
        return float(value), gradient

    return np.asarray(minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B").x)
