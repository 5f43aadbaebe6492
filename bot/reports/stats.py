"""Figures for a quick look: the services of a year by month, matter, community and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from bot.domain.ledger import KINDS
from bot.domain.reporting_periods import Period
from bot.reports.entries import count_clients, load_cube
from bot.reports.figures import SERVICES
from bot.storage.engine import read_only

DIMENSIONS = ("month", "matter", "community", "kind")


@dataclass(frozen=True)
class Row:
    """One line of a table. Args: people: see bot.reports.entries.count_clients."""

    key: str
    services: int
    people: int


def count_services(engine: Engine, year: int, by: str) -> list[Row]:
    """Services and people of a year by one of DIMENSIONS, in the order of the key. Raises FalinError: no such year."""
    period = Period(year)
    with read_only(engine).connect() as connection:
        services = load_cube(connection, period, dimensions={by, *SERVICES.dimensions}).by(by, "count", SERVICES)
        people = count_clients(connection, period, SERVICES, by)
    return [Row(key, number, people.get(key, 0)) for key, number in services.items()]


def count_total(engine: Engine, year: int) -> Row:
    """All services and all people of a year."""
    period = Period(year)
    with read_only(engine).connect() as connection:
        services = load_cube(connection, period, dimensions=SERVICES.dimensions).total("count", SERVICES)
        return Row("total", services, count_clients(connection, period, SERVICES).get("", 0))


def label(by: str, key: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """The Chinese name of a key. Args: names: dimension → key → name; kinds are known here."""
    if by == "kind":
        return KINDS[key].title if key in KINDS else key
    if by == "community" and not key:
        return "未登记"
    return names.get(by, {}).get(key, key)
