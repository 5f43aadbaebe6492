from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from bot.domain.cases import new_reference
from tests.builders import NOW, make_case

LATER = NOW + timedelta(hours=1)


def test_references_have_no_letters_that_sound_or_look_alike() -> None:
    drawn = [new_reference(date(2026, 12, 31)) for _ in range(10_000)]
    assert all(re.fullmatch(r"F26-[0-9A-Z]{4}-[0-9A-Z]{2}", reference) for reference in drawn)
    letters = {letter for reference in drawn for letter in reference[4:] if letter != "-"}
    assert letters.isdisjoint("0O1IL2Z5S8BUV")
    assert len(letters) > 20
    assert len(set(drawn)) > 9_980  # of 148 million


@pytest.mark.parametrize(
    ("accepted", "closed", "state", "next_by"),
    [
        (None, None, "waiting", "adviser"),
        (LATER, None, "accepted", "adviser"),
        (LATER, LATER, "closed", "nobody"),
        (None, LATER, "closed", "nobody"),
    ],
)
def test_a_cases_state_follows_from_its_timestamps(accepted, closed, state, next_by) -> None:
    case = make_case(1, accepted_at=accepted, closed_at=closed)
    assert (case.state, case.next_action_by) == (state, next_by)
