"""The ask contract: the keys and types that programs rely on."""

from __future__ import annotations

import json

import pytest

from bot.assistant.asking import answer_lines, answer_question
from bot.domain.decisions import DECISIONS, Understanding
from tests.builders import make_library, make_understanding, real_wording

LIBRARY = make_library()
TYPES = {
    "text": str, "decision": str, "matter": (str, type(None)), "topic": (str, type(None)), "faq": (str, type(None)),
    "confidence": float, "citations": list, "options": list, "statutes": list, "service": (str, type(None)),
    "reply": str,
}  # fmt: skip
FOUND = {
    "answer": make_understanding("answer", "labour.unpaid_wages", "lending.no_iou"),
    "clarify": make_understanding("clarify", "lending.no_iou", "lending.interest"),
    "refer": make_understanding("refer", matter="tenancy"),
    "crisis": make_understanding("crisis", intent="crisis", crisis="violence"),
    "service": make_understanding("service", intent="request_mediation", service="mediation"),
    "smalltalk": make_understanding("smalltalk", intent="greet"),
    "out_of_scope": make_understanding("out_of_scope", intent="out_of_scope"),
}


def ask(decision: str, text: str = "问题") -> dict:
    return answer_question(text, lambda _: FOUND[decision], LIBRARY)


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_gives_the_same_keys_and_types(decision: str) -> None:
    answer = ask(decision)
    assert list(answer) == list(TYPES)
    assert {key: type(value) for key, value in answer.items() if not isinstance(value, TYPES[key])} == {}
    assert answer["decision"] == decision
    assert answer["reply"]
    assert json.loads(json.dumps(answer, ensure_ascii=False)) == answer
    assert all(set(citation) == {"law", "article"} for citation in answer["citations"])
    for option in answer["options"]:
        assert set(option) == {"faq", "title", "citations"}


def test_an_answer_names_entry_matter_topic_and_articles() -> None:
    answer = ask("answer")
    assert (answer["faq"], answer["matter"], answer["topic"]) == ("labour.unpaid_wages", "labour", "劳动纠纷")
    assert answer["citations"][:2] == [
        {"law": "测试劳动法", "article": "第八条"}, {"law": "测试劳动法", "article": "第九条之一"},
    ]  # fmt: skip
    assert [option["faq"] for option in answer["options"]] == ["lending.no_iou"]
    assert answer["confidence"] == 0.9


def test_a_clarify_offers_its_options_and_answers_nothing() -> None:
    answer = ask("clarify")
    assert [option["faq"] for option in answer["options"]] == ["lending.no_iou", "lending.interest"]
    assert (answer["faq"], answer["citations"]) == (None, [])
    assert answer["reply"] == real_wording().text("utter_clarify")


def test_an_unlikely_matter_is_reported_but_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FOUND, "refer", make_understanding("refer", matter="tenancy", matter_likely=False))
    assert (ask("refer")["matter"], ask("refer")["topic"]) == ("tenancy", "房产纠纷")
    assert "房屋租赁" not in ask("refer")["reply"]


def test_a_referral_names_the_matter() -> None:
    assert ask("refer")["topic"] == "房产纠纷"
    assert "房屋租赁" in ask("refer")["reply"]


def test_an_emergency_begins_with_the_number() -> None:
    assert ask("crisis")["reply"].startswith("先打110")


def test_only_a_service_names_a_service() -> None:
    assert {name: ask(name)["service"] for name in DECISIONS if ask(name)["service"]} == {"service": "mediation"}


@pytest.mark.parametrize("decision", ["service", "smalltalk", "out_of_scope"])
def test_what_is_no_legal_question_has_no_matter(decision: str) -> None:
    found = Understanding(decision, FOUND[decision].intent, matter="labour")
    answer = answer_question("你好", lambda _: found, LIBRARY)
    assert (answer["matter"], answer["topic"]) == (None, None)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("", "utter_empty"),
        ("？", "utter_empty"),
        ("字" * 2001, "utter_too_long"),
        ("/restart", "utter_unknown_command"),
    ],
)
def test_what_cannot_be_read_is_out_of_scope(text: str, reply: str) -> None:
    answer = answer_question(text, pytest.fail, LIBRARY)
    assert (answer["decision"], answer["reply"]) == ("out_of_scope", real_wording().text(reply))


def test_a_command_is_a_service() -> None:
    answer = answer_question("/human", pytest.fail, LIBRARY)
    assert (answer["decision"], answer["service"]) == ("service", "adviser")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("欠薪\n", "欠薪"),
        ("欠薪\r\n", "欠薪"),
        ('{"text": "欠薪", "id": 7}\n', "欠薪"),
        ('{"text": "工\\u0000资\\ud83d"}', "工资"),
        ('{"text": 5}', '{"text": 5}'),
        ("{不是对象", "{不是对象"),
        ('{"a":' * 5_000, '{"a":' * 5_000),
        ("", ""),
    ],
)
def test_a_line_is_plain_text_or_an_object(line: str, text: str) -> None:
    (answer,) = answer_lines([line], lambda _: FOUND["answer"], LIBRARY)
    assert answer["text"] == text
    assert isinstance(answer["ms"], float)


def test_one_answer_a_line_in_order() -> None:
    found = {"一": FOUND["answer"], "二": FOUND["smalltalk"]}
    answers = list(answer_lines(["一\n", "\n", "二\n"], found.__getitem__, LIBRARY))
    assert [answer["decision"] for answer in answers] == ["answer", "out_of_scope", "smalltalk"]
