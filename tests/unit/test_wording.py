from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.domain.messages import Button, Reply
from bot.knowledge.wording import Wording

WORDING = Wording(
    {"utter_x": Reply("{name}，{street}", ((Button("好", "intent:menu"),),))}, {"street": "梨树街道"}
)


def test_placeholders_take_values_and_defaults() -> None:
    assert WORDING.say("utter_x", name="陈律师") == Reply("陈律师，梨树街道", ((Button("好", "intent:menu"),),))
    assert WORDING.text("utter_x", name="a", street="b") == "a，b"


@pytest.mark.parametrize("value", ["{street}", "{name}", "{0}", "{", "%s", r"\1", "{nobody}"])
def test_a_value_is_put_in_literally(value: str) -> None:
    assert WORDING.text("utter_x", name=value) == f"{value}，梨树街道"


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="name"):
        WORDING.say("utter_x")
    with pytest.raises(KeyError, match="utter_y"):
        WORDING.say("utter_y")


def test_a_domain_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "domain.yml"
    path.write_text(
        "responses:\n  utter_a:\n    - text: '甲 '\n      buttons: [{title: 好, payload: 'intent:menu'}]\n"
    )
    wording = Wording.load(path)
    assert wording.names() == {"utter_a"}
    assert wording.say("utter_a") == Reply("甲", ((Button("好", "intent:menu"),),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("intents: []\n", "“responses:” is missing"),
        ("responses:\n  utter_a: []\n", "utter_a is malformed"),
        ("responses:\n  utter_a: 甲\n", "utter_a is malformed"),
        ("responses:\n  utter_a:\n  - buttons: []\n", "utter_a is malformed"),
        ("responses:\n  utter_a:\n  - text: 甲\n    buttons: [{title: 好}]\n", "utter_a is malformed"),
    ],
)
def test_malformed_responses_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "domain.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        Wording.load(path)
    assert caught.value.remedy
