"""Recording by hand and correcting, on each database; and the cube read from there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.domain.errors import RuleBroken
from bot.domain.figures import CLIENTS, Selection
from bot.domain.ledger import Entry
from bot.domain.records import Record
from bot.domain.reporting_periods import Period
from bot.reports.entries import count_clients, load_cube, value_of
from bot.services.recording import correct_entry, record_service
from bot.services.turn import Work
from tests.builders import NOW, make_library
from tests.conftest import Database

LIBRARY = make_library()
YEAR = Period(NOW.year)


def record(database: Database, number: int, **values: Any) -> Entry:
    with database.open_unit() as uow:
        member = LIBRARY.street.find_member("wu")
        assert member
        made = Record(**{"kind": "phone_consultation", "day": date(2026, 11, 3), "community": "baima", **values})
        entry = record_service(Work(uow, LIBRARY, NOW), member, made, f"test:{number}")
        uow.commit()
    assert entry
    return entry


def correct(database: Database, entry_id: int, number: int, record: Record | None) -> Entry:
    with database.open_unit() as uow:
        member = LIBRARY.street.find_member("wu")
        assert member
        entry = correct_entry(Work(uow, LIBRARY, NOW), member, entry_id, record, "写错了", f"correction:{number}")
        uow.commit()
    assert entry
    return entry


def test_a_correction_stands_in_the_place_of_what_it_corrects(database: Database) -> None:
    first = record(database, 1, people=3)
    record(database, 2, kind="contract_review", count=12, community="qinggang")
    with database.engine.connect() as connection:
        assert load_cube(connection, YEAR).total("people", Selection(kinds=("phone_consultation",))) == 3
    second = correct(database, first.id, 1, Record("phone_consultation", date(2026, 11, 3), "baima", people=2))
    third = correct(database, second.id, 2, None)
    with database.engine.connect() as connection:
        cube = load_cube(connection, YEAR)
        assert cube.total("count", Selection(services=True)) == 12
        assert cube.by("community", "count", Selection()) == {"qinggang": 12}
    correct(database, third.id, 3, Record("phone_consultation", date(2026, 10, 31), "baima", people=5))
    with database.engine.connect() as connection:
        assert value_of(connection, Period(2026, month=10), "people", Selection(services=True)) == 5
        assert count_clients(connection, YEAR, Selection(kinds=("phone_consultation",)), "community") == {"baima": 5}
        assert value_of(connection, YEAR, CLIENTS, Selection(kinds=("phone_consultation",))) == 5


def test_a_mediation_that_was_not_agreed_gets_no_amount_by_a_correction(database: Database) -> None:
    first = record(database, 1, kind="mediation", people=2, outcome="not_agreed")
    with pytest.raises(RuleBroken) as refused:
        correct(database, first.id, 1, Record("mediation", date(2026, 11, 3), "baima", people=2, amount=500))
    assert refused.value.code == "amount_not_agreed"
    agreed = Record("mediation", date(2026, 11, 3), "baima", people=2, amount=500, outcome="agreed")
    assert correct(database, first.id, 2, agreed).amount == 500


def test_the_database_takes_one_correction_of_an_entry(database: Database) -> None:
    first = record(database, 1)
    correct(database, first.id, 1, None)
    with pytest.raises(Exception, match=r"(?i)unique"), database.open_unit() as uow:
        uow.ledger.add(Entry(**{**first.__dict__, "key": "again", "corrects": first.id}))


def test_the_same_key_is_recorded_once(database: Database) -> None:
    record(database, 1)
    with pytest.raises(AssertionError):
        record(database, 1)
