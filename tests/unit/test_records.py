"""What is recorded by hand: what a record must say."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.ledger import KINDS
from bot.domain.records import Record
from tests.builders import real_wording

DAY = date(2026, 11, 3)
BY_HAND = [name for name, kind in KINDS.items() if kind.by_hand]


def faults(kind: str, people: int | None) -> list[str]:
    return Record(kind, DAY, people=people).list_faults(DAY, (), ("other",), ())


@pytest.mark.parametrize("name", BY_HAND)
def test_nobody_counts_one_party_of_a_dispute_because_none_was_written(name: str) -> None:
    needed = "people" in KINDS[name].needs
    assert faults(name, None) == (["people_missing"] if needed else [])
    assert faults(name, 0) == (["people"] if needed else [])
    assert faults(name, 2) == []


def test_the_sentence_names_every_kind_that_must_say_how_many() -> None:
    said = real_wording().text("utter_record_fault_people_missing")
    needing = [kind for kind in KINDS.values() if "people" in kind.needs]
    assert needing
    assert all(any(word in said for word in (kind.title, *kind.words)) for kind in needing)
