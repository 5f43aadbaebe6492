"""Small numbers in a published report: a reader who knows every rule of counting cannot work them out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from bot.domain.figures import Cell
from bot.domain.reporting_periods import Period
from bot.knowledge.holidays import work_calendar
from bot.reports.disclosure import STEPS, hidden_figures
from bot.reports.figures import FIGURES, find_figure
from bot.reports.formats import FORMATS, write_report
from bot.reports.model import Chart, Paragraph, Report, Value
from bot.reports.numbers import load_numbers
from bot.reports.plain_formats import tables_of
from bot.reports.report import build_report
from bot.reports.report_tables import columns_by_dimension
from bot.reports.writing import HIDDEN
from tests.builders import make_case, make_ledger_entry, make_library
from tests.conftest import Database

LIBRARY = make_library()
NOW = datetime(2023, 6, 1, tzinfo=timezone.utc)
COMMUNITIES, MATTERS, MONTHS = ("baima", "qinggang", ""), ("labor", "housing"), (3, 9)
SORTS = (
    ("bot_consultation", "answered", "webchat", "bot"), ("bot_consultation", "referred", "webchat", "bot"),
    ("phone_consultation", "advised", "phone", "adviser:chen"), ("mediation", "agreed", "police", "mediator:liu"),
    ("mediation", "not_agreed", "court", "mediator:liu"), ("contract_review", "document_done", "offline", "adviser:chen"),
    ("registration", "registered", "webchat", "bot"), ("law_education", "held", "site", "office"),
)  # fmt: skip


def record(database: Database, *counted: tuple[int, str, str, int, tuple[str, str, str, str]], **more: Any) -> None:
    with database.open_unit() as uow:
        for count, community, matter, month, (kind, outcome, channel, served_by) in counted:
            moment = datetime(2022, month, 4, 2, tzinfo=timezone.utc)
            assert uow.ledger.add(
                make_ledger_entry(kind=kind, outcome=outcome, channel=channel, served_by=served_by, community=community,
                                  matter=matter, occurred_at=moment, count=count, people=count * 2, client="", **more)
            )  # fmt: skip
        uow.commit()


def publish(database: Database, below: int) -> Report:
    with database.engine.connect() as connection:
        return build_report(connection, LIBRARY.street, LIBRARY.matters, Period(2022), suppress_below=below, now=NOW)


def values_of(report: Report) -> Iterator[Value]:
    """Every number of the page."""
    yield from report.figures.values()
    for section in report.sections:
        for block in section.blocks:
            parts = block.parts if isinstance(block, Paragraph) else ()
            yield from (part for part in parts if isinstance(part, Value) and part.figure)
    for table in tables_of(report):
        yield from (part for row in table.rows for part in row if isinstance(part, Value))


@pytest.mark.parametrize("seed", range(12))
def test_a_reader_who_knows_how_falin_counts_cannot_tell_that_a_hidden_number_is_small(
    sqlite_database: Database, seed: int
) -> None:
    """What is hidden is decided from sums, which are the same on both databases: one of them will do."""
    database = sqlite_database
    draw, below = random.Random(seed), 5
    everything = list(product(COMMUNITIES, MATTERS, MONTHS, SORTS))
    chosen = draw.sample(everything, draw.randint(3, 25))
    counts = {place: draw.choice((1, 1, 2, 3, 4, 6, 9, 40)) for place in chosen}
    record(database, *((count, *place) for place, count in counts.items()))
    page = {value.figure: value for value in values_of(publish(database, below))}
    hidden = {name for name, value in page.items() if value.text == HIDDEN}
    # The reader's unknowns: how many services there are of each sort that there can be.
    cells = [
        Cell(f"2022-{month:02}", kind, matter, community, "resident", channel, served_by, outcome, "", 1, 1, 1, 0, 0)
        for community, matter, month, (kind, outcome, channel, served_by) in everything
    ]
    sums: dict[str, tuple[Any, int]] = {}
    for name in page:
        figure = find_figure(name)
        if figure is not None and figure.measure == "count":
            row = np.array([float(figure.selection.fits(cell)) for cell in cells])
            sums[name] = row, int(sum(row[everything.index(place)] * count for place, count in counts.items()))
    told = [LinearConstraint(row, 1 if name in hidden else value, np.inf if name in hidden else value)
            for name, (row, value) in sums.items() if name not in STEPS]  # fmt: skip
    small = {name for name, (_, value) in sums.items() if 0 < value < below and not_only_events(name)}
    assert small <= hidden
    for name in small:
        row, value = sums[name]
        larger = LinearConstraint(row, value + below - 1, np.inf)
        found = milp(np.zeros(len(cells)), integrality=np.ones(len(cells)), bounds=Bounds(0, np.inf), constraints=[*told, larger])
        assert found.x is not None, f"{name} is {value} and nothing larger"


def not_only_events(name: str) -> bool:
    figure = find_figure(name)
    assert figure is not None
    return figure.selection.services or bool({"mediation", "bot_consultation", "phone_consultation", "contract_review", "registration"}
                                             & set(figure.selection.kinds))  # fmt: skip


def test_the_check_above_finds_what_can_be_worked_out(database: Database) -> None:
    """Hiding only what is small: the rest of the line gives it away, and disclosure hides more than that."""
    record(database, (3, "baima", "labor", 3, SORTS[2]), (40, "baima", "labor", 3, SORTS[0]), (9, "qinggang", "labor", 3, SORTS[2]),
           (9, "", "labor", 3, SORTS[2]))  # fmt: skip
    page = {value.figure: value.text for value in values_of(publish(database, 5))}
    assert page["services.human@community=baima"] == HIDDEN
    assert HIDDEN in (page["services.total@community=baima"], page["services.bot@community=baima"])
    assert HIDDEN in (page["services.human@community=qinggang"], page["services.human@community="])
    assert page["services.total"] == "61"


def test_what_would_give_a_failed_mediation_away_is_hidden(database: Database) -> None:
    record(database, (222, "baima", "labor", 3, SORTS[3]), (3, "baima", "labor", 3, SORTS[4]), (90, "baima", "labor", 3, SORTS[2]),
           amount=100)  # fmt: skip
    report = publish(database, 5)
    figures = {name: value.text for name, value in report.figures.items()}
    assert figures["mediation.failed"] == figures["mediation.court"] == figures["mediation.rate"] == HIDDEN
    assert figures["mediation.agreed"] == "222"
    assert figures["mediation.total"] == figures["kind.mediation"] == HIDDEN
    text = "".join(part if isinstance(part, str) else part.text
                   for s in report.sections for b in s.blocks if isinstance(b, Paragraph) for part in b.parts)  # fmt: skip
    assert "调解成功222" in text
    assert "调解矛盾纠纷" not in text


def test_parties_and_money_stand_in_all_lines_or_in_none(database: Database) -> None:
    record(database, (30, "baima", "labor", 3, SORTS[3]), (2, "baima", "housing", 3, SORTS[3]), (20, "baima", "", 3, SORTS[3]),
           amount=500)  # fmt: skip
    report = publish(database, 5)
    (table,) = (t for t in tables_of(report) if t.id == "mediation_by_matter")
    columns = list(zip(*table.rows, strict=True))
    assert [part.text for part in columns[-1] if isinstance(part, Value)] == [HIDDEN, HIDDEN, HIDDEN, "15"]
    assert [part.text for part in columns[-2] if isinstance(part, Value)] == [HIDDEN, HIDDEN, HIDDEN, "104"]


def test_cases_are_hidden_with_their_shares(database: Database) -> None:
    opened = datetime(2022, 5, 4, 2, tzinfo=timezone.utc)
    with database.open_unit() as uow:
        for number in range(12):
            client = uow.clients.find_or_add("webchat", f"b{number}", opened)
            late = NOW if number < 2 else opened
            case = make_case(client_id=client.id, reference=f"F22-{number}", opened_at=opened, promised_at=opened,
                             answered_at=late, rating=5 if number < 3 else None)  # fmt: skip
            uow.cases.add(case)
            uow.cases.save(case)
        uow.commit()
    record(database, (40, "baima", "labor", 5, SORTS[2]))
    figures = {name: value.text for name, value in publish(database, 5).figures.items()}
    assert figures["cases.broken"] == figures["cases.kept_rate"] == figures["cases.rated"] == figures["cases.rating"] == HIDDEN
    # All cases are kept or broken here; without one of these two the number of broken promises would be left.
    assert HIDDEN in (figures["cases.opened"], figures["cases.kept"])


def test_nothing_is_hidden_without_being_asked_and_no_format_prints_what_is_hidden(database: Database) -> None:
    record(database, (3, "baima", "labor", 3, SORTS[2]), (40, "qinggang", "labor", 9, SORTS[2]), (31, "", "housing", 9, SORTS[0]))
    assert not any(value.text == HIDDEN for value in values_of(publish(database, 0)))
    report = publish(database, 5)
    assert any("小于5" in note for note in report.notes)
    assert not any(isinstance(b, Chart) and b.table.id == "by_community" for s in report.sections for b in s.blocks)
    for name in FORMATS:
        assert write_report(report, name)
    assert "services.human@community=baima" not in write_report(report, "md").decode()
    assert {value.text for value in values_of(report) if value.figure == "services.human@community=baima"} == {HIDDEN}


def test_what_usually_goes_together_is_not_published(database: Database) -> None:
    """Applications and parties say how many mediations there were; escalations how many cases; people how many services."""
    mediated = ("mediation", "agreed", "walk_in", "mediator:liu"), ("mediation", "not_agreed", "walk_in", "mediator:liu")
    step = ("mediation_application", "applied", "walk_in", "bot"), ("escalation", "opened", "webchat", "bot")
    record(database, (20, "baima", "labor", 3, mediated[0]), (1, "baima", "labor", 3, mediated[1]), (21, "baima", "labor", 3, step[0]),
           (30, "baima", "labor", 3, SORTS[2]), (6, "baima", "labor", 3, step[1]))  # fmt: skip
    report = publish(database, 5)
    page = {value.figure: value.text for value in values_of(report)}
    assert page["mediation.total"] == page["mediation.failed"] == HIDDEN
    assert {page[name] for name in STEPS} == {HIDDEN}
    assert not any("服务人数（人）" in table.head for table in tables_of(report))
    assert [name for name, text in page.items() if name.startswith("clients.total@") and text != HIDDEN] == []
    assert page["clients.total"] != HIDDEN


def test_what_is_left_of_a_whole_without_its_part_is_protected(database: Database) -> None:
    aid = [("legal_aid", outcome, "walk_in", "staff:zheng") for outcome in ("handed_over", "granted")]
    record(database, (12, "baima", "labor", 3, aid[0]), (9, "baima", "labor", 3, aid[1]), (30, "baima", "labor", 3, SORTS[2]))
    page = {value.figure: value.text for value in values_of(publish(database, 5))}
    assert HIDDEN in (page["aid.handed_over"], page["aid.granted"]), "3 were not granted"


def test_a_page_of_nothing_but_small_numbers_tells_none(database: Database) -> None:
    record(database, (2, "baima", "labor", 3, SORTS[2]), (1, "baima", "labor", 3, SORTS[3]))
    with database.engine.connect() as connection:
        numbers = load_numbers(connection, Period(2022), NOW, work_calendar(LIBRARY.street))
    hidden = hidden_figures(numbers, columns_by_dimension(), 5)
    counted = {name for name, figure in FIGURES.items() if figure.measure == "count" and numbers.value(name)}
    assert counted <= hidden
