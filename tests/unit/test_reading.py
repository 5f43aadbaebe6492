from __future__ import annotations

import pytest

from bot.assistant.reading import COMMANDS, MAX_CHARACTERS, Reading, read_inbound, read_payload
from bot.domain.buttons import Buttons
from tests.builders import make_inbound
from tests.unit.domain_file import domain

BUTTONS = Buttons(b"k" * 32)


@pytest.mark.parametrize(
    ("sent", "reading"),
    [
        ({"text": "老板不发工资"}, Reading(words="老板不发工资")),
        ({"text": "  工资 \n"}, Reading(words="工资")),
        ({"text": "3"}, Reading(words="3")),
        ({"text": "字" * MAX_CHARACTERS}, Reading(words="字" * MAX_CHARACTERS)),
        ({"text": "字" * (MAX_CHARACTERS + 1)}, Reading(reply="utter_too_long")),
        ({"text": ""}, Reading(reply="utter_empty")),
        ({"text": " \n\u3000"}, Reading(reply="utter_empty")),
        ({"text": "？！……"}, Reading(reply="utter_empty")),
        ({"text": "👍🏽"}, Reading(reply="utter_empty")),
        ({"text": "\ud83d"}, Reading(reply="utter_empty")),
        ({"text": "\x00"}, Reading(reply="utter_empty")),
        ({"text": "\u200b"}, Reading(reply="utter_empty")),
        ({"text": "/start"}, Reading(intent="start")),
        ({"text": "/start baima"}, Reading(intent="start", slots={"start_parameter": "baima"})),
        ({"text": "/START@falin_bot  白马"}, Reading(intent="start", slots={"start_parameter": "白马"})),
        ({"text": "/start a'; drop--{x}"}, Reading(intent="start", slots={"start_parameter": "adrop--x"})),
        ({"text": "/start " + "a" * 99}, Reading(intent="start", slots={"start_parameter": "a" * 64})),
        ({"text": "/start\u3000白马"}, Reading(intent="start", slots={"start_parameter": "白马"})),
        ({"text": "/help\n"}, Reading(intent="menu")),
        ({"text": "/ help"}, Reading(reply="utter_unknown_command")),
        ({"text": "/forget"}, Reading(intent="forget_me")),
        ({"text": '/faq{"chosen_entry": "x"}'}, Reading(reply="utter_unknown_command")),
        ({"text": "/confirm_forget"}, Reading(reply="utter_unknown_command")),
        ({"text": "  /restart"}, Reading(reply="utter_unknown_command")),
        ({"text": "/"}, Reading(reply="utter_empty")),
        ({"text": None, "file": "voice"}, Reading(reply="utter_cannot_read_voice")),
        ({"text": None, "file": "sticker"}, Reading(reply="utter_cannot_read_file")),
        ({"text": None, "file": "document", "too_large": True}, Reading(reply="utter_file_too_large")),
        ({"text": None, "file": "new kind"}, Reading(reply="utter_cannot_read_file")),
        ({"text": "改过的", "edited": True}, Reading(reply="utter_edited")),
        ({"text": None, "choice": ""}, Reading(reply="utter_stale_button")),
        ({"text": None, "choice": "entry:labour.wages"}, Reading(reply="utter_stale_button")),
        ({"text": None, "choice": "\ud83d" * 12}, Reading(reply="utter_stale_button")),
        ({"text": None, "choice": "x" * 100_000}, Reading(reply="utter_stale_button")),
    ],
)
def test_whatever_is_sent_is_read_or_gets_one_clear_sentence(sent, reading: Reading) -> None:
    assert read_inbound(make_inbound(**sent), BUTTONS) == reading


@pytest.mark.parametrize(
    ("payload", "reading"),
    [
        ("entry:labour.wages", Reading(intent="choose_entry", slots={"chosen_entry": "labour.wages"})),
        ("intent:menu", Reading(intent="menu")),
        ("slot:community=baima", Reading(intent="inform", slots={"community": "baima"})),
        ("slot:note=a=b", Reading(intent="inform", slots={"note": "a=b"})),
        ("aid:handed=L26-K7WQ-3M", Reading(intent="aid_act", slots={"aid_act": "handed=L26-K7WQ-3M"})),
        ("old:thing", Reading(reply="utter_stale_button")),
        ("nonsense", Reading(reply="utter_stale_button")),
    ],
)
def test_a_genuine_button_says_what_was_chosen(payload: str, reading: Reading) -> None:
    assert read_payload(payload) == reading
    signed = BUTTONS.sign("webchat", "browser-1", payload)
    assert read_inbound(make_inbound(None, choice=signed), BUTTONS) == reading


def test_every_command_stands_for_an_intent_of_the_domain() -> None:
    assert set(COMMANDS.values()) <= set(domain()["intents"])
