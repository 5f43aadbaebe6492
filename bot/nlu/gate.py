"""What kind of message it is: a legal question, a service asked for, small talk, or none of falin's business.

Legal or not is asked twice, of the words and of the meaning, and the answers are added: each alone lets half as many
strangers in again. Which of the others it is, a third small model says, over the few examples of those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.nlu.features import Features

LEGAL = "faq"
OTHER = "other"
STRENGTH, MEANING_STRENGTH = 20.0, 1.0  # inverse regularisation
MEANING_WEIGHT = 0.5
LEAST_SEEN = 2


class LinearModel:
    """Logistic regression on the presence of features.

    Args:
        classes: names, columns of `weights`.  vocabulary: feature → row.
        weights: (features, classes).  bias: (classes,).
    """

    def __init__(
        self, classes: list[str], vocabulary: dict[str, int], weights: np.ndarray, bias: np.ndarray
    ) -> None:
        self.classes, self.vocabulary, self.weights, self.bias = classes, vocabulary, weights, bias

    @classmethod
    def fit(cls, examples: Sequence[Features], classes: Sequence[str]) -> LinearModel:
        """Learn from examples; classes weigh by the root of their size, so that many do not drown few."""
        from sklearn.linear_model import LogisticRegression

        seen = Counter(feature for example in examples for feature in example)
        vocabulary = {f: row for row, f in enumerate(sorted(f for f, n in seen.items() if n >= LEAST_SEEN))}
        weight = {name: 10 / np.sqrt(size) for name, size in Counter(classes).items()}
        model = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3, class_weight=weight)
        model.fit(_presence(examples, vocabulary), list(classes))
        weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        if weights.shape[1] == 1:  # two classes: scikit-learn keeps the second's column only
            weights, bias = np.hstack([0 * weights, weights]), np.hstack([0 * bias, bias])
        return cls(list(model.classes_), vocabulary, weights, bias)

    def probabilities(self, question: Features) -> dict[str, float]:
        """Probability of every class."""
        rows = [self.vocabulary[feature] for feature in question if feature in self.vocabulary]
        logits = self.bias + self.weights[rows].sum(axis=0) / np.sqrt(max(len(question), 1))
        powers = np.exp(logits - logits.max())
        return dict(zip(self.classes, (powers / powers.sum()).tolist(), strict=True))


def _presence(examples: Sequence[Features], vocabulary: Mapping[str, int]) -> Any:
    from scipy import sparse

    rows, columns, values = [], [], []
    for row, example in enumerate(examples):
        known = [vocabulary[feature] for feature in example if feature in vocabulary]
        rows += [row] * len(known)
        columns += known
        values += [1 / np.sqrt(max(len(example), 1))] * len(known)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(examples), len(vocabulary)))


def _fit_meaning(vectors: np.ndarray, other_vectors: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    target = np.concatenate([np.ones(len(vectors)), np.zeros(len(other_vectors))])
    model = LogisticRegression(C=MEANING_STRENGTH, max_iter=500, class_weight="balanced")
    model.fit(np.vstack([vectors, other_vectors]), target)
    return np.asarray(np.concatenate([model.coef_[0], model.intercept_]), np.float32)


class Gate:
    """Args: legal: LEGAL or OTHER, by words.  meaning: the same by sentence vector, weights and bias in one, (513,).
    other: which intent, if it is no legal question."""

    def __init__(self, legal: LinearModel, meaning: np.ndarray, other: LinearModel) -> None:
        self.legal, self.meaning, self.other = legal, meaning, other

    @classmethod
    def fit(
        cls,
        questions: Sequence[Features],
        vectors: np.ndarray,
        others: Sequence[tuple[Features, str]],
        other_vectors: np.ndarray,
    ) -> Gate:
        """Learn from legal questions and from examples (features, intent) of everything else.

        Args:
            vectors, other_vectors: their sentence vectors, (questions, 512) and (others, 512).
        """
        rest = [features for features, _ in others]
        legal = LinearModel.fit([*questions, *rest], [LEGAL] * len(questions) + [OTHER] * len(rest))
        meaning = _fit_meaning(vectors, other_vectors)
        return cls(legal, meaning, LinearModel.fit(rest, [intent for _, intent in others]))

    def legal_probability(self, question: Features, vector: np.ndarray) -> float:
        """Probability that it is a legal question. Args: vector: of the question, (512,)."""
        words = self.legal.probabilities(question)[LEGAL]
        belief = np.log((words + 1e-9) / (1 - words + 1e-9))
        belief += MEANING_WEIGHT * (vector @ self.meaning[:-1] + self.meaning[-1])
        return float(1 / (1 + np.exp(-belief)))

    def other_intent(self, question: Features) -> tuple[str, float]:
        """The likeliest intent of a message that is no legal question, and its probability."""
        found = self.other.probabilities(question)
        best = max(found, key=found.__getitem__)
        return best, found[best]
