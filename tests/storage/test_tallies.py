"""The roll-up: whatever was rolled up when, the sums are those of the entries."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.figures import DIMENSIONS, MEASURES, SUMS, Cell, Selection
from bot.domain.ledger import AUDIENCES, KINDS, Entry
from bot.domain.reporting_periods import Period
from bot.reports.desk import FigureDesk
from bot.reports.entries import count_clients_by, load_cube, value_of
from bot.storage.people_tally import SCOPES, count_people_of_year
from bot.storage.rollup import roll_up
from bot.storage.tables import TALLY_DIMENSIONS, TALLY_SUMS, rollups, tallies
from bot.storage.tallies import list_differences
from tests.builders import make_library
from tests.conftest import Database

NEW_YEAR = datetime(2022, 12, 31, 16, 0, tzinfo=timezone.utc)  # midnight in Beijing


def make(random_: random.Random, number: int, **changes: Any) -> Entry:
    kind = random_.choice(["phone_consultation", "mediation", "law_education", "bot_consultation"])
    values = {
        "key": f"random:{number}", "kind": kind, "matter": random_.choice(["labour", "lending"]),
        "community": random_.choice(["baima", "qinggang", ""]), "subject": "resident", "channel": "phone",
        "served_by": random_.choice(["bot", "adviser:chen", "adviser:zhou"]), "outcome": KINDS[kind].outcome,
        "client": random_.choice(["", "p1", "p2", "p3"]),
        "occurred_at": NEW_YEAR + timedelta(seconds=random_.choice([-40_000_000, -1, 0, 1, 9_000_000])),
        "people": random_.randrange(4), "count": random_.choice([1, 1, 5]), "amount": random_.choice([None, 0, 12_345]),
        "leaflets": random_.randrange(3), "audience": random_.choice(["", *AUDIENCES]),
    }  # fmt: skip
    return Entry(**{**values, **changes})


def add(database: Database, *entries: Entry) -> list[int]:
    with database.open_unit() as uow:
        for entry in entries:
            assert uow.ledger.add(entry)
        found = [uow.ledger.find_by_key(entry.key) for entry in entries]
        uow.commit()
    return [entry.id for entry in found if entry]


def fill(database: Database, seed: int, interleaved: bool) -> None:
    """Entries, corrections of them, of corrections, and voids; rolled up now and then."""
    chance = random.Random(seed)
    open_ids: list[int] = []
    for number in range(60):
        corrects = open_ids.pop(chance.randrange(len(open_ids))) if open_ids and chance.random() < 0.4 else None
        entry = make(chance, number, corrects=corrects)
        if corrects and chance.random() < 0.3:
            entry = replace(entry, count=0, people=0, amount=None, leaflets=0, outcome="void")
        open_ids += add(database, entry)
        if interleaved and chance.random() < 0.2:
            roll_up(database.engine)


def assert_people_are_those_of_the_rows(connection: Any) -> None:
    for year in (2021, 2022, 2023):
        wanted = count_clients_by(connection, Period(year), Selection(services=True), SCOPES)
        assert count_people_of_year(connection, year) == {
            scope: {value: number for value, number in values.items() if number} for scope, values in wanted.items()
        }


@pytest.mark.parametrize("seed", range(4))
def test_tallies_and_what_came_after_them_are_the_sums_of_the_entries(database: Database, seed: int) -> None:
    fill(database, seed, interleaved=True)
    with database.engine.connect() as connection:
        for year in (2021, 2022, 2023):
            cube = load_cube(connection, Period(year))
            for measure in MEASURES:
                assert cube.total(measure, Selection()) == value_of(connection, Period(year), measure, Selection())
            for community in ("baima", "qinggang", ""):
                chosen = Selection(communities=(community,), served_by=("human",), services=True)
                assert cube.total("count", chosen) == value_of(connection, Period(year), "count", chosen)
        assert list_differences(connection) == []
        assert_people_are_those_of_the_rows(connection)
    roll_up(database.engine)
    with database.engine.connect() as connection:
        assert list_differences(connection) == []
        assert load_cube(connection, Period(2023)).total("count", Selection()) > 0
        assert_people_are_those_of_the_rows(connection)


def test_a_cube_does_not_depend_on_the_roll_up(database: Database) -> None:
    fill(database, 9, interleaved=False)
    with database.engine.connect() as connection:
        before = set(load_cube(connection, Period(2022)).cells)
    assert roll_up(database.engine) == 60
    with database.engine.connect() as connection:
        assert set(load_cube(connection, Period(2022)).cells) == before
    assert roll_up(database.engine) == 0


def test_a_large_ledger_is_rolled_up_step_by_step(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.rollup.STEP", 7)
    fill(database, 5, interleaved=True)
    while roll_up(database.engine):
        with database.engine.connect() as connection:
            assert list_differences(connection) == []
            assert_people_are_those_of_the_rows(connection)
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(rollups.c.last_entry)).scalar_one() == 60


def test_a_tally_that_is_wrong_is_found(database: Database) -> None:
    add(database, make(random.Random(1), 1, people=3))
    roll_up(database.engine)
    with database.engine.begin() as connection:
        connection.execute(sa.update(tallies).values(people=4))
    with database.engine.connect() as connection:
        assert len(list_differences(connection)) == 2


def test_a_roll_up_that_breaks_off_has_added_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add(database, make(random.Random(1), 1))

    def break_off(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("bot.storage.rollup.sa.update", break_off)  # the tallies are written, the watermark is not
        with pytest.raises(KeyboardInterrupt):
            roll_up(database.engine)
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tallies)).scalar_one() == 0
        assert connection.execute(sa.select(rollups.c.last_entry)).scalar_one() == 0
    assert roll_up(database.engine) == 1


def test_two_roll_ups_at_once_add_each_entry_once(database: Database) -> None:
    chance = random.Random(2)
    add(database, *(make(chance, number) for number in range(50)))
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(roll_up(database.engine))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 0, 0, 50]
    with database.engine.connect() as connection:
        assert list_differences(connection) == []


def test_an_entry_that_is_committed_late_is_not_lost(postgresql_database: Database) -> None:
    database, chance = postgresql_database, random.Random(3)
    late = database.open_unit()
    with late as uow:
        uow.ledger.add(make(chance, 1))
        add(database, make(chance, 2))  # a higher number, committed first
        waiting = threading.Thread(target=roll_up, args=(database.engine,))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive(), "the roll-up waits for the entry under way"
        uow.commit()
    waiting.join()
    with database.engine.connect() as connection:
        assert list_differences(connection) == []
        assert connection.execute(sa.select(sa.func.sum(tallies.c.entries))).scalar_one() == 2


def test_what_a_desk_keeps_in_memory_is_never_behind_the_ledger(database: Database) -> None:
    street = make_library().street
    desk, chance = FigureDesk(database.engine, street, {}), random.Random(4)
    for number in range(30):
        add(database, make(chance, number, occurred_at=NEW_YEAR, corrects=number if number % 7 == 6 else None))
        if number % 5 == 0:
            roll_up(database.engine)
        with database.engine.connect() as connection:
            wanted = value_of(connection, Period(2023), "count", Selection())
            here = value_of(connection, Period(2023), "count", Selection(communities=("baima",)))
        assert desk.cube(Period(2023), None).total("count", Selection()) == wanted
        assert desk.cube(Period(2023), frozenset({"baima"})).total("count", Selection()) == here


def test_the_tables_and_the_cube_name_the_same() -> None:
    assert (TALLY_DIMENSIONS, TALLY_SUMS) == (DIMENSIONS, SUMS)
    assert (set(SUMS), Cell._fields) == (set(MEASURES), (*TALLY_DIMENSIONS, *TALLY_SUMS))
