"""Law texts are searched in everyday words: the words of the law, and the entries as a bridge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.law_library import ArticleText
from bot.nlu.crisis import CrisisDetector
from bot.nlu.model import Model
from bot.nlu.statute_index import ARRAYS, StatuteIndex
from bot.nlu.understand import Thresholds, Understander
from tests.nlu.test_model_file import documents, others, statutes


def best(index: StatuteIndex, question: str) -> str:
    return str(index.citations[int(index.scores(question).argmax())])


@pytest.mark.parametrize(
    ("question", "found"),
    [("什么时候不能捕鱼", "《渔业法》第二条"), ("押金要返还吗", "《租房法》第三条"), ("职工名册", "《欠薪法》第九条")],
)
def test_the_laws_own_words_are_found(question: str, found: str) -> None:
    assert best(statutes(), question) == found


def test_the_title_counts_as_words_of_the_law() -> None:
    assert best(statutes(), "渔业") == "《渔业法》第二条"


def test_entries_bridge_from_what_people_say_to_what_the_law_says() -> None:
    question = "拖欠工资怎么办"
    assert best(statutes(), question) == "《欠薪法》第九条", "by its words alone the wrong article is found"
    found = Understander(Model.fit(documents(), others(), statutes()), CrisisDetector([]), Thresholds(), statutes())
    hits = found.understand(question, list(question)).statutes
    assert (hits[0].law, hits[0].article) == ("欠薪法", (8, 0))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_without_law_texts_nothing_is_found() -> None:
    found = Understander(Model.fit(documents(), others()), CrisisDetector([]), Thresholds())
    assert found.search_statutes("拖欠工资", list("拖欠工资")) == ()


def test_saved_index_finds_the_same(tmp_path: Path) -> None:
    index = statutes()
    index.save(tmp_path)
    loaded = StatuteIndex.load(tmp_path)
    assert loaded
    assert loaded.digest == "made up"
    assert list(loaded.citations) == list(index.citations)
    for question in ("捕鱼", "押金", "", "没有的词"):
        np.testing.assert_array_equal(loaded.scores(question), index.scores(question))


@pytest.mark.parametrize("broken", ["missing", "half", "not json"])
def test_broken_index_counts_as_none(tmp_path: Path, broken: str) -> None:
    statutes().save(tmp_path)
    if broken == "missing":
        (tmp_path / f"{ARRAYS[0]}.npy").unlink()
    elif broken == "half":
        path = tmp_path / "data.npy"
        path.write_bytes(path.read_bytes()[:20])
    else:
        (tmp_path / "names.json").write_text(json.dumps({"digest": 1}))
    assert StatuteIndex.load(tmp_path) is None


def test_index_of_no_article_finds_nothing() -> None:
    index = StatuteIndex.fit([])
    assert len(index.scores("工资")) == 0


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(max_size=30), max_size=6), question=st.text(max_size=30))
def test_any_text_can_be_indexed_and_asked(texts: list[str], question: str) -> None:
    index = StatuteIndex.fit([ArticleText("法", (n, 0), "", text) for n, text in enumerate(texts, 1)])
    scores = index.scores(question)
    assert scores.shape == (len(texts),)
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
