"""Closing a year: its entries under a checksum, its report as it was printed, signed off by a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.domain.calendar import BEIJING, beijing_day
from bot.domain.errors import FalinError, NotFound
from bot.domain.reporting_periods import Period
from bot.storage.engine import read_only
from bot.storage.ledger_table import hold_ledger, last_entry
from bot.storage.tables import closed_reports, closed_years, ledger

_corrected = ledger.alias("corrected")


@dataclass(frozen=True)
class ClosedYear:
    """Args: checksum: SHA-256 of the year's entries.  last_entry: what is numbered higher came after the closing."""

    year: int
    closed_at: datetime
    signed_by: str
    checksum: str
    last_entry: int


def close_year(
    engine: Engine, year: int, signed_by: str, now: datetime, print_all: Callable[[Connection], Mapping[str, bytes]]
) -> ClosedYear:
    """Freeze a year: nothing can be recorded in it any more, and its report stays the same bytes for ever.

    Args:
        print_all: prints the report in every format from the same state of the database, by printed_name.

    Raises:
        FalinError: the year is not over in China, is closed already, or nobody signs.
    """
    period, signed_by = Period(year), " ".join(signed_by.split())
    if period.last >= beijing_day(now):
        raise FalinError(f"{year} is not over", "a year is closed from its last midnight in China on")
    if not 0 < len(signed_by) <= 80:
        raise FalinError("nobody signs", "--signed-by NAME: who has checked the figures, at most 80 characters")
    with engine.begin() as connection:
        hold_ledger(connection, closed_years)
        if find_closed(connection, year):
            raise FalinError(f"{year} is closed already", f"print it with: falin report --year {year}")
        last = last_entry(connection)
        closed = ClosedYear(year, now, signed_by, checksum_of(connection, year, last), last)
        connection.execute(sa.insert(closed_years).values(**closed.__dict__))
        for name, content in sorted(print_all(connection).items()):
            connection.execute(sa.insert(closed_reports).values(year=year, format=name, content=content))
    return closed


def find_closed(connection: Connection, year: int) -> ClosedYear | None:
    """How a year was closed; None while it is open."""
    row = connection.execute(sa.select(closed_years).where(closed_years.c.year == year)).one_or_none()
    return ClosedYear(*row) if row else None


def find_signed(
    connection: Connection, period: Period, compare: int = 0, communities: frozenset[str] | None = None
) -> ClosedYear | None:
    """How what is asked for was closed: only the whole year of the whole street was signed, as it was printed then."""
    plain = period == Period(period.year) and not compare and communities is None
    return find_closed(connection, period.year) if plain else None


def printed_name(name: str, suppress_below: int = 0) -> str:
    """Under which name a printed report is kept. Args: name: one of FORMATS.  suppress_below: see build_report."""
    return f"{name}:{suppress_below}" if suppress_below else name


def list_closed(connection: Connection) -> list[ClosedYear]:
    """All closed years, oldest first."""
    return [ClosedYear(*row) for row in connection.execute(sa.select(closed_years).order_by(closed_years.c.year))]


def printed_report(connection: Connection, year: int, name: str) -> bytes:
    """The report of a closed year as it was signed off.

    Raises:
        NotFound: the year is open, or was not printed in this format when it was closed.
    """
    query = sa.select(closed_reports.c.content).where(closed_reports.c.year == year, closed_reports.c.format == name)
    content = connection.execute(query).scalar_one_or_none()
    if content is None:
        raise NotFound(f"{year} was not printed as {name} when it was closed")
    return bytes(content)


def list_faults(engine: Engine) -> list[int]:
    """Closed years whose entries are no longer those that were signed for."""
    with read_only(engine).connect() as connection:
        return [c.year for c in list_closed(connection) if checksum_of(connection, c.year, c.last_entry) != c.checksum]


def list_later(connection: Connection, closed: ClosedYear) -> list[Any]:
    """Entries of a closed year that came after the closing, with date and reason: its corrections."""
    of_year = _of_year(closed.year)
    touched = sa.or_(of_year, ledger.c.corrects.in_(sa.select(_corrected.c.id).where(_of_year(closed.year, _corrected))))
    query = sa.select(ledger).where(ledger.c.id > closed.last_entry, touched).order_by(ledger.c.id)
    return list(connection.execute(query))


def note_later(connection: Connection, year: int) -> str:
    """What to know of a closed year's numbers when they are counted anew; "" when they are those that were signed."""
    closed = find_closed(connection, year)
    later = len(list_later(connection, closed)) if closed else 0
    return f"{year}年已封存，封存以后更正{later}条：这里{year}年的数是更正以后的，签字时的数见封存的报告。" if later else ""


def checksum_of(connection: Connection, year: int, upto: int) -> str:
    """SHA-256 over the year's entries up to one, each a line of JSON with every column, in the order of their numbers."""
    digest = hashlib.sha256()
    query = sa.select(ledger).where(_of_year(year), ledger.c.id <= upto)
    rows = connection.execute(query.order_by(ledger.c.id), execution_options={"stream_results": True})
    for row in rows:
        line = json.dumps([_plain(value) for value in row], ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _of_year(year: int, table: Any = ledger) -> Any:
    return table.c.day.between(Period(year).first, Period(year).last)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)
