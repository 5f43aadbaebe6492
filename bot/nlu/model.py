"""What training learns, and how it becomes numbers and names in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.knowledge.citations import Citation
from bot.nlu.calibration import Calibrator
from bot.nlu.choice import cover_matrix
from bot.nlu.encoder import encode_all
from bot.nlu.entry_index import Document, EntryIndex, Question
from bot.nlu.gate import Gate, LinearModel
from bot.nlu.matter_model import MatterModel
from bot.nlu.ranker import Candidates, Ranker, Vectors, basis_columns, learn_weights
from bot.nlu.statute_index import StatuteIndex

FOLDS = 5
# Enough for seven weights; more only takes longer.
MOST_HELD_OUT = 4_000

Judgement = tuple[np.ndarray, Calibrator]  # weights of the evidence, and how sure that makes


@dataclass(frozen=True)
class Model:
    """What training learns.

    Args:
        labels, bases: id and cited articles of each entry.  index, vectors: words and meaning of their questions.
        plain, with_articles: how evidence is weighed without and with law texts; None if there were none in training.
        matters: field of a question.  gate: legal question or something else.
    """

    labels: list[str]
    bases: list[tuple[Citation, ...]]
    index: EntryIndex
    vectors: Vectors
    plain: Judgement
    with_articles: Judgement | None
    matters: MatterModel
    gate: Gate

    @classmethod
    def fit(
        cls,
        documents: Sequence[Document],
        others: Sequence[tuple[Question, str]],
        statutes: StatuteIndex | None = None,
    ) -> Model:
        """Learn from the entries and from examples (question, intent) of everything else."""
        vectors = encode_documents(documents)
        held_out = list(cross_validate(documents, vectors, statutes))
        plain = [(candidates.without_articles(), entry) for candidates, entry in held_out]
        questions = [question.features for document in documents for question in document.questions]
        cover = cover_matrix([document.basis for document in documents])
        matters = [document.label.split(".")[0] for document in documents for _ in document.questions]
        return cls(
            [document.label for document in documents],
            [document.basis for document in documents],
            EntryIndex.fit(documents),
            vectors,
            _judge(plain, cover),
            _judge(held_out, cover) if statutes else None,
            MatterModel.fit(vectors.questions, matters),
            Gate.fit(
                questions,
                vectors.questions,
                [(question.features, intent) for question, intent in others],
                encode_all([question.terms for question, _ in others]),
            ),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """For npz: numbers. Vectors in half precision, which changes no ranking."""
        arrays = {f"index_{name}": array for name, array in self.index.arrays().items()}
        arrays |= {
            "questions": self.vectors.questions.astype(np.float16),
            "starts": self.vectors.starts,
            "titles": self.vectors.titles.astype(np.float16),
            "matter_directions": self.matters.directions,
            "matter_offsets": self.matters.offsets,
            "gate_meaning": self.gate.meaning,
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
            "matters": self.matters.matters,
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
        single = {name: arrays[name].astype(np.float32) for name in ("questions", "titles")}
        return cls(
            names["labels"],
            [tuple(Citation(law, (n, inserted)) for law, n, inserted in basis) for basis in names["bases"]],
            EntryIndex.from_arrays(len(names["labels"]), names["features"], index),
            Vectors(single["questions"], arrays["starts"], single["titles"]),
            plain,
            judgement("with_articles"),
            MatterModel(names["matters"], arrays["matter_directions"], arrays["matter_offsets"]),
            Gate(linear("legal"), arrays["gate_meaning"], linear("other")),
        )


def encode_documents(documents: Sequence[Document]) -> Vectors:
    """Sentence vectors of all questions and titles."""
    texts = [question.terms for document in documents for question in document.questions]
    encoded = encode_all([*texts, *(document.title.terms for document in documents)])
    starts = np.concatenate([[0], np.cumsum([len(document.questions) for document in documents])])
    return Vectors(encoded[: len(texts)], starts.astype(np.int64), encoded[len(texts) :])


def cross_validate(
    documents: Sequence[Document], vectors: Vectors, statutes: StatuteIndex | None
) -> Iterator[tuple[Candidates, int]]:
    """What speaks for which entry, for questions that were held out; each with its own entry's column."""
    basis = basis_columns([document.basis for document in documents], statutes)
    every = max(1, len(vectors.questions) // MOST_HELD_OUT)
    number = np.concatenate([np.arange(len(document.questions)) for document in documents])
    entry_of = np.repeat(np.arange(len(documents)), np.diff(vectors.starts))
    for fold in range(FOLDS):
        kept = number % FOLDS != fold
        reduced = [
            Document(
                d.label, [q for i, q in enumerate(d.questions) if i % FOLDS != fold], d.title, d.body, d.basis
            )
            for d in documents
        ]
        starts = np.concatenate([[0], np.cumsum([len(d.questions) for d in reduced])]).astype(np.int64)
        ranker = Ranker(EntryIndex.fit(reduced), Vectors(vectors.questions[kept], starts, vectors.titles), basis)
        for row in np.flatnonzero(~kept)[::every]:
            entry = int(entry_of[row])
            question = documents[entry].questions[row - vectors.starts[entry]]
            articles = statutes.scores(question.text) if statutes else None
            yield ranker.gather(ranker.index.scores(question.features), vectors.questions[row], articles), entry


def _judge(held_out: Sequence[tuple[Candidates, int]], cover: np.ndarray) -> Judgement:
    weights = learn_weights(held_out)
    return weights, Calibrator.fit(held_out, weights, cover)
