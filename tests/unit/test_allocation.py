"""Who gets a case."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.allocation import Candidate, choose_adviser
from bot.domain.street import Member


def candidate(name: str, capacity: int = 10, **changes: Any) -> Candidate:
    values = {
        "reachable": True, "on_duty": True, "own": False, "expert": False, "serves": True, "load": 0, "recent": 0,
    }  # fmt: skip
    return Candidate(Member(name, name, capacity=capacity), **{**values, **changes})


OWN = candidate("own", own=True, load=5)
FULL = candidate("full", own=True, load=10)


@pytest.mark.parametrize(
    ("candidates", "enterprise", "chosen"),
    [
        ([OWN, candidate("free")], False, "own"),
        ([FULL, candidate("free", load=9)], False, "free"),
        ([FULL, candidate("free")], True, "full"),
        ([candidate("own", own=True, on_duty=False), candidate("free", load=9)], False, "free"),
        ([candidate("own", own=True, reachable=False), candidate("free", load=9)], False, "free"),
        ([candidate("a"), candidate("b", expert=True, load=3)], False, "b"),
        ([candidate("a", serves=False, expert=True), candidate("b", load=3)], False, "b"),
        ([candidate("a", load=2, capacity=3), candidate("b", load=3, capacity=10)], False, "b"),
        ([candidate("a", recent=9), candidate("b", recent=8)], False, "b"),
        ([candidate("b"), candidate("a")], False, "a"),
    ],
)
def test_the_adviser_who_fits_best_is_asked(candidates: list[Candidate], enterprise: bool, chosen: str) -> None:
    found = choose_adviser(candidates, enterprise=enterprise)
    assert found
    assert found[0].id == chosen


def test_every_choice_says_why() -> None:
    assert choose_adviser([OWN], enterprise=False) == (OWN.member, "own,serves,on_duty")
    found = choose_adviser([candidate("a", expert=True)], enterprise=False)
    assert found
    assert found[1] == "serves,expert,on_duty,least_loaded"


def test_without_candidates_nobody_is_chosen() -> None:
    assert choose_adviser([], enterprise=False) is None


def test_over_time_cases_are_shared_by_capacity() -> None:
    given = {"a": 0, "b": 0}
    for _ in range(300):
        now = [candidate("a", capacity=10, recent=given["a"]), candidate("b", capacity=5, recent=given["b"])]
        found = choose_adviser(now, enterprise=False)
        assert found
        given[found[0].id] += 1
    assert given == {"a": 200, "b": 100}
