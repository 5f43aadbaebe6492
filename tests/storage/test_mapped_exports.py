"""Other offices' forms from a mapping file: right columns, no living formula, nothing for a file that cannot be used."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.bootstrap import PROJECT
from bot.domain.errors import ConfigError, FalinError
from bot.domain.ledger import Entry
from bot.domain.reporting_periods import Period
from bot.knowledge.export_map import load_export_map
from bot.reports.export import write_whole
from bot.reports.mapped import mapped_rows, write_mapped
from bot.reports.report_tables import Names
from bot.storage.engine import read_only
from tests.builders import make_ledger_entry, make_library
from tests.conftest import Database

LIBRARY = make_library()
NAMES = Names(LIBRARY.street, LIBRARY.matters)
NEW_YEAR = datetime(2022, 12, 31, 16, 0, tzinfo=timezone.utc)


def add(database: Database, *entries: Entry) -> None:
    with database.open_unit() as uow:
        for entry in entries:
            assert uow.ledger.add(entry)
        uow.commit()


def export(database: Database, map_file: Path, period: Period, path: Path) -> list[list[str]]:
    wanted = load_export_map(map_file)
    with read_only(database.engine).connect() as connection:
        rows = mapped_rows(connection, wanted, period, NAMES)
        write_whole(path, lambda fresh: write_mapped(fresh, wanted, rows, excel=path.suffix == ".xlsx"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file)) if path.suffix == ".csv" else []


def consultation(**changes: Any) -> Entry:
    values = {"kind": "phone_consultation", "matter": "labour", "community": "baima", "occurred_at": NEW_YEAR, **changes}
    return make_ledger_entry(**values)


def test_a_line_an_entry_with_the_forms_own_words(database: Database, tmp_path: Path) -> None:
    add(database, consultation(occurred_at=NEW_YEAR - timedelta(seconds=1), outcome="advised"), consultation())
    rows = export(database, PROJECT / "docs/maps/service_ledger.yml", Period(2022), tmp_path / "a.csv")
    assert rows[0][:4] == ["序号", "服务日期", "服务类型", "所属社区"]
    assert rows[1:] == [["1", "2022年12月31日", "热线咨询", "白马社区", "劳动用工", "1", "已解答", "司法所"]]


def test_a_line_a_group_with_corrections_in_place(database: Database, tmp_path: Path) -> None:
    mediation = {"kind": "mediation", "outcome": "agreed", "people": 2, "amount": 350_000}
    add(database, consultation(**mediation), consultation(**{**mediation, "people": 3}))
    add(database, consultation(**{**mediation, "amount": 450_000}, corrects=1))
    rows = export(database, PROJECT / "docs/maps/mediation_by_month.yml", Period(2023), tmp_path / "a.csv")
    assert rows[1:] == [["1月", "白马社区", "2", "5", "0.8"]]


@pytest.mark.parametrize("evil", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝1", "\t=1", "'=1"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_formula_comes_out_alive(sqlite_database: Database, tmp_path: Path, evil: str, suffix: str) -> None:
    add(sqlite_database, consultation(kind="law_education", outcome="held", title=evil))
    map_file = tmp_path / "map.yml"
    map_file.write_text(f'title: x\ncolumns:\n  - {{title: "{evil.strip()}", from: title}}\n', encoding="utf-8")
    path = tmp_path / f"a.{suffix}"
    rows = export(sqlite_database, map_file, Period(2023), path)
    if suffix == "xlsx":
        cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]
        assert all(cell.data_type == "s" for cell in cells)
        rows = [[str(cell.value)] for cell in cells]
    assert not any(row[0].startswith(("=", "+", "-", "@", "＝", "\t")) for row in rows)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns:\n  - {title: 社区, from: comunity}\n", "did you mean “community”"),
        ("columns:\n  - {title: 社区}\n", "needs “from:” or “constant:”"),
        ("columns:\n  - {from: day}\n", "needs “title:”"),
        ("columns:\n  - {title: x, from: day, colour: red}\n", "unknown key “colour”"),
        ("rows: [week]\ncolumns:\n  - {title: x, from: count}\n", "unknown dimension “week”"),
        ("rows: [month]\ncolumns:\n  - {title: x, from: client}\n", "unknown column “client”"),
        ("where: {street: x}\ncolumns:\n  - {title: x, from: day}\n", "unknown dimension “street”"),
        ("columns: 5\n", "needs “title:” and “columns:”"),
        ("- a\n- b\n", "needs “title:” and “columns:”"),
        ("columns: [\n", ""),
    ],
)  # fmt: skip
def test_a_mapping_file_that_cannot_be_used_says_why_and_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "map.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_export_map(path)
    assert says in str(refusal.value)
    assert "map.yml" in str(refusal.value)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    old = tmp_path / "a.csv"
    old.write_text("as it was", encoding="utf-8")

    def write(fresh: Path) -> None:
        fresh.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(FalinError, match="No space left on device"):
        write_whole(old, write)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert old.read_text(encoding="utf-8") == "as it was"


def test_an_export_sees_one_state_while_others_write(database: Database, tmp_path: Path) -> None:
    add(database, *(consultation() for _ in range(5)))
    wanted = load_export_map(PROJECT / "docs/maps/service_ledger.yml")
    with read_only(database.engine).connect() as connection:
        rows = mapped_rows(connection, wanted, Period(2023), NAMES)
        next(rows)
        add(database, consultation())
        assert len(list(rows)) == 4
