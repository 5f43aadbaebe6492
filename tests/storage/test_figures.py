"""Figures and exports from the ledger."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta, timezone
from itertools import count, product
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.domain.errors import FalinError
from bot.domain.figures import Selection
from bot.domain.reporting_periods import Period
from bot.reports import export
from bot.reports.cases import list_open_cases
from bot.reports.entries import list_entries, load_cube
from bot.reports.export import COLUMNS, export_ledger, safe_cell
from bot.reports.stats import DIMENSIONS, Row, count_services, count_total, label
from bot.storage.engine import read_only
from tests.builders import NOW, make_case, make_ledger_entry
from tests.conftest import Database

SECOND = timedelta(seconds=1)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)  # midnight in Beijing


def fill(database: Database, *entries) -> None:
    with database.open_unit() as uow:
        for entry in entries:
            assert uow.ledger.add(entry)
        uow.commit()


@pytest.fixture
def year(database: Database) -> Database:
    """Six clients, and calls without a client, over months, matters, communities and kinds."""
    numbers = count()
    fill(
        database,
        *(
            make_ledger_entry(
                occurred_at=datetime(2026, month, 5, tzinfo=timezone.utc), matter=matter, community=community,
                kind=kind, client="" if kind == "phone_consultation" else f"p{next(numbers) % 6}",
            )
            for month, matter, community, kind in product(
                (1, 5, 12), ("labour", "lending"), ("baima", ""), ("bot_consultation", "phone_consultation")
            )
        ),
        make_ledger_entry(kind="meeting"), make_ledger_entry(kind="registration", client="p9"),  # no services
    )  # fmt: skip
    return database


@pytest.mark.parametrize("by", DIMENSIONS)
def test_services_of_every_dimension_add_up_to_the_total(year: Database, by: str) -> None:
    rows, total = count_services(year.engine, 2026, by), count_total(year.engine, 2026)
    assert sum(row.services for row in rows) == total.services == 24
    assert total.people == 6 + 12  # six known clients; each of twelve calls counts as one
    # One person can stand in several rows, never in fewer than one.
    assert sum(row.people for row in rows) >= total.people
    assert all(0 < row.people <= row.services for row in rows)
    assert [row.key for row in rows] == sorted(row.key for row in rows)


@pytest.mark.parametrize("by", DIMENSIONS)
def test_people_add_up_when_nobody_stands_in_two_rows(database: Database, by: str) -> None:
    for number, (month, matter, community, kind) in enumerate(
        [(1, "labour", "baima", "notary"), (2, "lending", "qinggang", "document"), (3, "other", "", "contract_review")]
    ):
        moment = datetime(2026, month, 1, tzinfo=timezone.utc)
        one = {"occurred_at": moment, "matter": matter, "community": community, "kind": kind}
        fill(database, *(make_ledger_entry(**one, client=f"p{number}") for _ in range(number + 1)))
    rows, total = count_services(database.engine, 2026, by), count_total(database.engine, 2026)
    assert total == Row("total", 6, 3)
    assert sum(row.people for row in rows) == 3
    assert sorted(row.services for row in rows) == [1, 2, 3]


def test_the_year_changes_at_midnight_in_beijing(database: Database) -> None:
    fill(database, make_ledger_entry(occurred_at=NEW_YEAR - SECOND), make_ledger_entry(occurred_at=NEW_YEAR))
    fill(database, make_ledger_entry(occurred_at=NEW_YEAR + SECOND))
    assert count_services(database.engine, 2026, "month") == [Row("2026-12", 1, 1)]
    assert count_services(database.engine, 2027, "month") == [Row("2027-01", 2, 1)]


def test_a_year_without_services_is_all_zero(database: Database) -> None:
    assert count_total(database.engine, 2026) == Row("total", 0, 0)
    assert count_services(database.engine, 2026, "matter") == []


@pytest.mark.parametrize("year", [1999, 3000, 0, -1])
def test_such_a_year_cannot_be_counted(year: int) -> None:
    with pytest.raises(FalinError, match="is not a year"):
        Period(year)


def test_a_year_has_all_its_days() -> None:
    assert (Period(2028).first, Period(2028).last) == (date(2028, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("by", "key", "name"),
    [("kind", "visit", "走访企业"), ("kind", "new", "new"), ("community", "", "未登记"), ("matter", "labour", "劳动用工"),
     ("matter", "gone", "gone"), ("month", "2026-01", "2026-01")],
)  # fmt: skip
def test_keys_are_labelled_in_chinese(by: str, key: str, name: str) -> None:
    assert label(by, key, {"matter": {"labour": "劳动用工"}}) == name


def test_open_cases_are_listed_urgent_first_and_say_who_knows(database: Database) -> None:
    with database.open_unit() as uow:
        ids = [uow.clients.find_or_add("telegram", key, NOW).id for key in "1234"]
        references = ["F26-A", "F26-B", "F26-C"]
        for client_id, reference, urgency, adviser in zip(
            ids, references, ("normal", "urgent", "normal"), ("chen", "zhou", None), strict=False
        ):
            uow.cases.add(make_case(client_id, reference=reference, urgency=urgency, adviser_id=adviser))
        uow.members.add_account("chen", ids[3], NOW)
        uow.commit()
    listed = list_open_cases(database.engine)
    assert [(case.reference, case.connected, case.adviser) for case in listed] == [
        ("F26-B", False, "zhou"), ("F26-A", True, "chen"), ("F26-C", False, ""),
    ]  # fmt: skip


# exports

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "＝1", '=HYPERLINK("http://x","点")']


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path: Path) -> list[tuple]:
    return list(load_workbook(path).active.iter_rows(values_only=True))


@pytest.mark.parametrize(("name", "read"), [("a.csv", read_csv), ("a.xlsx", read_xlsx)])
def test_an_export_has_every_entry_of_the_year_and_no_other(
    database: Database, tmp_path: Path, name, read
) -> None:
    fill(
        database,
        make_ledger_entry(key="a", occurred_at=NEW_YEAR - SECOND, amount=1234, people=3, client="p7"),
        make_ledger_entry(key="b"),
        make_ledger_entry(key="c", occurred_at=NEW_YEAR),
    )
    path = tmp_path / name
    assert export_ledger(database.engine, 2026, path) == 2
    head, first, second = read(path)
    assert tuple(head) == COLUMNS
    row = {key: str(value) for key, value in zip(COLUMNS, first, strict=True)}
    assert (row["day"], row["time"]) == ("2026-12-31", "23:59:59")
    assert (row["amount_yuan"], row["people"], row["client"]) == ("12.34", "3", "p7")
    assert dict(zip(COLUMNS, second, strict=True))["amount_yuan"] in ("", None)
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"\r\x00{text}") == f"'{text}"


@pytest.mark.parametrize("value", [-5, 1.5, None, "a=1", "工资", ""])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == value


@pytest.mark.parametrize(("name", "read"), [("a.csv", read_csv), ("a.xlsx", read_xlsx)])
def test_no_formula_comes_out_alive(database: Database, tmp_path: Path, name, read) -> None:
    fill(database, *(make_ledger_entry(reason=text, served_by=text) for text in DANGEROUS if text.isprintable()))
    export_ledger(database.engine, 2026, tmp_path / name)
    cells = [cell for row in read(tmp_path / name)[1:] for cell in row if isinstance(cell, str)]
    assert len([cell for cell in cells if cell.startswith("'")]) == 2 * 6
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))] == []


def test_no_cell_of_a_workbook_is_a_formula(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database, make_ledger_entry(reason="=1+1"))
    export_ledger(sqlite_database.engine, 2026, tmp_path / "a.xlsx")
    cells = [cell for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failing_export_leaves_no_file_and_keeps_the_old_one(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: bytes | None
) -> None:
    def broken(*_):
        yield ["x"] * len(COLUMNS)
        raise ZeroDivisionError

    folder = tmp_path / "out"
    folder.mkdir()
    if old:
        (folder / name).write_bytes(old)
    monkeypatch.setattr(export, "ledger_rows", broken)
    with pytest.raises(ZeroDivisionError):
        export_ledger(sqlite_database.engine, 2026, folder / name)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == ({name: old} if old else {})


def test_whoever_reads_the_old_export_reads_all_of_it(sqlite_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with path.open() as reader:
        export_ledger(sqlite_database.engine, 2026, path)
        assert reader.read() == "old"
    assert path.read_text(encoding="utf-8-sig").startswith("id,day")


def test_a_folder_that_does_not_exist_is_named(sqlite_database: Database, tmp_path: Path) -> None:
    with pytest.raises(FalinError, match="nowhere"):
        export_ledger(sqlite_database.engine, 2026, tmp_path / "nowhere" / "a.csv")


def test_all_that_is_read_on_one_connection_is_of_one_moment(year: Database) -> None:
    period = Period(2026)
    with read_only(year.engine).connect() as connection:
        before = load_cube(connection, period).total("count", Selection())
        fill(year, make_ledger_entry(occurred_at=NOW, client="late"))
        assert load_cube(connection, period).total("count", Selection()) == before
        assert "late" not in {row.client for row in list_entries(connection, period, Selection(), 1_000)}
    with read_only(year.engine).connect() as connection:
        assert load_cube(connection, period).total("count", Selection()) == before + 1
    with year.engine.connect() as one, year.engine.connect() as other:  # the pool's, as they were before
        assert {one.get_isolation_level(), other.get_isolation_level()} <= {"READ COMMITTED", "SERIALIZABLE"}
    for number in range(4):
        fill(year, make_ledger_entry(occurred_at=NOW, client=f"later {number}"))
