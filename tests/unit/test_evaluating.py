"""falin evaluate: figures by hand from questions and answers of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.assistant.evaluating import read_questions, reliability, score
from bot.domain.errors import ConfigError


def answer(decision: str = "answer", *cited: tuple[str, str], **more: Any) -> dict[str, Any]:
    citations = [{"law": law, "article": article} for law, article in cited]
    return {"decision": decision, "citations": citations, "options": [], "statutes": [], "topic": None, **more}


def option(law: str, article: str) -> dict[str, Any]:
    return {"faq": "x", "title": "x", "citations": [{"law": law, "article": article}]}


def gold(*cited: tuple[str, str]) -> dict[str, Any]:
    return {"text": "问", "gold": [list(pair) for pair in cited]}


def test_right_wrong_and_offered_answers_are_told_apart() -> None:
    questions = [gold(("民法典", "第六百七十五条"))] * 5
    answers = [
        answer("answer", ("民法典", "第六百七十五条")),
        answer("answer", ("民法典", "第一条")),
        answer("answer", ("刑法", "第一条")),
        answer("clarify", options=[option("民法典", "675")]),
        answer("refer"),
    ]
    found = score(questions, answers).values
    assert found["answered"] == 0.6
    assert found["right"] == 0.2
    assert found["wrong-law"] == 0.2
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["within-three"] == 0.4


def test_only_the_first_five_citations_count() -> None:
    six = [("民法典", f"第{n}条") for n in "一二三四五六"]
    found = score([gold(("民法典", "第六条")), gold(("民法典", "第五条"))], [answer("answer", *six)] * 2).values
    assert found["right"] == 0.5


@pytest.mark.parametrize(
    ("cited", "meant"),
    [
        ("中华人民共和国民法典", "民法典"),
        ("《民法典》", "民法典"),
        ("民法典（2020年）", "民法典"),
        ("最高人民法院关于审理某案的解释（一）", "审理某案的解释（一）"),
        ("最高人民法院、最高人民检察院关于办理某案的解释", "办理某案的解释"),
    ],
)
def test_a_law_is_recognised_under_its_many_names(cited: str, meant: str) -> None:
    assert score([gold((meant, "第一条"))], [answer("answer", (cited, "第一条"))]).values["right"] == 1


def test_numbered_interpretations_stay_apart() -> None:
    found = score([gold(("某解释（一）", "第一条"))], [answer("answer", ("某解释（二）", "第一条"))]).values
    assert (found["right"], found["wrong-law"]) == (0, 1)


def test_an_inserted_article_is_another_article() -> None:
    found = score([gold(("刑法", "第一百三十三条之一"))], [answer("answer", ("刑法", "第一百三十三条"))]).values
    assert found["right"] == 0


def test_renumbered_laws_count_by_law() -> None:
    found = score([gold(("治安管理处罚法", "第四十三条"))], [answer("answer", ("治安管理处罚法", "第五十一条"))]).values
    assert found["right"] == 1


def test_recall_is_the_share_of_all_governing_articles_found() -> None:
    statutes = [{"law": "民法典", "article": f"第{n}条", "score": 1} for n in ("一", "二", "三")]
    found = score([gold(("民法典", "第二条"), ("刑法", "第九条"))], [answer("refer", statutes=statutes)]).values
    assert (found["R@1"], found["R@5"], found["R@10"]) == (0, 0.5, 0.5)
    assert found["MRR@10"] == 0.5


def test_topics_scope_and_emergencies_are_scored() -> None:
    topics = score([{"text": "", "label": "侵权"}] * 2, [answer("refer", topic="侵权"), answer("refer")])
    assert topics.values == {"topics": 0.5}
    scope = score([{"text": "", "kind": "news"}] * 4, [answer(d) for d in ("answer", "crisis", "refer", "smalltalk")])
    assert scope.values == {"false answers": 0.5}
    rows = [{"text": "", "urgent": u} for u in (1, 1, 0, 0)]
    crisis = score(rows, [answer(d) for d in ("crisis", "refer", "crisis", "answer")])
    assert crisis.values == {"crisis recall": 0.5, "false alarms": 0.5}
    assert len(crisis.misses) == 2


def test_questions_without_a_label_are_left_out_of_the_shares() -> None:
    found = score([gold(), gold(("民法典", "第一条"))], [answer("answer"), answer("answer", ("民法典", "第一条"))])
    assert found.values["right"] == 1


@pytest.mark.parametrize(
    ("content", "place"),
    [("", ""), ("{", ":1"), ('{"text": 3, "gold": []}', ":1"), ('{"text": "问"}', ""), ("[]\n", ":1")],
)
def test_a_malformed_question_file_is_named_with_its_line(tmp_path: Path, content: str, place: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"q.jsonl{place}"):
        read_questions(path)


def test_blank_lines_are_no_questions(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n" + json.dumps(gold(("民法典", "第一条"))) + "\n\n", encoding="utf-8")
    assert len(read_questions(path)) == 1


def test_reliability_compares_confidence_with_what_was_right() -> None:
    questions = [gold(("民法典", "第六百七十五条"))] * 4
    answers = [
        answer("answer", ("民法典", "675"), confidence=0.92),
        answer("clarify", options=[option("民法典", "1"), option("民法典", "675")], confidence=0.31),
        answer("refer", options=[option("民法典", "1")], confidence=0.35),
        answer("smalltalk", confidence=0.99),
    ]
    header, low, high = (line.split() for line in reliability(questions, answers))
    assert low == ["0.3–0.4", "2", "0.33", "0.00", "0.50"]
    assert high == ["0.9–1.0", "1", "0.92", "1.00", "1.00"]
    assert len(header) == 9
