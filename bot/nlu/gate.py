"""What kind of message it is: a legal question, a service asked for, small talk, or none of falin's business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from bot.nlu.features import Features

LEGAL = "faq"
STRENGTH = 20.0  # inverse regularisation
LEAST_SEEN = 2


class Gate:
    """Multinomial logistic regression on the presence of features.

    Args:
        intents: names, columns of `weights`.  vocabulary: feature → row.  weights: (features, intents).  bias: (intents,).
    """

    def __init__(
        self, intents: list[str], vocabulary: dict[str, int], weights: np.ndarray, bias: np.ndarray
    ) -> None:
        self.intents, self.vocabulary, self.weights, self.bias = intents, vocabulary, weights, bias

    @classmethod
    def fit(cls, examples: Sequence[Features], intents: Sequence[str]) -> Gate:
        """Learn from examples; classes weigh by the root of their size, so that questions do not drown the rest."""
        from scipy import sparse
        from sklearn.linear_model import LogisticRegression

        seen = Counter(feature for example in examples for feature in example)
        vocabulary = {f: row for row, f in enumerate(sorted(f for f, n in seen.items() if n >= LEAST_SEEN))}
        rows, columns, values = [], [], []
        for row, example in enumerate(examples):
            known = [vocabulary[feature] for feature in example if feature in vocabulary]
            rows += [row] * len(known)
            columns += known
            values += [1 / np.sqrt(max(len(example), 1))] * len(known)
        matrix = sparse.csr_matrix(
            (values, (rows, columns)), shape=(len(examples), len(vocabulary)), dtype=np.float32
        )
        sizes = Counter(intents)
        model = LogisticRegression(
            C=STRENGTH, max_iter=300, tol=1e-3, class_weight={i: n**-0.5 * 10 for i, n in sizes.items()}
        )
        model.fit(matrix, list(intents))
        return cls(
            list(model.classes_), vocabulary, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
        )

    def probabilities(self, question: Features) -> dict[str, float]:
        """Probability of every intent."""
        rows = [self.vocabulary[feature] for feature in question if feature in self.vocabulary]
        logits = self.bias + self.weights[rows].sum(axis=0) / np.sqrt(max(len(question), 1))
        powers = np.exp(logits - logits.max())
        return {intent: float(p) for intent, p in zip(self.intents, powers / powers.sum(), strict=True)}

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz."""
        return {"weights": self.weights, "bias": self.bias}

    @classmethod
    def from_arrays(cls, intents: list[str], features: list[str], arrays: Mapping[str, np.ndarray]) -> Gate:
        """The opposite of arrays()."""
        return cls(intents, {f: row for row, f in enumerate(features)}, arrays["weights"], arrays["bias"])
