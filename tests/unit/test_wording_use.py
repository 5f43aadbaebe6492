"""domain.yml and the code agree: every sentence is used, every one that is used exists and gets its values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bot.assistant.asking import SERVICE_REPLIES
from bot.assistant.reading import read_payload
from bot.domain.buttons import Buttons
from bot.knowledge.wording import PLACEHOLDER
from tests.builders import PROJECT, STREET_VALUES, make_street, real_wording
from tests.unit.domain_file import domain, story_actions

RESPONSES = real_wording().names()
TREES = {
    str(path.relative_to(PROJECT)): ast.parse(path.read_text(encoding="utf-8"))
    for folder in ("bot", "actions")
    for path in (PROJECT / folder).rglob("*.py")
}
# f"utter_{intent}" in asking is checked on its own below.
ANY_INTENT = "utter_"


def names_in(node: ast.AST) -> Iterator[str]:
    """Response names within an expression; f"utter_urgency_{…}" stands for all that begin so."""
    within_f_strings = {id(part) for f in ast.walk(node) if isinstance(f, ast.JoinedStr) for part in f.values}
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant):
            prefix = str(part.values[0].value)
            if prefix.startswith("utter_") and prefix != ANY_INTENT:
                matching = [name for name in RESPONSES if name.startswith(prefix)]
                yield from matching or [f"{prefix}…"]
        elif isinstance(part, ast.Constant) and id(part) not in within_f_strings:
            name = str(part.value)
            if name.startswith("utter_") and name.isidentifier() and name != ANY_INTENT:
                yield name


USED_IN_CODE = {(name, file) for file, tree in TREES.items() for name in names_in(tree)}
# Forms ask for their slots with actions of their own, or else with a response.
ASKED = {
    f"utter_ask_{slot}"
    for form, content in domain()["forms"].items()
    for slot in content["required_slots"]
    if f"action_ask_{form}_{slot}" not in domain()["actions"]
}
USED_IN_RASA = {action for action in story_actions() if action.startswith("utter_")} | (ASKED & RESPONSES)


def test_every_response_that_is_used_exists() -> None:
    assert {(name, file) for name, file in USED_IN_CODE if name not in RESPONSES} == set()
    assert USED_IN_RASA <= RESPONSES


def test_every_response_is_used() -> None:
    assert RESPONSES - {name for name, _ in USED_IN_CODE} - USED_IN_RASA == set()


def calls_with_a_response() -> Iterator[tuple[str, set[str], str]]:
    for file, tree in TREES.items():
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
                continue
            if call.func.attr in ("say", "text", "tell"):
                for name in names_in(call.args[-1 if call.func.attr == "tell" else 0]):
                    yield name, {str(keyword.arg) for keyword in call.keywords}, f"{file}:{call.lineno}"


def placeholders(name: str) -> set[str]:
    return set(PLACEHOLDER.findall(real_wording()._responses[name].text))


def test_every_placeholder_gets_a_value() -> None:
    calls = list(calls_with_a_response())
    assert len(calls) > 30
    lacking = {(name, place, *placeholders(name) - given - set(STREET_VALUES)) for name, given, place in calls}
    assert {row for row in lacking if len(row) > 2} == set()


@pytest.mark.parametrize("name", sorted(USED_IN_RASA))
def test_what_a_rule_says_needs_no_values(name: str) -> None:
    assert placeholders(name) <= set(STREET_VALUES)


def test_every_form_slot_is_asked_for() -> None:
    for form, content in domain()["forms"].items():
        for slot in content["required_slots"]:
            assert f"action_ask_{form}_{slot}" in domain()["actions"] or f"utter_ask_{slot}" in RESPONSES


@pytest.mark.parametrize("intent", [i for i in domain()["intents"] if i.startswith(("request_", "ask_"))])
def test_ask_has_words_for_every_service(intent: str) -> None:
    assert SERVICE_REPLIES.get(intent, f"utter_{intent}") in RESPONSES


BUTTONS = [
    (name, button)
    for name in sorted(RESPONSES)
    for row in real_wording()._responses[name].buttons
    for button in row
]


@pytest.mark.parametrize(("name", "button"), BUTTONS, ids=[f"{name}:{button.payload}" for name, button in BUTTONS])
def test_every_button_leads_somewhere(name: str, button) -> None:
    signed = Buttons(b"k" * 32).sign("telegram", "1" * 20, button.payload)
    assert len(signed.encode()) <= 64
    reading = read_payload(button.payload)
    assert reading.intent in domain()["intents"]
    assert set(reading.slots) <= set(domain()["slots"]) & set(domain()["entities"])
    assert 0 < len(button.title) <= 12  # more would be cut on a phone


def test_a_community_with_the_longest_id_still_fits_a_button() -> None:
    assert Buttons(b"k" * 32).sign("telegram", "1", "slot:community=" + "a" * 31)
    assert all(len(community.id) <= 31 for community in make_street().communities)
