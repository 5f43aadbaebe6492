from __future__ import annotations

import pytest

from bot.domain.errors import ConfigError, NotReady
from bot.domain.messages import Button, Reply, clean_text
from tests.builders import make_inbound


@pytest.mark.parametrize(
    "parts",
    [
        {"text": None},
        {"text": "你好", "choice": "intent:menu"},
        {"text": None, "choice": "x", "file": "photo"},
        {"text": "", "file": "voice"},
    ],
)
def test_an_inbound_carries_exactly_one_part(parts) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        make_inbound(**parts)


@pytest.mark.parametrize("parts", [{"text": ""}, {"text": None, "choice": ""}, {"text": None, "file": "photo"}])
def test_an_empty_part_is_a_part(parts) -> None:
    assert make_inbound(**parts)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("工\x00资", "工资"),
        ("工资\ud83d", "工资"),  # half an emoji
        ("\udc4d工资", "工资"),
        ("工资👍", "工资👍"),
        ("一行\n二行\t三", "一行\n二行\t三"),
        ("\x1b[31m红\x07\x85", "[31m红"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_what_no_database_can_carry_is_dropped(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned
    assert make_inbound(typed).text == cleaned
    assert make_inbound(None, choice=typed).choice == cleaned
    cleaned.encode()


def test_an_unknown_kind_of_file_is_other() -> None:
    assert make_inbound(None, file="hologram").file == "other"
    assert make_inbound(None, file="voice").file == "voice"


def test_only_buttons_with_a_payload_are_signed() -> None:
    reply = Reply(
        "选", ((Button("甲", "intent:menu"), Button("拨打", url="tel:110")), (Button("乙", "entry:a.b"),))
    )
    signed = reply.with_payloads(lambda payload: f"!{payload}")
    assert [[b.payload for b in row] for row in signed.buttons] == [["!intent:menu", ""], ["!entry:a.b"]]
    assert signed.buttons[0][1].url == "tel:110"
    assert signed.text == "选"


def test_an_error_says_where_what_and_what_to_do() -> None:
    assert str(ConfigError("wrong", "mend it", file="a.yml", line=3)) == "a.yml:3: wrong\n→ mend it"
    assert str(ConfigError("wrong", file="a.yml")) == "a.yml: wrong"
    assert str(NotReady("no model")) == "no model"
