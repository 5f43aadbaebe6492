"""What speaks for which entry, how it is weighed, and how sure that makes."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.calibration import Calibrator
from bot.nlu.encoder import DIMENSIONS, encode_all, encode_question
from bot.nlu.entry_index import EntryIndex
from bot.nlu.features import question_features
from bot.nlu.matter_model import MatterModel
from bot.nlu.model import cross_validate, encode_documents
from bot.nlu.ranker import EVIDENCE, Candidates, Ranker, basis_columns, learn_weights
from tests.nlu.test_model_file import documents, statutes

EVEN = np.ones(len(EVIDENCE))


def make_ranker() -> Ranker:
    docs = documents()
    bases = basis_columns([document.basis for document in docs], statutes())
    return Ranker(EntryIndex.fit(docs), encode_documents(docs), bases)


def words(text: str) -> tuple[np.ndarray, np.ndarray]:
    return make_ranker().index.scores(question_features(list(text)))


def make_candidates(strength: float) -> Candidates:
    """Three candidates, the first ahead of the others by strength."""
    evidence = np.tile([[0.5 + strength], [0.5], [0.5]], (1, len(EVIDENCE)))
    return Candidates(np.arange(3), evidence, 10.0)


def test_question_of_an_entry_finds_it_by_every_witness() -> None:
    ranker = make_ranker()
    found = ranker.gather(words("拖欠工资"), encode_question("拖欠工资"), None)
    row = int(np.flatnonzero(found.entries == 0)[0])
    for column in range(len(EVIDENCE) - 1):
        assert found.evidence[row, column] == found.evidence[:, column].max(), EVIDENCE[column]


def test_meaning_is_a_witness_where_no_word_is_shared() -> None:
    ranker, question = make_ranker(), "房东扣着租房保证金"
    found = ranker.gather(words(question), encode_question(question), None)
    assert found.entries[found.evidence[:, 4].argmax()] == 1


def test_articles_count_only_when_law_texts_are_there() -> None:
    ranker, question = make_ranker(), "返还借款"
    articles = statutes().scores(question)
    found = ranker.gather(words(question), encode_question(question), articles)
    assert found.evidence[found.entries == 2, -1] > 0.5
    assert not found.without_articles().evidence[:, -1].any()


def test_shares_sum_to_one_and_unlike_entries_stand_in_order() -> None:
    candidates = make_ranker().gather(words("押金"), encode_question("押金"), None)
    ranking = candidates.rank(EVEN, np.eye(3, dtype=np.float32))
    assert ranking.shares.sum() == pytest.approx(1)
    assert list(ranking.shares) == sorted(ranking.shares, reverse=True)


def test_candidates_without_an_entry_keep_the_evidence_of_the_others() -> None:
    candidates = make_candidates(0.4).without(0)
    assert list(candidates.entries) == [1, 2]
    assert candidates.rank(EVEN, np.eye(3)).shares == pytest.approx([0.5, 0.5])


def test_weights_learn_which_witness_tells_the_truth() -> None:
    chance = np.random.default_rng(1)
    held_out = []
    for _ in range(300):
        evidence = chance.random((4, len(EVIDENCE))).astype(np.float32)
        held_out.append((Candidates(np.arange(4), evidence, 5.0), int(evidence[:, 2].argmax())))
    weights = learn_weights(held_out)
    assert weights.argmax() == 2
    assert weights[2] > 3 * np.abs(np.delete(weights, 2)).max()


def test_calibration_gives_the_share_that_was_right() -> None:
    chance = np.random.default_rng(2)
    apart = np.eye(3, dtype=np.float32)
    held_out = []
    for _ in range(2_000):
        strength = chance.uniform(0, 0.5)
        held_out.append((make_candidates(strength), 0 if chance.random() < 0.4 + strength else 1))
    calibrator = Calibrator.fit(held_out, EVEN, apart)
    sure, unsure = (calibrator.confidence(make_candidates(s).rank(EVEN, apart)) for s in (0.5, 0.05))
    assert sure > unsure + 0.15


def test_an_entry_that_names_the_same_article_answers_as_well() -> None:
    alike = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32)
    held_out = [(make_candidates(0.3), 1)] * 200
    same = Calibrator.fit(held_out, EVEN, alike).confidence(make_candidates(0.3).rank(EVEN, alike))
    apart = np.eye(3, dtype=np.float32)
    other = Calibrator.fit(held_out, EVEN, apart).confidence(make_candidates(0.3).rank(EVEN, apart))
    assert same > 0.8 > 0.2 > other


def test_cross_validation_judges_every_question_once_and_never_by_itself() -> None:
    docs = documents()
    held_out = list(cross_validate(docs, encode_documents(docs), statutes()))
    assert sorted(entry for _, entry in held_out) == [0] * 5 + [1] * 5 + [2] * 5
    near = [candidates.evidence[candidates.entries == entry, 2][0] for candidates, entry in held_out]
    assert max(near) < 0.999, "a question that knew itself would be nearest to itself"


def test_field_of_a_question_is_learned_from_its_neighbours() -> None:
    docs = documents()
    vectors = encode_documents(docs).questions
    model = MatterModel.fit(vectors, [d.label.split(".")[0] for d in docs for _ in d.questions])
    found = model.probabilities(encode_question("单位不给工资"))
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=found.__getitem__) == "labour"


def test_vectors_have_length_one_and_alone_or_together_are_the_same() -> None:
    texts = ["拖欠工资", "a", "", "长" * 5_000]
    together = encode_all(texts)
    assert together.shape == (4, DIMENSIONS)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(4), abs=1e-3)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(encode_question(text), vector, atol=1e-3)
    assert encode_all([]).shape == (0, DIMENSIONS)
