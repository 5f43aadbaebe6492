"""What kind of message it is: a legal question, a service asked for, small talk, or none of falin's business.

Legal or not is asked twice: what the words are, and how familiar the entries are with them; the answers are added.
Either alone lets more strangers in. Which of the others it is, a third small model says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.nlu.features import Features
from bot.nlu.ranker import Candidates

LEGAL = "faq"
OTHER = "other"
STRENGTH, FAMILIARITY_STRENGTH = 20.0, 1.0  # inverse regularisation
FAMILIARITY_WEIGHT = 0.3
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


def familiarity(question: Features, candidates: Candidates) -> np.ndarray:
    """How well the entries know a question's words: best BM25, share of known features, size, 1."""
    known = len(candidates.columns) / max(candidates.size, 1)
    return np.array([np.log1p(candidates.words), known, np.log1p(len(question)), 1.0])


def _fit_familiarity(legal: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    target = np.concatenate([np.ones(len(legal)), np.zeros(len(others))])
    model = LogisticRegression(C=FAMILIARITY_STRENGTH, max_iter=500, class_weight="balanced", fit_intercept=False)
    model.fit(np.vstack([*legal, *others]), target)
    return np.asarray(model.coef_[0], np.float32)


Heard = tuple[Features, Candidates]  # a question, and what speaks for which entries


class Gate:
    """Args: legal: LEGAL or OTHER, by words.  weights: of familiarity, (4,).
    other: which intent, if it is no legal question."""

    def __init__(self, legal: LinearModel, weights: np.ndarray, other: LinearModel) -> None:
        self.legal, self.weights, self.other = legal, weights, other

    @classmethod
    def fit(
        cls, questions: Sequence[Features], held_out: Sequence[Heard], others: Sequence[tuple[Heard, str]]
    ) -> Gate:
        """Learn from legal questions and from examples of everything else.

        Args:
            questions: all legal ones.  held_out: some of them, heard by entries that had not seen them.
            others: examples, each with its intent.
        """
        rest = [features for (features, _), _ in others]
        legal = LinearModel.fit([*questions, *rest], [LEGAL] * len(questions) + [OTHER] * len(rest))
        weights = _fit_familiarity(
            [familiarity(*heard) for heard in held_out], [familiarity(*heard) for heard, _ in others]
        )
        return cls(legal, weights, LinearModel.fit(rest, [intent for _, intent in others]))

    def legal_probability(self, question: Features, candidates: Candidates) -> float:
        """Probability that it is a legal question."""
        words = self.legal.probabilities(question)[LEGAL]
        belief = np.log((words + 1e-9) / (1 - words + 1e-9))
        belief += FAMILIARITY_WEIGHT * (familiarity(question, candidates) @ self.weights)
        return float(1 / (1 + np.exp(-belief)))

    def other_intent(self, question: Features) -> tuple[str, float]:
        """The likeliest intent of a message that is no legal question, and its probability."""
        found = self.other.probabilities(question)
        best = max(found, key=found.__getitem__)
        return best, found[best]
