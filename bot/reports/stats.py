"""Figures from the ledger: services (人次) and people (人数) by month, matter, community and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.errors import FalinError
from bot.domain.ledger import KINDS
from bot.storage.engine import read_only
from bot.storage.tables import ledger

DIMENSIONS = ("month", "matter", "community", "kind")


@dataclass(frozen=True)
class Row:
    """One line of a table. Args: people: distinct clients; entries without a known client count as their own."""

    key: str
    services: int
    people: int


def year_range(year: int) -> tuple[date, date]:
    """First and last day of a year, in China.

    Raises:
        FalinError: no such year.
    """
    if not 2000 <= year <= 2999:
        raise FalinError(f"{year} is not a year falin can count", "give a year such as 2026")
    return date(year, 1, 1), date(year, 12, 31)


def count_services(engine: Engine, year: int, by: str) -> list[Row]:
    """Services and people of a year by one of DIMENSIONS, in the order of the key."""
    month = sa.func.substr(sa.cast(ledger.c.day, sa.String), 1, 7)
    column = month if by == "month" else ledger.c[by]
    first, last = year_range(year)
    # An entry without a client (recorded by hand) is one person nobody can match with another.
    person = sa.case((ledger.c.client == "", sa.cast(ledger.c.id, sa.String)), else_=ledger.c.client)
    query = (
        sa.select(
            column.label("key"),
            sa.func.count().label("services"),
            sa.func.count(person.distinct()).label("people"),
        )
        .where(ledger.c.day.between(first, last))
        .group_by(column)
        .order_by(column)
    )
    with read_only(engine).connect() as connection:
        return [Row(str(row.key), row.services, row.people) for row in connection.execute(query)]


def count_total(engine: Engine, year: int) -> Row:
    """All services and all people of a year."""
    first, last = year_range(year)
    person = sa.case((ledger.c.client == "", sa.cast(ledger.c.id, sa.String)), else_=ledger.c.client)
    query = sa.select(sa.func.count(), sa.func.count(person.distinct())).where(ledger.c.day.between(first, last))
    with read_only(engine).connect() as connection:
        services, people = connection.execute(query).one()
    return Row("total", services, people)


def label(by: str, key: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """The Chinese name of a key. Args: names: dimension → key → name; kinds are known here."""
    if by == "kind":
        return KINDS[key].title if key in KINDS else key
    if by == "community" and not key:
        return "未登记"
    return names.get(by, {}).get(key, key)
