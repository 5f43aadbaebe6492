"""What kind of message it is: a legal question, a service asked for, small talk, or none of falin's business.

Two linear models: legal or not, over all examples; and which of the others, over the few examples of those.
One model over all would learn tens of thousands of features for each of twenty intents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.nlu.features import Features

LEGAL = "faq"
OTHER = "other"
STRENGTH = 20.0  # inverse regularisation
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


class Gate:
    """Args: legal: LEGAL or OTHER.  other: which intent, if it is no legal question."""

    def __init__(self, legal: LinearModel, other: LinearModel) -> None:
        self.legal, self.other = legal, other

    @classmethod
    def fit(cls, questions: Sequence[Features], others: Sequence[tuple[Features, str]]) -> Gate:
        """Learn from legal questions and from examples (features, intent) of everything else."""
        rest = [features for features, _ in others]
        legal = LinearModel.fit([*questions, *rest], [LEGAL] * len(questions) + [OTHER] * len(rest))
        return cls(legal, LinearModel.fit(rest, [intent for _, intent in others]))

    def legal_probability(self, question: Features) -> float:
        """Probability that it is a legal question."""
        return self.legal.probabilities(question)[LEGAL]

    def other_intent(self, question: Features) -> tuple[str, float]:
        """The likeliest intent of a message that is no legal question, and its probability."""
        found = self.other.probabilities(question)
        best = max(found, key=found.__getitem__)
        return best, found[best]
