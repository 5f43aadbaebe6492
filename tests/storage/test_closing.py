"""A closed year: the same bytes, the same entries, for ever; corrections show as such."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.errors import FalinError, NotFound, RuleBroken
from bot.domain.ledger import Entry
from bot.domain.records import Record
from bot.reports.closing import close_year, find_closed, list_closed, list_faults, list_later, printed_report
from bot.services.recording import correct_entry, record_service
from bot.services.turn import Work
from bot.storage.tables import closed_reports, closed_years, ledger
from tests.builders import make_library
from tests.conftest import Database

LIBRARY = make_library()
WU = LIBRARY.street.find_member("wu")
MIDNIGHT = datetime(2022, 12, 31, 16, 0, tzinfo=timezone.utc)  # New Year 2023 in Beijing


def record(database: Database, key: str, day: date, now: datetime = MIDNIGHT + timedelta(days=9)) -> Entry:
    assert WU
    with database.open_unit() as uow:
        made = record_service(Work(uow, LIBRARY, now), WU, Record("contract_review", day, "baima"), key)
        uow.commit()
    assert made
    return made


def print_all(connection: Connection) -> dict[str, bytes]:
    count = connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()
    return {"md": f"{count} 份".encode(), "docx": b"\x00\xff"}


def test_a_closed_year_takes_no_more_records_and_prints_the_same_bytes(database: Database) -> None:
    first = record(database, "one", date(2022, 12, 31))
    record(database, "two", date(2023, 1, 1))
    closed = close_year(database.engine, 2022, " 吴 所长 ", MIDNIGHT, print_all)
    assert (closed.signed_by, closed.last_entry) == ("吴 所长", 2)
    with pytest.raises(RuleBroken, match="closed"):
        record(database, "three", date(2022, 6, 1))
    record(database, "four", date(2023, 1, 2))
    later = MIDNIGHT + timedelta(days=40)
    with database.open_unit() as uow:
        assert WU
        correct_entry(Work(uow, LIBRARY, later), WU, first.id, None, "重复登记", "five")
        uow.commit()
    with database.engine.connect() as connection:
        assert printed_report(connection, 2022, "md") == "2 份".encode()
        assert printed_report(connection, 2022, "docx") == b"\x00\xff"
        assert find_closed(connection, 2022) == closed == list_closed(connection)[0]
        assert find_closed(connection, 2023) is None
        (correction,) = list_later(connection, closed)
        assert (correction.corrects, correction.reason, correction.recorded_at) == (first.id, "重复登记", later)
        with pytest.raises(NotFound):
            printed_report(connection, 2022, "xlsx")
    assert list_faults(database.engine) == []


def test_no_correction_moves_an_entry_of_another_year_into_a_closed_one(database: Database) -> None:
    inside, outside = record(database, "one", date(2022, 12, 31)), record(database, "two", date(2023, 1, 1))
    close_year(database.engine, 2022, "吴所长", MIDNIGHT, print_all)
    later = MIDNIGHT + timedelta(days=10)

    def move(entry: Entry, day: date, key: str) -> Entry | None:
        assert WU
        with database.open_unit() as uow:
            moved = correct_entry(Work(uow, LIBRARY, later), WU, entry.id, Record("contract_review", day, "baima"), "日期", key)
            uow.commit()
        return moved

    with pytest.raises(RuleBroken) as refused:
        move(outside, date(2022, 12, 31), "three")
    assert refused.value.code == "closed_day"
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one() == 2
    within = move(inside, date(2022, 3, 1), "four")
    assert within
    assert move(within, date(2023, 1, 1), "five"), "what was counted in the wrong year leaves it"


@pytest.mark.parametrize(
    ("now", "name"),
    [(MIDNIGHT - timedelta(seconds=1), "吴所长"), (MIDNIGHT, " "), (MIDNIGHT, "吴" * 81)],
    ids=["a second too early", "nobody", "too long"],
)
def test_a_year_that_cannot_be_closed_stays_open(database: Database, now: datetime, name: str) -> None:
    with pytest.raises(FalinError):
        close_year(database.engine, 2022, name, now, print_all)
    with database.engine.connect() as connection:
        assert list_closed(connection) == []


def test_a_year_is_closed_once(database: Database) -> None:
    close_year(database.engine, 2022, "吴所长", MIDNIGHT, print_all)
    with pytest.raises(FalinError, match="closed already"):
        close_year(database.engine, 2022, "别人", MIDNIGHT, print_all)


def test_a_report_that_cannot_be_printed_leaves_the_year_open(database: Database) -> None:
    def fail(_: Connection) -> dict[str, bytes]:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="space"):
        close_year(database.engine, 2022, "吴所长", MIDNIGHT, fail)
    with database.engine.connect() as connection:
        assert find_closed(connection, 2022) is None


def test_an_entry_that_was_changed_behind_falins_back_is_found(database: Database) -> None:
    record(database, "one", date(2022, 3, 1))
    close_year(database.engine, 2022, "吴所长", MIDNIGHT, print_all)
    close_year(database.engine, 2021, "吴所长", MIDNIGHT, print_all)
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER ledger_no_update"))
        else:
            connection.execute(sa.text("ALTER TABLE ledger DISABLE TRIGGER ledger_no_change"))
        connection.execute(sa.update(ledger).values(people=7))
    assert list_faults(database.engine) == [2022]


def test_a_closing_waits_for_whoever_is_recording_in_the_year(postgresql_database: Database) -> None:
    database = postgresql_database
    assert WU
    with database.open_unit() as uow:
        assert not uow.ledger.is_closed(2022)
        arguments = (database.engine, 2022, "吴所长", MIDNIGHT, print_all)
        closing = threading.Thread(target=close_year, args=arguments)
        closing.start()
        closing.join(0.3)
        assert closing.is_alive(), "else the record would come into a year that is closed"
        made = Record("contract_review", date(2022, 12, 31), "baima")
        assert record_service(Work(uow, LIBRARY, MIDNIGHT), WU, made, "late")
        uow.commit()
    closing.join()
    with database.engine.connect() as connection:
        closed = find_closed(connection, 2022)
        assert closed
        assert closed.last_entry == 1
    assert list_faults(database.engine) == []


@pytest.mark.parametrize("table", [closed_years, closed_reports], ids=str)
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_to_change_a_closed_year(database: Database, table: sa.Table, change: str) -> None:
    close_year(database.engine, 2022, "吴所长", MIDNIGHT, print_all)
    statement = sa.delete(table) if change == "delete" else sa.update(table).values(year=2020)
    with pytest.raises(sa.exc.DatabaseError, match="closed year"), database.engine.begin() as connection:
        connection.execute(statement)
