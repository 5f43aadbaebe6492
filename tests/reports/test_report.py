"""The report as data and in its formats: wording of comparisons, small numbers, references, empty years."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from bot.domain.calendar import BEIJING
from bot.domain.cases import Assignment, CaseEvent
from bot.domain.errors import NotFound
from bot.domain.ledger import Entry
from bot.domain.reporting_periods import Period
from bot.knowledge.holidays import work_calendar
from bot.reports.case_figures import CASE_FIGURES
from bot.reports.closing import close_year
from bot.reports.desk import FigureDesk
from bot.reports.explain import explain
from bot.reports.figures import FIGURES, RATES
from bot.reports.formats import FORMATS, write_report
from bot.reports.model import Chart, Paragraph, Report, Value
from bot.reports.plain_formats import tables_of
from bot.reports.report import build_report
from tests.builders import PROJECT, make_case, make_ledger_entry, make_library
from tests.conftest import Database

LIBRARY = make_library()
CALENDAR = work_calendar(LIBRARY.street)
NOW = datetime(2023, 6, 1, tzinfo=timezone.utc)
NEW_YEAR = datetime(2022, 12, 31, 16, 0, tzinfo=timezone.utc)  # midnight in Beijing


def add(database: Database, *entries: Entry) -> None:
    with database.open_unit() as uow:
        for entry in entries:
            assert uow.ledger.add(entry)
        uow.commit()


YEAR = Period(2022)


def build(database: Database, period: Period = YEAR, **options: Any) -> Report:
    with database.engine.connect() as connection:
        return build_report(connection, LIBRARY.street, LIBRARY.matters, period, now=NOW, **options)


def text_of(report: Report) -> str:
    blocks = [block for section in report.sections for block in section.blocks if isinstance(block, Paragraph)]
    return "".join(part if isinstance(part, str) else part.text + part.unit for block in blocks for part in block.parts)


def calls(count: int, year: int = 2022, **changes: Any) -> list[Entry]:
    moment = datetime(year, 5, 4, 2, tzinfo=timezone.utc)
    values = {"kind": "phone_consultation", "occurred_at": moment, "outcome": "advised", "client": "", **changes}
    return [make_ledger_entry(**values) for _ in range(count)]


def test_the_year_ends_at_midnight_in_beijing(database: Database) -> None:
    second = timedelta(seconds=1)
    add(database, *(calls(1, occurred_at=NEW_YEAR + shift)[0] for shift in (-second, 0 * second, second)))
    assert build(database).figures["services.total"].number == 1
    assert build(database, Period(2023)).figures["services.total"].number == 2
    assert build(database, Period(2023, month=1)).figures["services.total"].number == 2
    assert build(database, Period(2022, quarter=4)).figures["services.total"].number == 1


def test_a_year_without_data_says_so_in_every_format(database: Database) -> None:
    report = build(database, compare=Period(2021))
    assert "2022年台账中没有记录。" in text_of(report)
    for name in FORMATS:
        assert write_report(report, name)


@pytest.mark.parametrize(
    ("now", "before", "says"),
    [(11, 10, "比2021年增长10.0%"), (9, 10, "比2021年下降10.0%"), (10, 10, "与2021年持平"), (10, 0, "2021年没有可比的数")],
)
def test_years_are_compared_in_words(database: Database, now: int, before: int, says: str) -> None:
    add(database, *calls(now), *calls(before, 2021))
    assert f"共提供法律服务{now}件次" in text_of(build(database, compare=Period(2021)))
    assert says in text_of(build(database, compare=Period(2021)))
    assert "2021年" not in text_of(build(database))


def test_a_client_that_was_forgotten_or_moved_is_still_one_person(database: Database) -> None:
    add(database, *calls(2, client="p1", community="baima"), *calls(1, client="p1", community="qinggang"))
    report = build(database)
    assert report.figures["clients.total"].number == 1
    (table,) = (t for t in tables_of(report) if t.id == "by_community")
    column = table.head.index("服务人数（人）")
    assert [cell.number for row in table.rows if isinstance(cell := row[column], Value)] == [1, 1, 1]


def test_only_the_communities_asked_for_are_counted(database: Database) -> None:
    add(database, *calls(3, community="baima"), *calls(4, community="qinggang"))
    report = build(database, communities=frozenset({"baima"}))
    assert report.figures["services.total"].number == 3
    assert "白马社区" in report.title
    assert "青杠" not in text_of(report)
    assert build(database, communities=frozenset()).figures["services.total"].number == 0


def test_every_number_of_the_draft_has_its_source_in_the_word_file(database: Database) -> None:
    add(database, *calls(7), *(make_ledger_entry(kind="mediation", outcome="agreed", people=2, amount=1_234_500,
                                                occurred_at=NOW.replace(year=2022)) for _ in range(3)))  # fmt: skip
    report = build(database)
    document = Document(BytesIO(write_report(report, "docx")))
    raised = [run.text for p in document.paragraphs for run in p.runs if run.font.superscript]
    sources = [p.text for p in document.paragraphs if p.text.endswith(tuple(FIGURES))]
    assert raised == [str(number) for number in range(1, len(raised) + 1)]
    assert len(raised) >= 8
    assert any("协议金额：3.70万元　mediation.amount" in line for line in sources)
    assert len(document.tables) == len(list(tables_of(report)))


def test_the_workbook_has_numbers_charts_and_no_formula(database: Database) -> None:
    add(database, *calls(7), *calls(2, matter="=evil", community="@x", kind="law_education", outcome="held"))
    report = build(database)
    book = load_workbook(BytesIO(write_report(report, "xlsx")))
    charts = [chart for sheet in book for chart in sheet._charts]
    assert len(charts) == len([b for s in report.sections for b in s.blocks if isinstance(b, Chart)]) == 3
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any(cell.value == 7 for cell in book["分月情况"][6])


def test_money_and_differences_are_numbers_in_the_workbook(database: Database) -> None:
    add(database, *calls(7), *calls(3, 2021), *calls(2, kind="mediation", outcome="agreed", amount=189_060_000))
    book = load_workbook(BytesIO(write_report(build(database, compare=Period(2021)), "xlsx")))
    sources = {row[0].value: (row[2].value, row[3].value) for row in book["数据出处"].iter_rows()}
    assert sources["mediation.amount"] == (378.12, "万元")
    lines = {row[0].value: row[1:] for row in book["同比情况"].iter_rows()}
    assert [cell.value for cell in lines["协议金额（元）"][:3]] == [3_781_200, 0, 3_781_200]
    services = lines["法律服务（件次）"]
    assert [cell.value for cell in services] == [9, 3, 6, 2.0]
    assert [cell.number_format for cell in services[2:]] == ["+#,##0;−#,##0;#,##0", "+0.0%;−0.0%;0.0%"]
    assert all(sheet.row_dimensions[1].height and sheet.page_setup.orientation == "landscape" for sheet in (book["分社区情况"], book["同比情况"]))


def test_markup_in_the_ledger_stays_text(database: Database) -> None:
    add(database, *calls(6, community="<img src=x>", matter="a|b"))
    page = write_report(build(database), "html").decode()
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    assert "a\\|b" in write_report(build(database), "md").decode()


def test_only_what_was_signed_is_marked_as_signed_and_no_reason_reaches_another_community(database: Database) -> None:
    add(database, *calls(9, community="baima"), *calls(9, community="qinggang"))
    close_year(database.engine, 2022, "吴所长", NOW, lambda _: {})
    (entry,) = calls(1, community="qinggang", corrects=10, reason="青杠的事", recorded_at=NOW, people=0)
    add(database, replace(entry, count=0, outcome="void"))
    assert build(database).state == "draft"
    assert build(database, printing_closed=True).state == "closed"
    assert build(database, printing_closed=True, suppress_below=5).state == "closed"
    assert build(database, printing_closed=True, communities=frozenset({"baima"})).state == "draft"
    assert build(database, suppress_below=5).state == "draft"

    def reasons(**options: Any) -> str:
        return write_report(build(database, Period(2023), **options), "md").decode()

    assert "青杠的事" in reasons()
    assert "青杠的事" in reasons(communities=frozenset({"qinggang"}))
    assert "青杠的事" not in reasons(communities=frozenset({"baima"}))


def test_numbers_of_a_closed_year_that_were_corrected_later_are_marked(database: Database) -> None:
    add(database, *calls(9), *calls(3, 2023))
    close_year(database.engine, 2022, "吴所长", NOW, lambda _: {})
    desk = FigureDesk(database.engine, LIBRARY.street, LIBRARY.matters)

    def notes() -> list[str]:
        found = build(database, Period(2023), compare=YEAR).notes[-1], build(database, communities=frozenset({"baima"})).notes[-1]
        return [note for note in (*found, desk.explain("services.total", YEAR, None, NOW, 10).note) if "封存以后" in note]

    assert notes() == []
    (entry,) = calls(1, corrects=1, reason="重复", recorded_at=NOW)
    add(database, replace(entry, count=0, outcome="void"))
    assert len(notes()) == 3
    assert all("2022年已封存，封存以后更正1条" in note for note in notes())
    assert not any("封存以后" in note for note in build(database, printing_closed=True).notes)


@pytest.mark.parametrize("minutes", [(10, 20), (0, 600), (5,), (1, 2, 3)])
def test_nine_in_ten_never_takes_longer_than_the_slowest(database: Database, minutes: tuple[int, ...]) -> None:
    opened = datetime(2022, 5, 4, 2, tzinfo=timezone.utc)
    with database.open_unit() as uow:
        for number, late in enumerate(minutes):
            client = uow.clients.find_or_add("webchat", f"b{number}", opened)
            case = make_case(client_id=client.id, reference=f"F22-{number}", opened_at=opened,
                             answered_at=opened + timedelta(minutes=late))  # fmt: skip
            uow.cases.add(case)
            uow.cases.save(case)
        uow.commit()
    slow = build(database).figures["cases.slow_minutes"].number
    assert slow is not None
    assert min(minutes) <= slow <= max(minutes)


def test_a_night_between_question_and_answer_is_no_working_time(database: Database) -> None:
    """Opened on Friday at 16:50, answered on Monday at 9:20; the office works until 18:00 and from 9:00."""
    opened, answered = (datetime(2022, 5, day, hour, minute, tzinfo=BEIJING) for day, hour, minute in ((13, 16, 50), (16, 9, 20)))
    with database.open_unit() as uow:
        client = uow.clients.find_or_add("webchat", "b", opened)
        case = make_case(client_id=client.id, reference="F22-1", opened_at=opened, answered_at=answered)
        uow.cases.add(case)
        uow.cases.save(case)
        uow.commit()
    figures = build(database).figures
    assert figures["cases.median_minutes"].number == figures["cases.slow_minutes"].number == 64 * 60 + 30
    assert figures["cases.median_work_minutes"].number == figures["cases.slow_work_minutes"].number == 90


def test_what_became_of_cases_is_stated_and_led_back_to_their_references(database: Database) -> None:
    """One handed on, one let pass and opened again, one closed, one waiting; three graded."""
    opened = datetime(2022, 5, 4, 2, tzinfo=timezone.utc)
    with database.open_unit() as uow:
        for number, (ending, grade) in enumerate(
            (("transferred", "wrong"), ("timed_out", "right"), ("closed", "wrong_route"), (None, None))
        ):
            client = uow.clients.find_or_add("webchat", f"b{number}", opened)
            case = make_case(client_id=client.id, reference=f"F22-{number}", opened_at=opened, bot_grade=grade)
            uow.cases.add(case)
            uow.cases.save(case)
            if ending:
                assigned = uow.cases.add_assignment(Assignment(0, case.id, "chen", "own", opened))
                uow.cases.save_assignment(replace(assigned, ended_at=opened, ended_because=ending))
            if ending == "timed_out":
                uow.case_files.add_event(CaseEvent(case.id, opened, "reopened", "client"))
        uow.commit()
    add(database, *calls(2, kind="escalation", outcome="after_answer"), *calls(1, kind="escalation", outcome="opened"),
        *calls(3, kind="bot_consultation", outcome="answered"))  # fmt: skip
    report = build(database)
    figures = {name: value.text for name, value in report.figures.items()}
    assert figures["bot.escalated"] == "2"
    assert figures["cases.reassigned"] == "2"
    assert figures["cases.reopened"] == "1"
    assert figures["bot.graded"] == "3"
    assert figures["bot.error_rate"] == "66.7%"
    assert "答复后仍转人工2次" in text_of(report)
    assert "答错或者指错路的占66.7%" in text_of(report)
    (table,) = (t for t in tables_of(report) if t.id == "quality")
    assert ("换人办理（件）", "2") in [(row[0], row[1].text) for row in table.rows]
    with database.engine.connect() as connection:
        def cases(figure: str) -> tuple[str, ...]:
            return explain(connection, figure, YEAR, NOW, CALENDAR, 10).cases

        assert cases("cases.reassigned") == ("F22-0", "F22-1")
        assert cases("cases.reopened") == ("F22-1",)
        assert cases("bot.error_rate") == ("F22-0", "F22-2")


def test_a_share_is_explained_for_one_community(database: Database) -> None:
    add(database, *calls(3, kind="mediation", outcome="agreed"), *calls(1, kind="mediation", outcome="not_agreed"),
        *calls(4, kind="mediation", outcome="not_agreed", community="qinggang"))  # fmt: skip
    with database.engine.connect() as connection:
        found = explain(connection, "mediation.rate@community=baima", YEAR, NOW, CALENDAR, 10)
        assert (found.value.text, [part.text for part in found.parts]) == ("75.0%", ["3", "4"])
        with pytest.raises(NotFound):
            explain(connection, "mediation.rate@planet=mars", YEAR, NOW, CALENDAR, 10)


def test_kinds_stand_beside_communities_and_add_up_both_ways(database: Database) -> None:
    add(database, *calls(3), *calls(2, community="qinggang"), *calls(4, kind="contract_review", community="qinggang"),
        *calls(5, kind="law_education", outcome="held"))  # fmt: skip
    (table,) = (t for t in tables_of(build(database)) if t.id == "kind_by_community")
    assert table.head == ("服务类别", "白马社区", "青杠社区", "合计")
    rows = [(row[0], *(part.number for part in row[1:])) for row in table.rows]
    assert rows == [("电话咨询（次）", 3, 2, 5), ("合同审查（份）", 0, 4, 4), ("法律服务（件次）", 3, 6, 9)]


def test_the_statistics_page_defines_every_figure() -> None:
    page = (PROJECT / "docs" / "statistics.md").read_text(encoding="utf-8")
    defined = {
        **{name: (figure.title, figure.definition) for name, figure in FIGURES.items()},
        **{name: (rate[0], rate[-1]) for name, rate in RATES.items()},
        **{name: (case[0], case[-1]) for name, case in CASE_FIGURES.items()},
    }
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert lines.keys() == defined.keys()
    assert [name for name, texts in defined.items() if any(f"| {text} |" not in lines[name] for text in texts)] == []
