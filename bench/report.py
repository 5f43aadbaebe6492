"""What the year's figures cost over a million entries: the report, the dashboard, the roll-up.

    .venv/bin/python -m bench.report --entries 1000000 [--url postgresql://…]

Without --url on a scratch SQLite file. With it on that database, which must be empty: it is filled.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy.engine import Engine

from bot.bootstrap import load_library
from bot.domain.calendar import BEIJING, utc_now
from bot.domain.figures import Selection
from bot.domain.ledger import KINDS
from bot.domain.reporting_periods import Period
from bot.installation import DEMO_STREET
from bot.knowledge.street_file import load_street
from bot.reports.desk import FigureDesk
from bot.reports.entries import count_clients, count_clients_by, load_cube, value_of
from bot.reports.report import build_report
from bot.services.turn import Library
from bot.storage.engine import make_engine, read_only
from bot.storage.migrate import upgrade
from bot.storage.rollup import roll_up
from bot.storage.tables import cases, ledger
from bot.storage.tallies import list_differences

YEAR = 2022
BATCH = 20_000
CASES = 5_000  # of a thousand or so that an adviser can look after in a year
REPEATS = 5
# Shares of the kinds, roughly those of a street whose residents mostly ask the bot.
SHARES = {
    "bot_consultation": 60, "adviser_consultation": 8, "walk_in_consultation": 5, "phone_consultation": 8, "escalation": 6,
    "registration": 4, "mediation": 2, "legal_aid": 1, "contract_review": 3, "visit": 1, "law_education": 1, "document": 1,
}  # fmt: skip


def make_rows(library: Library, entries: int) -> Iterator[dict[str, Any]]:
    """Rows of one year: one client in twelve entries, one entry in a thousand corrected by the next."""
    chance, street = random.Random(1), library.street
    kinds = chance.choices(list(SHARES), list(SHARES.values()), k=entries)
    communities, matters = [c.id for c in street.communities], list(library.matters)
    weights = [1 / rank for rank in range(1, len(matters) + 1)]
    servers = [f"{m.role}:{m.id}" for m in street.members]
    for number in range(1, entries + 1):
        day = date(YEAR, 1, 1) + timedelta(days=number * 365 // (entries + 1))
        moment = time.mktime(day.timetuple())
        kind = kinds[number - 1]
        yield {
            "key": f"bench:{number}", "kind": kind, "matter": chance.choices(matters, weights)[0], "community": chance.choice(communities),
            "subject": chance.choices(("resident", "enterprise"), (9, 1))[0],
            "channel": chance.choice(("telegram", "webchat", "phone")),
            "served_by": "bot" if kind in ("bot_consultation", "escalation", "registration") else chance.choice(servers),
            "outcome": KINDS[kind].outcome, "client": f"{chance.randrange(entries // 12):032x}", "people": 1,
            "amount": 100_000 if kind == "mediation" else None, "day": day,
            "occurred_at": utc_now().fromtimestamp(moment, BEIJING).replace(hour=12),
            "corrects": number - 1 if number % 1000 == 0 else None, "reason": "", "count": 1, "leaflets": 0, "audience": "",
            "title": "", "recorded_by": "",
        }  # fmt: skip


def fill(engine: Engine, library: Library, entries: int) -> None:
    """Insert the rows in batches."""
    rows = make_rows(library, entries)
    for _ in track(range(-(-entries // BATCH)), "entries …", transient=True):
        with engine.begin() as connection:
            connection.execute(sa.insert(ledger), list(islice(rows, BATCH)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


def fill_cases(engine: Engine, library: Library, count: int) -> None:
    """Cases of the year, most of them answered, rated and closed."""
    chance, begin = random.Random(2), datetime(YEAR, 1, 1, tzinfo=BEIJING)
    rows = []
    for number in range(count):
        opened = begin + timedelta(minutes=chance.randrange(365 * 24 * 60))
        answered = opened + timedelta(minutes=chance.randrange(3_000))
        rows.append({
            "reference": f"F22-{number}", "community": chance.choice(library.street.communities).id, "matter": "labour",
            "urgency": "normal", "opened_at": opened, "promised_at": opened + timedelta(hours=30), "answered_at": answered,
            "closed_at": answered + timedelta(days=2), "rating": chance.choice((None, 4, 5)), "bot_grade": chance.choice((None, "right", "wrong")),
        })  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(cases), rows)


def roll_up_all(engine: Engine) -> None:
    """Step by step, until nothing is left."""
    while roll_up(engine):
        pass


def measure(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Median seconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def run(engine: Engine, library: Library, entries: int, table: Table) -> None:
    """Fill and measure one database."""
    fill(engine, library, entries)
    fill_cases(engine, library, CASES)
    year, month = Period(YEAR), Period(YEAR, month=12)
    reading = read_only(engine)

    def asking(question: Callable[[Any], Any]) -> Callable[[], Any]:
        def ask() -> Any:
            with reading.connect() as connection:
                return question(connection)

        return ask

    def clients(connection: Any) -> None:
        count_clients_by(connection, year, Selection(services=True), ("", "community", "kind", "month", "matter"))

    name = engine.dialect.name
    raw = measure(asking(lambda c: load_cube(c, year)), 1)
    table.add_row(name, "all sums of the year, before any roll-up", f"{raw:.2f} s")
    table.add_row(name, f"roll-up of {entries:,} entries", f"{measure(lambda: roll_up_all(engine), 1):.2f} s")
    desk = FigureDesk(engine, library.street, library.matters)

    def dashboard() -> None:
        cube = desk.cube(year, None)
        for by in ("community", "kind", "month"):
            cube.by(by, "count", Selection(services=True))
        desk.spans([date(YEAR, 12, day) for day in (31, 26, 1)], date(YEAR, 12, 31), None)

    table.add_row(name, "dashboard, first after a roll-up", f"{measure(dashboard, 1):.3f} s")
    table.add_row(name, "dashboard, later", f"{measure(dashboard):.3f} s")
    for what, question in (
        ("all sums of the year", lambda c: load_cube(c, year)),
        ("people of the year by five dimensions", clients),
        ("one figure straight from the rows", lambda c: value_of(c, year, "count", Selection(services=True))),
        ("people of a month", lambda c: count_clients(c, month, Selection(services=True))),
        ("annual report", lambda c: build(c, library, year)),
        ("annual report for publication, small numbers hidden", lambda c: build(c, library, year, 5)),
    ):
        table.add_row(name, what, f"{measure(asking(question), 3):.3f} s")
    with reading.connect() as connection:
        cells, wrong = len(load_cube(connection, year).cells), len(list_differences(connection))
    table.add_row(name, "cells of the year / cells that differ from the raw sums", f"{cells:,} / {wrong}")


def build(connection: Any, library: Library, year: Period, suppress_below: int = 0) -> None:
    """The report as falin report prints it, as data."""
    build_report(connection, library.street, library.matters, year, suppress_below=suppress_below, now=utc_now())


@click.command()
@click.option("--entries", default=1_000_000, show_default=True)
@click.option("--url", default="", help="An empty PostgreSQL database; default: a scratch SQLite file.")
def main(entries: int, url: str) -> None:
    """Print the table."""
    table = Table(title=f"{entries:,} entries of {YEAR}", title_justify="left")
    for heading in ("database", "what", "median"):
        table.add_column(heading)
    with tempfile.TemporaryDirectory() as folder:
        street = Path(folder) / "street.yml"
        street.write_text(DEMO_STREET.read_text(encoding="utf-8"), encoding="utf-8")
        engine = make_engine(url or f"sqlite:///{folder}/falin.db")
        upgrade(engine)
        run(engine, load_library(load_street(street)), entries, table)
        engine.dispose()
    Console().print(table)


if __name__ == "__main__":
    main()
