"""What speaks for which entry, how it is weighed, and how sure that makes."""

from __future__ import annotations

import numpy as np
import pytest

from bot.knowledge.citations import Citation
from bot.nlu.calibration import Calibrator
from bot.nlu.entry_index import Bags, Document, EntryIndex
from bot.nlu.features import Features, question_features
from bot.nlu.gate import familiarity
from bot.nlu.latent_space import LatentSpace
from bot.nlu.model import cross_validate
from bot.nlu.phrases import Phrases
from bot.nlu.ranker import (
    ARTICLES,
    EVIDENCE,
    MEANING,
    WORD_FOR_WORD,
    Candidates,
    Ranker,
    basis_columns,
    learn_weights,
)
from tests.nlu.test_model_file import documents, question_of, statutes

EVEN = np.ones(len(EVIDENCE))


def make_ranker(docs: list[Document] | None = None) -> Ranker:
    docs = docs or documents()
    index = EntryIndex.fit(Bags.of(docs))
    return Ranker(index, LatentSpace.fit(index), basis_columns([document.basis for document in docs], statutes()))


def words(text: str) -> Features:
    return question_features(list(text))


def make_candidates(strength: float) -> Candidates:
    """Three candidates, the first ahead of the others by strength."""
    evidence = np.tile([[0.5 + strength], [0.5], [0.5]], (1, len(EVIDENCE)))
    return Candidates(np.arange(3), evidence, 10.0, np.zeros(1, np.int64), 1)


def test_question_of_an_entry_finds_it_by_every_witness() -> None:
    found = make_ranker().gather(words("拖欠工资"), None)
    row = int(np.flatnonzero(found.entries == 0)[0])
    for column in range(len(EVIDENCE) - 1):
        assert found.evidence[row, column] == found.evidence[:, column].max(), EVIDENCE[column]


def test_meaning_is_a_witness_where_no_word_is_shared() -> None:
    """The second entry shares words with the question and with the third, which shares none with the question."""

    def entry(label: str, *questions: str) -> Document:
        return Document(label, [question_of(q) for q in questions], question_of(questions[0]), Features(), ())

    docs = [
        entry("a.dog", "恶犬咬伤行人", "恶犬伤人"),
        entry("b.vaccine", "恶犬咬伤要打疫苗", "狂犬疫苗费用"),
        entry("c.fee", "狂犬疫苗费用报销", "疫苗费用"),
        *(entry(f"d.other{i}", f"{name}合同", f"{name}纠纷") for i, name in enumerate(("租房", "买卖", "装修", "借款"))),
    ]
    found = make_ranker(docs).gather(words("恶犬"), None)
    near = dict(zip(found.entries.tolist(), found.evidence[:, MEANING].tolist(), strict=True))
    assert near[0] > near[1] > near[2]
    assert near[2] > max(near[other] for other in range(3, 7)) + 0.1


def test_words_that_nobody_says_make_a_question_strange() -> None:
    ranker = make_ranker()
    ours, strange = (familiarity(words(text), ranker.gather(words(text), None)) for text in ("拖欠工资", "明天下雨"))
    assert ours[0] > strange[0] == 0
    assert ours[1] == 1 > strange[1]


def test_articles_count_only_when_law_texts_are_there() -> None:
    ranker, question = make_ranker(), "返还借款"
    found = ranker.gather(words(question), statutes().scores(question))
    assert found.evidence[found.entries == 2, ARTICLES] > 0.5
    assert not found.without_articles().evidence[:, ARTICLES].any()
    assert not ranker.gather(words(question), None).evidence[:, ARTICLES].any()


def test_an_entry_without_articles_in_force_has_no_such_witness() -> None:
    index = EntryIndex.fit(Bags.of(documents()))
    bases = basis_columns([(Citation("欠薪法", (8, 0)),), (), ()], statutes())
    found = Ranker(index, LatentSpace.fit(index), bases).gather(words("劳动报酬"), statutes().scores("劳动报酬"))
    assert {int(e): bool(v > 0) for e, v in zip(found.entries, found.evidence[:, ARTICLES], strict=True)} == {
        0: True, 1: False, 2: False,
    }  # fmt: skip


def test_shares_sum_to_one_and_unlike_entries_stand_in_order() -> None:
    ranking = make_ranker().gather(words("押金"), None).rank(EVEN, np.eye(3, dtype=np.float32))
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
        held_out.append((Candidates(np.arange(4), evidence, 5.0, np.zeros(1, np.int64), 1), int(evidence[:, 2].argmax())))
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
    bags = Bags.of(docs)
    index = EntryIndex.fit(bags)
    bases = basis_columns([document.basis for document in docs], statutes())
    held_out = list(cross_validate(docs, bags, LatentSpace.fit(index), bases, statutes()))
    assert sorted(entry for _, _, entry in held_out) == [0] * 5 + [1] * 5 + [2] * 5
    assert [question.text for question, _, _ in held_out].count("我拖欠工资") == 1
    unseen = next(candidates for question, candidates, _ in held_out if question.text == "我拖欠工资")
    assert len(unseen.columns) < unseen.size, "a question that knew itself would know all its words"


def test_an_index_of_some_questions_knows_only_those() -> None:
    bags = Bags.of(documents())
    none = EntryIndex.fit(bags, np.zeros(len(bags.owner), bool))
    assert none.find(words("拖欠工资")).words[0] > 0, "title and body stay"
    assert len(none.find(words("怎么办")).columns) == 0
    found = EntryIndex.fit(bags).find(words("怎么办"))
    assert len(found.columns) == found.size > 0


def test_nearest_phrase_counts_common_features_over_all_features() -> None:
    docs = documents()
    phrases = Phrases.of(docs, Bags.of(docs).vocabulary)
    index = EntryIndex.fit(Bags.of(docs))

    def nearest(text: str) -> list[float]:
        found = index.find(words(text))
        return [round(float(near), 3) for near in phrases.nearest(np.arange(3), found.columns, found.size)]

    assert nearest("拖欠工资怎么办")[0] == nearest("拖欠工资")[0] == 1, "a question and a title, word for word"
    assert nearest("拖欠工资怎么办")[1] < 0.5
    assert nearest("明天下雨") == [0, 0, 0]
    assert 0 < nearest("拖欠工资又怎么办了呢明天下雨")[0] < 0.7
    assert phrases.nearest(np.zeros(0, np.int64), np.zeros(0, np.int64), 3).tolist() == []


def test_an_entry_that_lists_the_question_comes_first_and_is_sure() -> None:
    ranking = make_candidates(0.2).rank(EVEN, np.eye(3, dtype=np.float32))
    assert ranking.recognise(np.array([0.1, 0.2, WORD_FOR_WORD - 0.01])) is ranking
    seen = ranking.recognise(np.array([0.1, 0.2, 0.95]))
    assert seen.entries.tolist() == [ranking.entries[2], ranking.entries[0], ranking.entries[1]]
    assert Calibrator(np.zeros(7)).confidence(seen) == pytest.approx(0.95)
    assert Calibrator(np.zeros(7)).confidence(ranking) == pytest.approx(0.5)
