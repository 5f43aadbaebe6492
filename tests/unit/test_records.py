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
    kind = KINDS[name]
    taken = "people" in kind.takes
    assert faults(name, None) == (["people_missing"] if "people" in kind.needs else [])
    assert faults(name, 0) == (["people"] if taken else ["people_none"])
    assert faults(name, 2) == ([] if taken else ["people_none"])


@pytest.mark.parametrize(
    ("people", "count", "counted"), [(300, 1, 300), (300, 300, 300), (None, 300, 300), (None, 1, 1)]
)  # fmt: skip
def test_the_people_of_a_kind_counted_in_persons_are_its_count(people: int | None, count: int, counted: int) -> None:
    record = Record("registration", DAY, people=people, count=count)
    assert record.list_faults(DAY, (), ("other",), ()) == []
    assert (record.counted, record.counted_people) == (counted, counted)


def test_two_numbers_of_registered_users_are_not_guessed_about() -> None:
    assert Record("registration", DAY, people=300, count=5).list_faults(DAY, (), ("other",), ()) == ["people_count"]


def test_people_and_count_of_other_kinds_stay_apart() -> None:
    record = Record("law_education", DAY, people=80, count=2)
    assert (record.counted, record.counted_people) == (2, 80)


def test_the_sentence_names_every_kind_that_must_say_how_many() -> None:
    said = real_wording().text("utter_record_fault_people_missing")
    needing = [kind for kind in KINDS.values() if "people" in kind.needs]
    assert needing
    assert all(any(word in said for word in (kind.title, *kind.words)) for kind in needing)
