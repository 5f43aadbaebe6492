"""How well the trained model answers 516 questions written for this, none of them in training.

Each is labelled with the articles that govern it (read in the law texts when it was written). The floors stand a few
points under what was measured (docs/answering.md): a change that falls through them has made the answers worse.
"""
from __future__ import annotations

from pathlib import Path

import pytest

from bot.assistant.asking import answer_question
from bot.assistant.evaluating import read_questions, score
from bot.bootstrap import FAQ
from bot.knowledge.entries import load_entries
from tests.agent_home import load_brain, settings_of, trained_home

QUESTIONS = Path(__file__).parent / "questions.jsonl"
FLOORS = {"right": 0.50, "precision": 0.92, "within-three": 0.89}


def test_the_questions_are_many_and_not_in_training() -> None:
    questions = [row["text"] for row in read_questions(QUESTIONS)]
    assert len(set(questions)) == len(questions) >= 500
    asked = {question for entry in load_entries(FAQ).values() for question in entry.ask}
    assert [question for question in questions if question in asked] == []


@pytest.mark.agent
def test_the_answers_keep_their_quality() -> None:
    from bot.bootstrap import load_usable_library

    library, brain = load_usable_library(settings_of(trained_home())), load_brain()
    rows = read_questions(QUESTIONS)
    figures = score(rows, [answer_question(row["text"], brain.understand, library) for row in rows])
    fallen = {name: round(figures.values[name], 3) for name, floor in FLOORS.items() if figures.values[name] < floor}
    assert fallen == {}, figures.lines
    assert figures.values["wrong-law"] <= 0.04
