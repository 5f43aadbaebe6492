"""Lists that people made: what is added, what stands there already, what is refused and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot.documents.sheets import read_sheet
from bot.domain.errors import FalinError, RuleBroken
from bot.services.importing import Line, apply_line, plan_import
from bot.services.turn import Work
from tests.builders import NOW, make_library
from tests.conftest import Database
from tests.fakes import FakeDatabase

LIBRARY = make_library()
HEAD = "日期,类别,社区,事项,人数,件数,金额,备注\n"
Plan = Callable[..., list[Line]]


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def plan(database: FakeDatabase, tmp_path: Path) -> Iterator[Plan]:
    """Plan (and apply) an import of a text, or of a file that a function writes."""

    def run(content: str | bytes | Callable[[Path], None], *, apply: bool = False, member: str = "wu", year: int = 0) -> list[Line]:
        path = tmp_path / ("list.xlsx" if callable(content) else "list.csv")
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        who = LIBRARY.street.find_member(member)
        assert who
        with database.open_unit() as uow:
            work = Work(uow, LIBRARY, NOW)
            lines = list(plan_import(work, who, read_sheet(path), year))
            if apply:
                for line in lines:
                    if line.state == "new":
                        assert apply_line(work, who, line)
                uow.commit()
        return lines

    return run


def book(*rows: tuple[Any, ...], merge: str = "", form: Callable[[Any], None] = lambda sheet: None) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        made = Workbook()
        for row in (("日期", "类别", "社区", "人数", "金额（万元）", "活动名称"), *rows):
            made.active.append(row)
        if merge:
            made.active.merge_cells(merge)
        form(made.active)
        made.save(path)

    return write


def codes(line: Line) -> tuple[str, ...]:
    return tuple(reason.code for reason in line.reasons)


def test_a_list_is_planned_applied_and_never_added_twice(plan: Plan, database: FakeDatabase) -> None:
    text = HEAD + "2026-11-03,电话咨询,白马社区,劳动,1,,,\n2026-11-03,电话咨询,白马社区,劳动,1,,,第二个\n2026/11/4,调解,青杠,,2,,3.5万,\n"
    assert [line.state for line in plan(text)] == ["new"] * 3
    with database.open_unit(read_only=True) as uow:
        assert uow.ledger.is_empty(), "a dry run adds nothing"
    plan(text, apply=True)
    assert [line.state for line in plan(text, apply=True)] == ["known"] * 3
    longer = text + "2026-11-05,来访咨询,白马,,1,,,\n2026-11-03,电话咨询,白马社区,劳动,1,,,第三个\n"
    assert [line.state for line in plan(longer, apply=True)] == ["known", "known", "known", "new", "new"]
    with database.open_unit(read_only=True) as uow:
        amounts = [e.amount for e in uow.ledger.list_recorded("wu", 99)]
    assert len(amounts) == 5
    assert 3_500_000 in amounts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whatever_a_spreadsheet_writes_as_csv_is_read(plan: Plan, encoding: str, delimiter: str) -> None:
    text = (HEAD + "2026-11-03,电话咨询,白马,劳动用工,2,,,\n").replace(",", delimiter)
    (line,) = plan(text.encode(encoding))
    assert line.record
    assert (line.record.community, line.record.people, line.record.matter) == ("baima", 2, "labour")


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        ("2026-02-30,电话咨询,白马,,1,,,", ("import_day",)),
        ("11月3日,电话咨询,白马,,1,,,", ("import_year",)),
        ("2027-01-01,电话咨询,白马,,1,,,", ("day",)),
        (",电话咨询,白马,,1,,,", ("import_empty",)),
        ("2026-11-03,跳舞,白马,,1,,,", ("kind",)),
        ("2026-11-03,智能咨询,白马,,1,,,", ("kind",)),
        ("2026-11-03,电话咨询,火星,,1,,,", ("community",)),
        ("2026-11-03,电话咨询,白马,量子力学,1,,,", ("matter",)),
        ("2026-11-03,电话咨询,白马,,一堆,,,", ("import_number",)),
        ("2026-11-03,调解,白马,,,,,", ("people_missing",)),
        ("2026-11-03,培训,白马,,,,,", ("people_missing",)),
        ("2026-11-03,调解,白马,,0,,,", ("people",)),
        ("2026-11-03,电话咨询,白马,,1,0,,", ("count",)),
        ("2026-11-03,电话咨询,白马,,1,,500,", ("amount",)),
        ("2026-11-03,调解,白马,,2,,很多,", ("import_amount",)),
        ("2026-11-03,电话咨询,=1+1,,1,,,", ("import_formula",)),
        ("2026-11-03,电话咨询,@SUM(A1),,1,,,", ("import_formula",)),
        ("2026-11-03,+cmd|' /C calc'!A0,白马,,1,,,", ("import_formula",)),
        ("2026-11-03,电话咨询,白马,,-1,,,", ("import_number",)),
        ("2026-11-03,电话咨询,白马,,0,,,", ("people",)),
        ("2026-11-03,电话咨询,白马,,1,1.5,,", ("import_number",)),
        ("05/03/26,电话咨询,白马,,1,,,", ("import_day",)),
        ("2026-11-03,值班,白马,,3,,,", ("people_none",)),
        ("2026-11-03,登记用户,白马,,300,2,,", ("people_count",)),
        ('2026-11-03,调解,白马,,2,,"12,34",', ("import_amount",)),
        ("2026-11-03,调解,白马,,2,,约5000,", ("import_amount",)),
    ],
)
def test_a_row_that_cannot_stand_is_refused_with_its_reason(plan: Plan, row: str, reasons: tuple[str, ...]) -> None:
    good = "2026-11-03,来访咨询,白马,,1,,,\n"
    bad, fine = plan(f"{HEAD}{row}\n{good}", apply=True)
    assert (bad.number, bad.state, codes(bad)) == (2, "refused", reasons)
    assert fine.state == "new"
    assert all(f"utter_record_fault_{reason}" in LIBRARY.wording.names() for reason in reasons)


def test_registered_users_of_a_list_count_as_many_as_it_says(plan: Plan, database: FakeDatabase) -> None:
    text = HEAD + "2026-11-03,登记用户,白马,,300,,,\n"
    plan(text, apply=True)
    with database.open_unit(read_only=True) as uow:
        assert [(e.count, e.people) for e in uow.ledger.list_recorded("wu", 9)] == [(300, 300)]
    assert [line.state for line in plan(text)] == ["known"]


FULL = "日期,类别,社区,事项,人数,件数,金额,资料,对象,名称,经办人,企业,结果\n"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("3月5日,来访,白马,,1,,,,,,,,", "日期“3月5日”：这个日期没有写年份"),
        ("2026-11-03,来访,白马,,1,1.5,,,,,,,", "件数“1.5”：要写一个整数"),
        ("2026-11-03,来访,白马,,1,0,,,,,,,", "件数“0”：数量不对"),
        ("2026-11-03,普法活动,白马,,9,,,,外星人,,,,", "对象“外星人”：没有这种对象"),
        ("2026-11-03,来访,白马,,1,,,,学生,,,,", "对象“学生”：这一类不记对象"),
        ("2026-11-03,走访,白马,,1,,,,,,,无名公司,", "企业“无名公司”：登记册里没有这家企业"),
        ("2026-11-03,来访,白马,,=A1,,,,,,,,", "人数“=A1”：这一格是公式"),
        ("2026-11-03,调解,白马,,2,,500,,,,,,未达成", "金额“500”：没有达成协议"),
        ("2026-11-03,调解,白马,,,,,,,,,,", "人数：调解、培训要写明人数"),
        ("2026-11-03,来访,白马,,1,,500,,,,,,", "金额“500”：这一类不记金额"),
        ("2026-11-03,来访,白马,量子,1,,,,,,,,", "事项“量子”：没有这个法律事项"),
        (",来访,白马,,1,,,,,,,,", "日期：这一格是空的"),
        ("2026-11-03," + "跳" * 30 + ",白马,,1,,,,,,,,", "类别“" + "跳" * 20 + "…”："),
    ],
)  # fmt: skip
def test_a_reason_names_the_column_and_what_stands_there(plan: Plan, row: str, says: str) -> None:
    (line,) = plan(FULL + row + "\n")
    (reason,) = line.reasons
    assert reason.say(LIBRARY.wording).startswith(says)


def test_every_cell_that_cannot_be_read_is_named(plan: Plan) -> None:
    (line,) = plan(FULL + "某天,跳舞,火星,,一堆,,,,,,,,\n")
    assert [reason.column for reason in line.reasons] == ["日期", "类别", "社区", "人数"]


@pytest.mark.parametrize(
    ("written", "number"), [("两人", 2), ("三个人", 3), ("十二位", 12), ("2.0", 2), ("１２", 12), ("1,200人次", 1200), ("1万", 10_000)]
)  # fmt: skip
def test_numbers_are_read_as_in_a_line_of_the_chat(plan: Plan, written: str, number: int) -> None:
    (line,) = plan(f'{FULL}2026-11-03,普法,白马,,"{written}",,,"{written}",,,,,\n')
    assert line.record
    assert (line.record.people, line.record.leaflets) == (number, number)


def test_a_planned_row_says_all_it_would_record(plan: Plan) -> None:
    lines = plan(
        FULL + "2026-11-03,调解,白马,劳动,两人,,3.5万,,,,老周书记,,\n2026-11-03,普法,青杠,,80,,,1万,学生,开学第一课,,,\n"
        "2026-11-03,调解,白马,,2,,,,,,,,未达成\n"
    )  # fmt: skip
    assert [line.content for line in lines] == [
        "人民调解 白马社区 劳动用工 1件 2人 35,000元 老周书记",
        "普法活动 青杠社区 1场 80人 青少年学生 资料10000份 《开学第一课》",
        "人民调解 白马社区 1件 2人 未达成协议",
    ]


def test_a_number_of_people_that_is_filled_in_later_adds_nothing_where_it_would_count_for_one(plan: Plan) -> None:
    (line,) = plan(HEAD + "2026-11-03,来访咨询,白马,,,,,\n", apply=True)
    assert line.record
    assert line.record.counted_people == 1
    assert [line.state for line in plan(HEAD + "2026-11-03,来访咨询,白马,,1,,,\n", apply=True)] == ["known"]


@pytest.mark.parametrize(
    ("amount", "fen"),
    [("3500", 350_000), ("3.5万", 3_500_000), ("1,234.50", 123_450), ("叁仟伍佰元整", 350_000), ("￥2000", 200_000), ("2万3", 2_300_000)],
)
def test_sums_are_read_as_people_write_them(plan: Plan, amount: str, fen: int) -> None:
    (line,) = plan(f'{HEAD}2026-11-03,调解,白马,,2,,"{amount}",\n')
    assert line.record
    assert line.record.amount == fen


def test_days_in_every_form_of_a_workbook(plan: Plan) -> None:
    days = (date(2026, 11, 3), datetime(2026, 11, 3, 9, 30), "2026年11月3日", "2026.11.3", 46329, "11月3日",
            "20261103", 20261103, 20261103.0, "26.11.3", "26年11月3日")
    lines = plan(book(*((day, "来访", "白马", 1) for day in days)), year=2026)
    assert [line.record.day if line.record else line.reasons for line in lines] == [date(2026, 11, 3)] * 11


def test_merged_cells_share_a_day_but_never_a_number(plan: Plan) -> None:
    rows = ((date(2026, 11, 3), "来访", "白马", 2), (None, "来访", "青杠", None))
    first, second = plan(book(*rows, merge="A2:A3"))
    assert first.record
    assert second.record
    assert second.record.day == first.record.day
    assert [codes(line) for line in plan(book(*rows, merge="D2:D3"))] == [("import_merged",), ("import_empty", "import_merged")]


def test_formulas_of_a_workbook_are_refused_not_computed(plan: Plan) -> None:
    (line,) = plan(book((date(2026, 11, 3), "来访", "白马", "=1+1")))
    assert codes(line) == ("import_formula",)


def test_sums_in_a_column_of_ten_thousands(plan: Plan) -> None:
    lines = plan(book((date(2026, 11, 3), "调解", "白马", 2, 3.5), (date(2026, 11, 3), "调解", "白马", 2, "0.8万元")))
    assert [line.record.amount for line in lines if line.record] == [3_500_000, 800_000]


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 not a workbook", b"\xd0\xcf\x11\xe0 an old or locked one", b"", b"\x00" * 100],
    ids=["broken", "locked", "empty", "zeros"],
)
def test_what_is_no_workbook_is_refused_with_one_sentence(plan: Plan, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FalinError):
        plan(lambda path: path.write_bytes(content))  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no row with headings"), ("类别,社区\n来访,白马\n", "no row with headings"),
        ("日期,类别,工资\n2026-11-03,来访,9\n", "unknown columns: 工资"), ("日期,时间,类别\n,,\n", "two columns"),
    ],
)  # fmt: skip
def test_a_list_without_known_headings_is_refused(plan: Plan, text: str, says: str) -> None:
    with pytest.raises(FalinError, match=says):
        plan(text)


def test_headings_may_stand_below_a_title(plan: Plan) -> None:
    (line,) = plan("白鹭街道法律服务台账,,\n,,\n 日 期 ,服务类型,社区\n2026-11-03,来访,白马\n")
    assert (line.number, line.state) == (4, "new")


def test_an_adviser_imports_for_the_own_community_only(plan: Plan) -> None:
    lines = plan(HEAD + "2026-11-03,来访,白马,,1,,,\n2026-11-03,来访,青杠,,1,,,\n", member="chen")
    assert [codes(line) for line in lines] == [(), ("other_community",)]


def test_nothing_goes_into_a_closed_year(plan: Plan, database: FakeDatabase) -> None:
    with database.open_unit() as uow:
        uow.state.closed_years.add(2025)
        uow.commit()
    lines = plan(HEAD + "2025-12-31,来访,白马,,1,,,\n2026-01-01,来访,白马,,1,,,\n")
    assert [codes(line) for line in lines] == [("year_closed",), ()]


def test_an_import_that_breaks_off_is_done_again_from_the_beginning(sqlite_database: Database, tmp_path: Path) -> None:
    path, who = tmp_path / "list.csv", LIBRARY.street.find_member("wu")
    path.write_text(HEAD + "2026-11-03,来访,白马,,1,,,\n" * 20, encoding="utf-8")
    assert who

    def run(stop_after: int) -> int:
        with sqlite_database.open_unit() as uow:
            work = Work(uow, LIBRARY, NOW)
            lines = [line for line in plan_import(work, who, read_sheet(path)) if line.state == "new"]
            for number, line in enumerate(lines):
                if number == stop_after:
                    raise KeyboardInterrupt
                apply_line(work, who, line)
            uow.commit()
        return len(lines)

    with pytest.raises(KeyboardInterrupt):
        run(7)
    assert run(99) == 20
    assert run(99) == 0


def test_a_hundred_thousand_rows_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(HEAD + "2026-11-03,来访咨询,白马,,1,,,\n" * 100_000, encoding="gb18030")
    rows = read_sheet(path)
    assert next(rows).number == 1
    assert sum(1 for _ in rows) == 100_000


def test_somebody_without_the_permission_imports_nothing(plan: Plan) -> None:
    from dataclasses import replace

    from bot.domain.street import Member

    nobody = Member("nobody", "路人", role="resident")
    with FakeDatabase().open_unit() as uow, pytest.raises(RuleBroken):
        list(plan_import(Work(uow, replace(LIBRARY), NOW), nobody, iter(())))
