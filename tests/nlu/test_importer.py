"""Training data: the intents' examples, and every question of every entry."""
from __future__ import annotations

from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest

from bot.bootstrap import FAQ
from bot.knowledge.entries import load_entries
from bot.nlu.entry_message import ENTRY
from bot.nlu.importer import KnowledgeImporter, entry_message
from bot.settings import PROJECT
from tests.builders import make_entry


@pytest.fixture(scope="module")
def importer() -> KnowledgeImporter:
    return KnowledgeImporter(str(PROJECT / "config.yml"))


def test_every_question_of_every_entry_is_there_to_learn_from(importer: KnowledgeImporter) -> None:
    entries = load_entries(FAQ)
    found = [m for m in importer.get_nlu_data().training_examples if m.get(ENTRY)]
    given = Counter((m.get(ENTRY).label, question) for m in found for question in m.get(ENTRY).questions)
    assert given == Counter((entry.id, question) for entry in entries.values() for question in entry.ask)
    assert Counter(m.get("text") for m in found) == Counter(entry.title for entry in entries.values())
    assert all(entries[m.get(ENTRY).label].answer in m.get(ENTRY).body for m in found)
    assert {m.get("intent") for m in found} == {"faq"}


def test_every_other_intent_has_examples(importer: KnowledgeImporter) -> None:
    found = {m.get("intent") for m in importer.get_nlu_data().training_examples}
    chosen_only = {"start", "inform", "choose_entry", "show_articles", "confirm_forget", "none_of_these",
                   "unknown_choice", "crisis", "triage_step", "choose_mediation", "aid_act", "aid_resume", "aid_restart"}  # fmt: skip
    assert set(importer.get_domain().intents) - chosen_only - {"restart", "back", "session_start", "nlu_fallback"} <= found


def test_stories_and_domain_are_found_without_options(importer: KnowledgeImporter) -> None:
    rules = [step.block_name for step in importer.get_stories().story_steps]
    assert "a legal question" in rules
    assert "action_answer_question" in importer.get_domain().user_actions


@pytest.mark.parametrize("named", [None, "data", ["data"], [None], []])
def test_what_rasa_passes_without_options_means_the_project(named: object) -> None:
    data = KnowledgeImporter(str(PROJECT / "config.yml"), None, named).get_nlu_data()
    assert data.filter_training_examples(lambda m: m.get("intent") == "greet").training_examples


def test_named_files_are_used(tmp_path: Path) -> None:
    file = tmp_path / "one.yml"
    file.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - 只此一句\n', encoding="utf-8")
    data = KnowledgeImporter(str(PROJECT / "config.yml"), None, [str(file)]).get_nlu_data()
    assert [m.get("text") for m in data.training_examples if m.get("intent") == "greet"] == ["只此一句"]


def test_entry_without_extras_still_has_title_body_and_questions() -> None:
    entry = make_entry(steps=(), evidence=(), deadline=None)
    message = entry_message(entry)
    assert (message.get("text"), message.get(ENTRY).questions) == (entry.title, tuple(entry.ask))
    assert entry.answer in message.get(ENTRY).body


def test_what_a_message_carries_is_never_copied_and_knows_its_hash() -> None:
    first, same = (entry_message(make_entry()).get(ENTRY) for _ in range(2))
    other = entry_message(make_entry(answer="另一个回答。")).get(ENTRY)
    assert deepcopy([first])[0] is first
    assert first.fingerprint() == same.fingerprint() != other.fingerprint()
