"""One decision per message: crisis → service → legal question → small talk → out of scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.domain.decisions import Candidate, Understanding
from bot.nlu.calibration import Calibrator, confidence_features, shares
from bot.nlu.crisis import CrisisDetector
from bot.nlu.entry_index import Document, EntryIndex
from bot.nlu.features import Features, question_features
from bot.nlu.gate import LEGAL, Gate, LinearModel

# Intent of a request → the service it asks for, as the ask contract names it.
SERVICES = {
    "request_adviser": "adviser",
    "request_mediation": "mediation",
    "request_legal_aid": "legal_aid",
    "request_document": "document",
    "request_calculator": "calculator",
    "ask_status": "status",
    "register": "registration",
    "forget_me": "forget_me",
    "stop": "stop",
    "menu": "menu",
}
OUT_OF_SCOPE = "out_of_scope"
CANDIDATES = 5


@dataclass(frozen=True)
class Thresholds:
    """Set on held-out questions; stand in config.yml.

    Args:
        answer: calibrated confidence from which the best entry answers.
        clarify: from which two or three options are offered; below, the question is referred.
        legal: probability of the gate from which a message is a legal question.
    """

    answer: float = 0.5
    clarify: float = 0.25
    legal: float = 0.5


@dataclass(frozen=True)
class Model:
    """What training learns."""

    index: EntryIndex
    gate: Gate
    calibrator: Calibrator

    @classmethod
    def fit(cls, documents: Sequence[Document], others: Sequence[tuple[Features, str]]) -> Model:
        """Learn from the entries and from examples (features, intent) of everything else."""
        questions = [question for document in documents for question in document.questions]
        return cls(EntryIndex.fit(documents), Gate.fit(questions, others), Calibrator.fit(documents))

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: numbers."""
        arrays = {f"index_{name}": array for name, array in self.index.arrays().items()}
        for name, model in (("legal", self.gate.legal), ("other", self.gate.other)):
            arrays |= {f"{name}_weights": model.weights, f"{name}_bias": model.bias}
        return arrays

    def names(self) -> dict[str, Any]:
        """For JSON: names, in the order of the numbers."""
        names: dict[str, Any] = {
            "labels": self.index.labels,
            "features": list(self.index.vocabulary),
            "calibration": list(map(float, self.calibrator.weights)),
        }
        for name, model in (("legal", self.gate.legal), ("other", self.gate.other)):
            names[name] = {"classes": model.classes, "features": list(model.vocabulary)}
        return names

    @classmethod
    def from_parts(cls, arrays: Mapping[str, np.ndarray], names: Mapping[str, Any]) -> Model:
        """The opposite of arrays() and names()."""

        def linear(name: str) -> LinearModel:
            vocabulary = {feature: row for row, feature in enumerate(names[name]["features"])}
            return LinearModel(
                names[name]["classes"], vocabulary, arrays[f"{name}_weights"], arrays[f"{name}_bias"]
            )

        numbers = {
            name.removeprefix("index_"): array for name, array in arrays.items() if name.startswith("index_")
        }
        index = EntryIndex.from_arrays(names["labels"], names["features"], numbers)
        return cls(index, Gate(linear("legal"), linear("other")), Calibrator(names["calibration"]))


class Understander:
    """Decides about messages. Args: model: learned.  crises: patterns.  thresholds: see Thresholds."""

    def __init__(self, model: Model, crises: CrisisDetector, thresholds: Thresholds) -> None:
        self._model, self._crises, self._thresholds = model, crises, thresholds

    def understand(self, normalised: str, tokens: Sequence[str]) -> Understanding:
        """Decide about one message.

        Args:
            normalised: the whole message, normalised: an emergency may stand in its frame.
            tokens: standard terms of its core.
        """
        question = question_features(tokens)
        scores = self._model.index.scores(question)
        share = shares(scores)
        candidates = self._candidates(question, scores, share)
        matter = self._matter(scores, share)
        confidence = candidates[0].confidence if candidates else 0.0
        if kind := self._crises.detect(normalised):
            return Understanding("crisis", "crisis", matter, confidence, candidates, crisis=kind)
        gate = self._model.gate
        if gate.legal_probability(question) >= self._thresholds.legal and scores.max(initial=0) > 0:
            decision = self._legal_decision(confidence)
            return Understanding(decision, LEGAL, matter, confidence, candidates)
        intent, probability = gate.other_intent(question) if question else (OUT_OF_SCOPE, 1.0)
        if intent in SERVICES:
            return Understanding("service", intent, None, probability, candidates, service=SERVICES[intent])
        decision = OUT_OF_SCOPE if intent == OUT_OF_SCOPE else "smalltalk"
        return Understanding(decision, intent, None, probability, candidates)

    def _legal_decision(self, confidence: float) -> str:
        if confidence >= self._thresholds.answer:
            return "answer"
        return "clarify" if confidence >= self._thresholds.clarify else "refer"

    def _candidates(self, question: Features, scores: np.ndarray, share: np.ndarray) -> tuple[Candidate, ...]:
        best = [int(c) for c in np.argsort(-scores)[:CANDIDATES] if scores[c] > 0]
        if not best:
            return ()
        features = confidence_features(self._model.index, question, scores, share)
        confidence = self._model.calibrator.confidence(features)
        labels = self._model.index.labels
        # The runners-up share what is left in proportion to their evidence.
        return tuple(Candidate(labels[c], round(confidence * float(share[c] / share[best[0]]), 4)) for c in best)

    def _matter(self, scores: np.ndarray, share: np.ndarray) -> str | None:
        if scores.max(initial=0) <= 0:
            return None
        by_matter: defaultdict[str, float] = defaultdict(float)
        for label, part in zip(self._model.index.labels, share, strict=True):
            by_matter[label.split(".")[0]] += float(part)
        return max(by_matter, key=by_matter.__getitem__)
