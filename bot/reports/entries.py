"""Entries as they count: each correction in the place of what it corrects. Every figure is read from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.figures import BOT, CLIENTS, DIMENSIONS, ENTRIES, Cell, Cube, Selection, merge_cells
from bot.domain.reporting_periods import Period, Span
from bot.storage.people_tally import is_service_row
from bot.storage.tables import TALLY_SUMS, ledger
from bot.storage.tallies import WATERMARK, month_of, sums_of, sums_where, tallied_sums

_later = ledger.alias("later")
MONTH = month_of(ledger)
COLUMNS: dict[str, Any] = {name: MONTH if name == "month" else ledger.c[name] for name in DIMENSIONS}


def counting(period: Span) -> Any:
    """The condition that an entry is of the period and nothing stands in its place."""
    return counting_days(period.first, period.last)


def counting_days(first: date, last: date) -> Any:
    """The same for days in China."""
    corrected = sa.exists().where(_later.c.corrects == ledger.c.id)
    return sa.and_(ledger.c.day.between(first, last), ledger.c.count > 0, ~corrected)


def selected(selection: Selection) -> Any:
    """The same choice as Selection.fits, for the database."""
    terms = [
        COLUMNS[dimension].in_(values)
        for dimension, values in (
            ("month", selection.months), ("kind", selection.kinds), ("matter", selection.matters),
            ("community", selection.communities), ("subject", selection.subjects), ("channel", selection.channels),
            ("outcome", selection.outcomes), ("audience", selection.audiences),
        )
        if values
    ]  # fmt: skip
    if selection.served_by:
        human = [ledger.c.served_by != BOT] if "human" in selection.served_by else []
        terms.append(sa.or_(ledger.c.served_by.in_(selection.served_by), *human))
    if selection.services:
        terms.append(is_service_row(ledger))
    return sa.and_(True, *terms)


def load_cube(
    connection: Connection, period: Span, communities: frozenset[str] | None = None, dimensions: Collection[str] = DIMENSIONS
) -> Cube:
    """All sums of a period.

    Args:
        connection: of read_only, or one that holds the ledger: the tallies and what came after them are of one moment.
        communities: only these; None: all.
        dimensions: what will be asked for; the others come empty. Fewer are quicker.
    """
    if not isinstance(period, Period):  # tallies are by months: other days are summed from the rows
        return Cube(_read_cells(connection, sums_where(counting(period)), period, communities, dimensions))
    mark, cells = load_tallied_cells(connection, period, communities, dimensions)
    fresh = load_new_cells(connection, mark, period, communities, dimensions)
    return Cube(merge_cells([*cells, *fresh]) if fresh else cells)


def load_new_cells(
    connection: Connection, after: int, period: Period, communities: frozenset[str] | None, dimensions: Collection[str]
) -> list[Cell]:
    """What the entries after one changed; sums may be negative."""
    return _read_cells(connection, sums_of(after), period, communities, dimensions)


def load_tallied_cells(
    connection: Connection, period: Span, communities: frozenset[str] | None, dimensions: Collection[str]
) -> tuple[int, list[Cell]]:
    """The tallies alone, and the entry up to which they are: what does not change until the next roll-up.

    Args: connection: see load_cube.
    """
    return read_watermark(connection), _read_cells(connection, tallied_sums(), period, communities, dimensions, grouped=True)


def read_watermark(connection: Connection) -> int:
    """The entry up to which everything is rolled up."""
    return int(connection.execute(sa.select(WATERMARK)).scalar_one())


def _read_cells(
    connection: Connection, source: Any, period: Span, communities: frozenset[str] | None, dimensions: Collection[str],
    *, grouped: bool = False,
) -> list[Cell]:
    """Args: grouped: each combination of DIMENSIONS comes once."""
    sums = source.subquery()
    query = sa.select(*(sums.c[name] for name in (*DIMENSIONS, *TALLY_SUMS)))
    if not (grouped and set(DIMENSIONS) <= set(dimensions)):
        names = [sums.c[name] if name in dimensions else sa.literal("").label(name) for name in DIMENSIONS]
        totals = [sa.cast(sa.func.sum(sums.c[name]), sa.BigInteger) for name in TALLY_SUMS]
        query = sa.select(*names, *totals).group_by(*(sums.c[name] for name in DIMENSIONS if name in dimensions))
    query = query.where(sums.c.month.in_(period.month_ids))
    if communities is not None:
        query = query.where(sums.c.community.in_(communities))
    # Without any dimension there is always a row, of nothing when nothing was counted.
    return [Cell._make(row) for row in connection.execute(query).all() if any(row[ENTRIES:])]


def count_clients(connection: Connection, period: Span, selection: Selection, by: str = "") -> dict[str, int]:
    """People (人数): distinct clients, and the people of entries without a known client.

    Args:
        by: one of DIMENSIONS, or "": all together, under "".
    """
    return count_clients_by(connection, period, selection, (by,))[by]


def count_clients_by(
    connection: Connection, period: Span, selection: Selection, dimensions: Collection[str]
) -> dict[str, dict[str, int]]:
    """The same for several dimensions, from one reading of the rows. Args: dimensions: "" for all together."""
    names = [name for name in dimensions if name]
    columns = [COLUMNS[name].label(f"by_{name}") for name in names]
    where = sa.and_(counting(period), selected(selection))
    known = sa.select(*columns, ledger.c.client).where(where, ledger.c.client != "")
    # Over several dimensions hardly any two rows are alike: sorting them out here is quicker than there.
    known = known if len(names) > 1 else known.distinct()
    unknown = sa.select(*columns, ledger.c.people).where(where, ledger.c.client == "").subquery()
    groups = [unknown.c[f"by_{name}"] for name in names]
    people = sa.select(*groups, sa.func.coalesce(sa.func.sum(unknown.c.people), 0)).select_from(unknown).group_by(*groups)
    places = {name: names.index(name) for name in names}
    seen: dict[str, set[tuple[str, str]]] = {name: set() for name in dimensions}
    for row in connection.execute(known):
        client = row[-1]
        for name, pairs in seen.items():
            pairs.add((row[places[name]] if name else "", client))
    found = {name: Counter(key for key, _ in pairs) for name, pairs in seen.items()}
    for row in connection.execute(people):
        for name, counts in found.items():
            counts[row[places[name]] if name else ""] += int(row[-1])
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def list_entries(connection: Connection, period: Span, selection: Selection, limit: int, after: int = 0) -> Iterator[Any]:
    """The rows behind a figure, oldest first. Args: after: id of the last row of the page before."""
    query = (
        sa.select(ledger)
        .where(counting(period), selected(selection), ledger.c.id > after)
        .order_by(ledger.c.id)
        .limit(limit)
    )
    yield from connection.execute(query)


def value_of(connection: Connection, period: Span, measure: str, selection: Selection) -> int:
    """One figure, straight from the rows."""
    if measure == CLIENTS:
        return sum(count_clients(connection, period, selection).values())
    what = sa.func.count() if measure == "entries" else sa.func.coalesce(sa.func.sum(ledger.c[measure]), 0)
    return int(connection.execute(sa.select(what).where(counting(period), selected(selection))).scalar_one())
