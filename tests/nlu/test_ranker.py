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
from bot.nlu.ranker import EVIDENCE, Candidates, Ranker, Ranking, basis_columns, learn_weights
from tests.nlu.test_model_file import documents, statutes


def make_ranker() -> Ranker:
    docs = documents()
    bases = basis_columns([document.basis for document in docs], statutes())
    return Ranker(EntryIndex.fit(docs), encode_documents(docs), bases)


def words(text: str) -> tuple[np.ndarray, np.ndarray]:
    return make_ranker().index.scores(question_features(list(text)))


def make_ranking(*shares: float) -> Ranking:
    evidence = np.tile(np.linspace(0.9, 0.1, len(shares))[:, None], (1, len(EVIDENCE)))
    return Ranking(np.arange(len(shares)), np.array(shares), evidence, 10.0)


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


def test_shares_sum_to_one_and_stand_in_order() -> None:
    ranking = make_ranker().gather(words("押金"), encode_question("押金"), None).rank(np.ones(len(EVIDENCE)))
    assert ranking.shares.sum() == pytest.approx(1)
    assert list(ranking.shares) == sorted(ranking.shares, reverse=True)


def test_ranking_without_its_entry_is_shared_among_the_others() -> None:
    ranking = make_ranking(0.6, 0.3, 0.1).without(0)
    assert list(ranking.entries) == [1, 2]
    assert ranking.shares == pytest.approx([0.75, 0.25])


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
    held_out = []
    for _ in range(2_000):
        best = chance.uniform(0.3, 1.0)
        ranking = make_ranking(best, (1 - best) / 2, (1 - best) / 2)
        held_out.append((ranking, 0 if chance.random() < best else 1))
    calibrator = Calibrator.fit(held_out)
    sure, unsure = (calibrator.confidence(make_ranking(best, (1 - best) / 2, (1 - best) / 2)) for best in (0.95, 0.4))
    assert sure > unsure + 0.2


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
