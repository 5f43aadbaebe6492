from __future__ import annotations

import pytest

from bot.domain.buttons import LIMIT, SIGNATURE, Buttons

BUTTONS = Buttons(b"k" * 32)
SIGNED = BUTTONS.sign("telegram", "42", "entry:labour.wages")


def test_a_button_works_for_the_client_it_was_shown_to() -> None:
    assert BUTTONS.check("telegram", "42", SIGNED) == "entry:labour.wages"
    assert Buttons(b"k" * 32).check("telegram", "42", SIGNED) == "entry:labour.wages"  # after a restart, too


@pytest.mark.parametrize(("channel", "key"), [("telegram", "43"), ("webchat", "42"), ("telegram", ""), ("", "42")])
def test_a_button_does_not_work_for_another_client(channel: str, key: str) -> None:
    assert BUTTONS.check(channel, key, SIGNED) is None


@pytest.mark.parametrize(
    "forged",
    [
        "", "entry:labour.wages", SIGNED[:-1], SIGNED + "x", SIGNED[1:], SIGNED[:SIGNATURE],
        SIGNED.replace("wages", "other"), SIGNED.swapcase(), "签" * SIGNATURE + "entry:labour.wages",
    ],
)  # fmt: skip
def test_a_forged_or_cut_button_is_refused(forged: str) -> None:
    assert BUTTONS.check("telegram", "42", forged) is None


def test_another_installations_button_is_refused() -> None:
    assert Buttons(b"l" * 32).check("telegram", "42", SIGNED) is None


def test_a_payload_must_fit_into_64_bytes() -> None:
    longest = "x" * (LIMIT - SIGNATURE)
    assert len(BUTTONS.sign("telegram", "42", longest)) == LIMIT
    with pytest.raises(ValueError, match="too long"):
        BUTTONS.sign("telegram", "42", longest + "x")
    with pytest.raises(ValueError, match="too long"):
        BUTTONS.sign("telegram", "42", "社" * 20)  # three bytes each
