"""The demo year has exactly the published figures, whichever way one counts them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.demo.enterprises import list_names
from bot.domain.figures import CLIENTS, MEASURES
from bot.domain.reporting_periods import Period
from bot.reports.entries import count_clients, list_entries, load_cube, value_of
from bot.reports.figures import FIGURES, find_figure, narrow
from bot.reports.formats import FORMATS, write_report
from bot.reports.model import Paragraph, Report, Value
from bot.reports.plain_formats import tables_of
from bot.reports.report import build_report
from bot.services.turn import Library
from bot.storage.rollup import roll_up
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from bot.storage.tables import clients, ledger, mediations, outbox, timers
from bot.storage.tallies import list_differences
from tests.demo.conftest import KEYS, YEAR, make

PERIOD = Period(YEAR)
NOW = datetime(2023, 3, 1, tzinfo=timezone.utc)
# One street's published year (DESIGN, section 1).
PUBLISHED = {
    "users.registered": 10_529,
    "services.total": 1_307,
    "enterprises.assigned": 135,
    "enterprises.visits": 76,
    "enterprises.meetings": 18,
    "mediation.agreed": 222,
    "mediation.parties": 468,
    "mediation.amount": 378_120_000,  # fen
    "kind.contract_review": 661,
    "education.events": 33,
    "education.leaflets": 23_000,
    "education.videos": 16,
    "education.posts": 40,
    "education.law_literate": 17,
}


@pytest.fixture(scope="module")
def report(demo: Engine, library: Library) -> Report:
    with demo.connect() as connection:
        return build_report(connection, library.street, library.matters, PERIOD, now=NOW)


@pytest.mark.parametrize(("figure", "wanted"), PUBLISHED.items())
def test_the_report_states_the_published_figure(report: Report, figure: str, wanted: int) -> None:
    assert report.figures[figure].number == wanted
    stated = [part for s in report.sections for b in s.blocks if isinstance(b, Paragraph) for part in b.parts]
    assert report.figures[figure] in stated


def test_nineteen_disputes_end_without_an_agreement(demo: Engine, report: Report) -> None:
    assert report.figures["mediation.failed"].number == 19
    with demo.connect() as connection:
        rows = connection.execute(sa.select(mediations.c.agreed, mediations.c.amount).where(~mediations.c.agreed)).all()
    assert [row.amount for row in rows] == [None] * 19


def test_each_community_has_more_than_two_thousand_users(report: Report) -> None:
    (table,) = (t for t in tables_of(report) if t.id == "by_community")
    column = table.head.index("登记用户（人）")
    users = [row[column] for row in table.rows[:-1]]
    assert len(users) == 5
    assert all(isinstance(cell, Value) and cell.number and cell.number > 2_000 for cell in users)


def test_an_enterprise_has_a_name_that_says_it_is_made_up(demo: Engine, library: Library) -> None:
    with SqlUnitOfWork(demo, KEYS, read_only=True) as uow:
        found = uow.enterprises.list_all()
    assert len({enterprise.name for enterprise in found}) == 135
    for enterprise in found:
        community = library.community_name(enterprise.community).removesuffix("社区")
        assert re.fullmatch(rf"{community}示例[\u4e00-\u9fff]{{4,10}}", enterprise.name), enterprise.name


def test_no_two_years_in_a_row_have_an_enterprise_of_the_same_name() -> None:
    names = {year: list_names(year) for year in (YEAR - 1, YEAR)}
    assert set(names[YEAR - 1]).isdisjoint(names[YEAR])
    assert all(len(set(each)) == len(each) >= 135 for each in names.values())


def test_an_enterprise_is_visited_by_the_adviser_it_was_assigned(demo: Engine) -> None:
    with demo.connect() as connection:
        rows = connection.execute(sa.select(ledger.c.kind, ledger.c.client, ledger.c.served_by)).all()
    adviser = {row.client: row.served_by for row in rows if row.kind == "enterprise_assigned"}
    served = [row for row in rows if row.kind in ("visit", "contract_review") and row.client]
    assert len(served) > 76
    assert all(row.served_by == adviser[row.client] for row in served)


def test_the_figures_are_those_of_plain_sql(demo: Engine) -> None:
    def one(query: Any) -> int:
        with demo.connect() as connection:
            return int(connection.execute(query).scalar_one())

    assert one(sa.select(sa.func.count()).where(ledger.c.kind == "registration")) == 10_529
    assert one(sa.select(sa.func.sum(mediations.c.amount)).where(mediations.c.agreed)) == 378_120_000
    assert one(sa.select(sa.func.sum(mediations.c.parties)).where(mediations.c.agreed)) == 468
    assert one(sa.select(sa.func.count()).select_from(clients)) >= 10_526, "three were forgotten and still count"


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: figure.id)
def test_a_figure_is_the_sum_of_the_rows_behind_it(demo: Engine, figure: Any) -> None:
    with demo.connect() as connection:
        rows = list(list_entries(connection, PERIOD, figure.selection, 100_000))
        value = value_of(connection, PERIOD, figure.measure, figure.selection)
        if figure.measure == CLIENTS:
            known = {row.client for row in rows if row.client}
            assert value == len(known) + sum(row.people for row in rows if not row.client)
        else:
            assert value == sum(getattr(row, figure.measure) or 0 for row in rows)
            assert value == load_cube(connection, PERIOD).total(figure.measure, figure.selection)


@pytest.mark.parametrize("dimension", ["community", "kind", "month", "matter", "channel", "served_by", "outcome"])
def test_the_cells_of_a_table_add_up_to_the_figure_and_each_has_its_rows(demo: Engine, dimension: str) -> None:
    figure = FIGURES["services.total"]
    with demo.connect() as connection:
        cube = load_cube(connection, PERIOD)
        for measure in MEASURES:
            assert sum(cube.by(dimension, measure, figure.selection).values()) == cube.total(measure, figure.selection)
        for key, value in cube.by(dimension, "count", figure.selection).items():
            cell = narrow(figure, **{dimension: key})
            assert value == value_of(connection, PERIOD, "count", cell.selection)
        people = count_clients(connection, PERIOD, figure.selection, dimension)
        assert sum(people.values()) >= count_clients(connection, PERIOD, figure.selection)[""]


def test_every_sum_of_every_table_is_the_figure_it_names(report: Report, demo: Engine) -> None:
    with demo.connect() as connection:
        for table in tables_of(report):
            for cell in table.rows[-1] if table.total else ():
                if isinstance(cell, Value):
                    figure = find_figure(cell.figure)
                    assert figure
                    assert cell.number == value_of(connection, PERIOD, figure.measure, figure.selection), (table.id, cell.figure)


def test_the_parts_of_a_sum_add_up_to_it_in_every_table(report: Report) -> None:
    for table in (table for table in tables_of(report) if table.total):
        *lines, sums = [[part for part in row if isinstance(part, Value)] for row in table.rows]
        for place, total in enumerate(sums):
            if not total.figure.startswith("clients.total"):
                assert sum(int(line[place].number or 0) for line in lines) == total.number, (table.id, total.figure)


def test_the_roll_up_changes_no_figure(demo: Engine, report: Report, library: Library) -> None:
    roll_up(demo)
    with demo.connect() as connection:
        assert list_differences(connection) == []
        assert build_report(connection, library.street, library.matters, PERIOD, now=NOW) == report


@pytest.mark.parametrize("name", FORMATS)
def test_the_report_is_printed_the_same_each_time(report: Report, name: str) -> None:
    first = write_report(report, name)
    assert len(first) > 2_000
    assert write_report(report, name) == first


def test_nobody_invented_is_written_to_by_a_timer_later(demo: Engine) -> None:
    with demo.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).where(timers.c.done_at.is_(None))).scalar_one() == 0


def test_nobody_has_left_a_message_unfetched(demo: Engine) -> None:
    with demo.connect() as connection:
        rows = connection.execute(sa.select(outbox.c.channel, outbox.c.created_at, outbox.c.delivered_at)).all()
    assert len(rows) > 1_000
    assert {row.channel for row in rows} == {"webchat"}
    assert all(row.delivered_at is not None for row in rows)
    waited = sorted(row.delivered_at - row.created_at for row in rows)
    assert waited[0] >= timedelta(0)
    assert waited[len(waited) // 2] < timedelta(hours=1)


def test_the_same_year_is_made_each_time(tmp_path: Path, library: Library) -> None:
    """Everything but pseudonyms and references, which are random on purpose."""
    columns = [c for c in ledger.c if c.name not in ("key", "client")]
    made = []
    for number in range(2):
        engine = make(tmp_path / f"{number}.db", library, share=0.01)
        with engine.connect() as connection:
            made.append(connection.execute(sa.select(*columns).order_by(ledger.c.id)).all())
        engine.dispose()
    assert made[0] == made[1]
    assert len(made[0]) > 100
