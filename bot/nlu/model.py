"""What training learns, and how it becomes numbers and names in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.knowledge.citations import Citation
from bot.nlu.calibration import Calibrator
from bot.nlu.choice import cover_matrix
from bot.nlu.entry_index import Bags, Document, EntryIndex, Question
from bot.nlu.gate import Gate, Heard, LinearModel
from bot.nlu.latent_space import LatentSpace
from bot.nlu.normalise import normalise
from bot.nlu.phrases import Phrases
from bot.nlu.ranker import Candidates, Ranker, basis_columns, learn_weights
from bot.nlu.statute_index import StatuteIndex

FOLDS = 5
# Enough for a few weights; more only takes longer.
MOST_HELD_OUT = 3_000
# The gate hears that many legal questions: more taught it nothing new, and take longer.
MOST_AT_THE_GATE = 15_000

Judgement = tuple[np.ndarray, Calibrator]  # weights of the evidence, and how sure that makes


@dataclass(frozen=True)
class Model:
    """What training learns.

    Args:
        labels, bases: id and cited articles of each entry.  index, space, phrases: words, meaning and ways of asking of the entries.
        plain, with_articles: how evidence is weighed without and with law texts; None if there were none in training.
        gate: legal question or something else.
    """

    labels: list[str]
    bases: list[tuple[Citation, ...]]
    index: EntryIndex
    space: LatentSpace
    phrases: Phrases
    plain: Judgement
    with_articles: Judgement | None
    gate: Gate

    @classmethod
    def fit(
        cls,
        documents: Sequence[Document],
        others: Sequence[tuple[Question, str]],
        statutes: StatuteIndex | None = None,
    ) -> Model:
        """Learn from the entries and from examples (question, intent) of everything else."""
        bags = Bags.of(documents)
        index = EntryIndex.fit(bags)
        space, basis = LatentSpace.fit(index), basis_columns([document.basis for document in documents], statutes)
        held_out = list(cross_validate(documents, bags, space, basis, statutes))
        judged = [(candidates, entry) for _, candidates, entry in held_out]
        cover = cover_matrix([document.basis for document in documents])
        ranker = Ranker(index, space, basis)
        legal = [question.features for document in documents for question in document.questions]
        return cls(
            [document.label for document in documents],
            [document.basis for document in documents],
            index,
            space,
            Phrases.of(documents, index.vocabulary),
            _judge([(candidates.without_articles(), entry) for candidates, entry in judged], cover),
            _judge(judged, cover) if statutes else None,
            Gate.fit(
                legal[:: max(1, len(legal) // MOST_AT_THE_GATE)],
                [(question.features, candidates) for question, candidates, _ in held_out],
                [(_hear(ranker, question), intent) for question, intent in others],
            ),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: numbers. The space in half precision, which changes no ranking."""
        arrays = {f"index_{name}": array for name, array in self.index.arrays().items()}
        arrays |= {
            "space_projection": self.space.projection,
            "space_entries": self.space.entries.astype(np.float16),
            "phrases_columns": self.phrases.columns,
            "phrases_starts": self.phrases.starts,
            "phrases_entries": self.phrases.entries,
            "gate_familiarity": self.gate.weights,
        }
        for name, judgement in (("plain", self.plain), ("with_articles", self.with_articles)):
            if judgement:
                arrays |= {f"{name}_weights": judgement[0], f"{name}_calibration": judgement[1].weights}
        for name, model in (("legal", self.gate.legal), ("other", self.gate.other)):
            arrays |= {f"{name}_weights": model.weights, f"{name}_bias": model.bias}
        return arrays

    def names(self) -> dict[str, Any]:
        """For JSON: names, in the order of the numbers."""
        names: dict[str, Any] = {
            "labels": self.labels,
            "bases": [[[citation.law, *citation.article] for citation in basis] for basis in self.bases],
            "features": list(self.index.vocabulary),
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

        def judgement(name: str) -> Judgement | None:
            weights = arrays.get(f"{name}_weights")
            return None if weights is None else (weights, Calibrator(arrays[f"{name}_calibration"]))

        plain = judgement("plain")
        assert plain is not None
        index = {name.removeprefix("index_"): array for name, array in arrays.items() if name.startswith("index_")}
        return cls(
            names["labels"],
            [tuple(Citation(law, (n, inserted)) for law, n, inserted in basis) for basis in names["bases"]],
            EntryIndex.from_arrays(len(names["labels"]), names["features"], index),
            LatentSpace(arrays["space_projection"], arrays["space_entries"].astype(np.float32)),
            Phrases(arrays["phrases_columns"], arrays["phrases_starts"], arrays["phrases_entries"]),
            plain,
            judgement("with_articles"),
            Gate(linear("legal"), arrays["gate_familiarity"], linear("other")),
        )


def cross_validate(
    documents: Sequence[Document],
    bags: Bags,
    space: LatentSpace,
    basis: Sequence[np.ndarray],
    statutes: StatuteIndex | None,
) -> Iterator[tuple[Question, Candidates, int]]:
    """Questions that were held out, what speaks for which entry, and their own entry's column.

    The space stays that of all questions: one more or less turns its directions by next to nothing.
    """
    questions = [question for document in documents for question in document.questions]
    number = np.concatenate([np.arange(len(document.questions)) for document in documents])
    every = max(1, len(questions) // MOST_HELD_OUT)
    for fold in range(FOLDS):
        kept = number % FOLDS != fold
        ranker = Ranker(EntryIndex.fit(bags, kept), space, basis)
        for row in np.flatnonzero(~kept)[::every]:
            articles = statutes.scores(normalise(questions[row].text)) if statutes else None
            yield questions[row], ranker.gather(questions[row].features, articles), int(bags.owner[row])


def _hear(ranker: Ranker, question: Question) -> Heard:
    return question.features, ranker.gather(question.features, None)


def _judge(held_out: Sequence[tuple[Candidates, int]], cover: np.ndarray) -> Judgement:
    weights = learn_weights(held_out)
    return weights, Calibrator.fit(held_out, weights, cover)
