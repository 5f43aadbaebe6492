"""One decision per message: crisis → service → legal question → small talk → out of scope."""
from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.reading import Reading, read_text
from bot.domain.decisions import DECISIONS
from bot.domain.emergencies import Emergency
from bot.nlu.crisis import CrisisDetector
from bot.nlu.features import Features
from bot.nlu.gate import LEGAL
from bot.nlu.model import Model
from bot.nlu.ranker import Ranking
from bot.nlu.understand import SERVICES, Thresholds, Understander
from tests.agent_home import load_brain
from tests.nlu.test_model_file import documents, others

VIOLENCE = Emergency("violence", "家暴", (("110", "报警"),), "先打110", ("离开",), ("打我",), ("合法吗",))


class FakeGate:
    """Says what it is told to."""

    def __init__(self, **kinds: float) -> None:
        self._legal = kinds.pop("faq", 0.0)
        self._others = {"out_of_scope": 0.0, **kinds}

    def legal_probability(self, question: Features, vector: object) -> float:
        return self._legal

    def other_intent(self, question: Features) -> tuple[str, float]:
        return max(self._others.items(), key=lambda item: item[1])


class FakeCalibrator:
    def __init__(self, confidence: float) -> None:
        self._confidence = confidence

    def confidence(self, ranking: Ranking) -> float:
        return self._confidence


@cache
def trained() -> Model:
    return Model.fit(documents(), others())


def understander(confidence: float = 0.9, **kinds: float) -> Understander:
    weights, _ = trained().plain
    model: Any = replace(trained(), gate=FakeGate(**kinds), plain=(weights, FakeCalibrator(confidence)))
    return Understander(model, CrisisDetector([VIOLENCE]), Thresholds(answer=0.5, clarify=0.2, legal=0.5))


@pytest.mark.parametrize("kinds", [{"faq": 1.0}, {"greet": 1.0}, {"request_adviser": 1.0}, {"out_of_scope": 1.0}])
def test_an_emergency_wins_over_everything(kinds: dict[str, float]) -> None:
    found = understander(**kinds).understand("老板拖欠工资还打我", list("拖欠工资"))
    assert (found.decision, found.intent, found.crisis) == ("crisis", "crisis", "violence")


def test_an_emergency_in_the_frame_of_a_question_counts() -> None:
    found = understander(greet=1.0).understand("打我 谢谢", [])
    assert found.decision == "crisis"


def test_a_question_about_the_law_of_an_emergency_is_a_question() -> None:
    found = understander(faq=1.0).understand("他打我合法吗", list("拖欠工资"))
    assert found.decision == "answer"


@pytest.mark.parametrize(
    ("confidence", "decision"),
    [(0.5, "answer"), (0.4999, "clarify"), (0.2, "clarify"), (0.1999, "refer"), (0.0, "refer"), (1.0, "answer")],
)
def test_confidence_decides_between_answer_choice_and_referral(confidence: float, decision: str) -> None:
    found = understander(confidence, faq=0.5).understand("拖欠工资", list("拖欠工资"))
    assert (found.decision, found.intent) == (decision, LEGAL)
    assert found.candidates[0].entry == "labour.wages"
    assert found.matter == "labour"


def test_candidates_are_in_order_and_none_is_surer_than_the_first() -> None:
    found = understander(0.8, faq=1.0).understand("拖欠工资不退押金", list("拖欠工资不退押金"))
    shares = [candidate.confidence for candidate in found.candidates]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 0.8
    assert all(0 <= share <= 1 for share in shares)


def test_a_service_is_not_a_legal_question() -> None:
    found = understander(request_adviser=0.6, faq=0.4).understand("找律师", list("工资"))
    assert (found.decision, found.service, found.matter) == ("service", "adviser", None)


def test_a_question_with_no_known_word_is_never_answered() -> None:
    found = understander(0.99, faq=1.0).understand("xyz", ["xyz"])
    assert found.decision not in ("answer", "clarify")
    assert found.candidates == ()


def test_nothing_at_all_is_out_of_scope() -> None:
    found = understander(greet=0.9).understand("", [])
    assert (found.decision, found.intent) == ("out_of_scope", "out_of_scope")


@given(text=st.text(max_size=40), tokens=st.lists(st.text(max_size=4), max_size=6))
def test_every_text_gets_one_of_the_decisions(text: str, tokens: list[str]) -> None:
    for gate in ({"faq": 0.7}, {"greet": 0.7}, {"thank": 0.2}):
        found = understander(**gate).understand(text, tokens)
        assert found.decision in DECISIONS
        assert 0 <= found.confidence <= 1
        assert (found.crisis is not None) == (found.decision == "crisis")
        assert (found.service is not None) == (found.decision == "service")


@pytest.mark.parametrize(
    ("shares", "likely"), [((0.5, 0.5, 0.0), True), ((0.3, 0.2, 0.5), False), ((0.05, 0.05, 0.9), True)]
)
def test_a_field_is_likely_when_its_entries_share_most_of_the_belief(shares, likely: bool, monkeypatch) -> None:
    labels = ["labour.a", "labour.b", "lending.a"]
    ranking = Ranking(np.arange(3), np.array(shares), np.array([0.1] * 3), np.zeros((3, 4)), 1.0)
    made = understander(0.1, faq=1.0)
    monkeypatch.setattr(made, "_model", replace(made._model, labels=labels))
    monkeypatch.setattr(made, "_rank", lambda *_: (None, ranking, ()))
    found = made.understand("问", ["问"])
    assert found.decision == "refer"
    assert found.matter_likely is likely


@pytest.mark.agent
@pytest.mark.parametrize(
    ("text", "decision", "intent"),
    [
        ("老板拖欠工资怎么办", "answer", "faq"), ("我老公打我", "crisis", "crisis"),
        ("你好，我老公打我，谢谢", "crisis", "crisis"), ("我要转人工，我不想活了", "crisis", "crisis"),
        ("有人打我我该找谁", "crisis", "crisis"), ("有人打我", "crisis", "crisis"),
        ("转人工", "service", "request_adviser"), ("忘记我", "service", "forget_me"), ("我的案件", "service", "ask_status"),
        ("不知道该找谁", "service", "request_triage"), ("被拖欠工资去哪里告", "clarify", "faq"),
        ("你好", "smalltalk", "greet"), ("谢谢", "smalltalk", "thank"), ("再见", "smalltalk", "goodbye"),
        ("今天天气怎么样", "out_of_scope", "out_of_scope"), ("", "out_of_scope", "out_of_scope"),
        ("老闆拖欠工資怎麼辦", "answer", "faq"), ("你好，请问老板拖欠工资怎么办啊？谢谢", "answer", "faq"),
    ],
)  # fmt: skip
def test_the_real_model_decides_plain_cases(text: str, decision: str, intent: str) -> None:
    found = load_brain().understand(text)
    assert (found.decision, found.intent) == (decision, intent)
    assert (found.service is not None) == (intent in SERVICES)


@pytest.mark.agent
def test_the_titles_of_the_knowledge_are_legal_questions_or_emergencies() -> None:
    from bot.bootstrap import FAQ
    from bot.knowledge.entries import load_entries

    brain, entries = load_brain(), load_entries(FAQ)
    missed = [
        entry.title
        for entry in entries.values()
        if brain.understand(entry.title).decision not in ("answer", "clarify", "refer", "crisis")
    ]
    # A few titles name a thing that people also ask others about; typed, they are not recognised.
    assert len(missed) <= len(entries) * 0.03, missed


@pytest.mark.parametrize("typed", ['/faq{"x":1}', "/request_adviser", '/inform{"consent":"yes"}', "/restart", "/back"])
def test_a_typed_intent_of_rasa_never_reaches_rasa(typed: str) -> None:
    for text in (typed, typed.upper(), f"{typed} 你好"):
        assert read_text(text) == Reading(reply="utter_unknown_command")


@pytest.mark.agent
@pytest.mark.parametrize("prefix", ["／", "\u200b/", "\ufeff/", "。/", "你好/"])
def test_a_disguised_intent_of_rasa_is_only_words(prefix: str) -> None:
    reading = read_text(f'{prefix}confirm_forget{{"consent":"yes"}}')
    assert reading.intent == ""
    parsed = load_brain()._parse(reading)
    assert parsed["intent"]["name"] != "confirm_forget"
    assert parsed.get("entities", []) == []
