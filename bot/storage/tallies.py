"""The roll-up: sums of the ledger up to a watermark, and the sums of what came after it.

Tallies are never more than a shortcut: whoever reads them adds the entries after the watermark, so a figure is
exact whether the roll-up ran a moment or a month ago.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.storage.tables import TALLY_DIMENSIONS, TALLY_SUMS, ledger, rollups, tallies

WATERMARK = sa.select(rollups.c.last_entry).scalar_subquery()


def month_of(table: Any) -> Any:
    """The month in China of an entry: 2022-03."""
    return sa.func.substr(sa.cast(table.c.day, sa.String), 1, 7)


def sums_of(after: Any, upto: Any = None) -> Any:
    """A subquery with the sums of the entries after one (up to another): corrections add theirs and take the old away.

    Args:
        after, upto: ids of entries, as values or SQL.  upto None: to the end.
    """
    correction = ledger.alias("correction")
    fresh = [ledger.c.id > after]
    undone = [correction.c.id > after]
    if upto is not None:
        fresh.append(ledger.c.id <= upto)
        undone.append(correction.c.id <= upto)
    old = ledger.join(correction, correction.c.corrects == ledger.c.id)
    # An entry that counts for nothing has no sums: see bot.reports.entries.counting.
    both = sa.union_all(
        _signed(1).where(ledger.c.count > 0, *fresh),
        _signed(-1).select_from(old).where(ledger.c.count > 0, *undone),
    ).subquery()
    groups = [both.c[name] for name in TALLY_DIMENSIONS]
    return sa.select(*groups, *(_whole(both.c[name], name) for name in TALLY_SUMS)).group_by(*groups)


def add_sums(connection: Connection, done: int, last: int) -> None:
    """Roll up the entries after one, up to another."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    columns = [*TALLY_DIMENSIONS, *TALLY_SUMS]
    fresh = sums_of(done, last).subquery()
    # WHERE: without one SQLite takes ON CONFLICT for the ON of a join.
    adding = insert(tallies).from_select(columns, sa.select(*(fresh.c[name] for name in columns)).where(sa.true()))
    total = {name: tallies.c[name] + adding.excluded[name] for name in TALLY_SUMS}
    connection.execute(adding.on_conflict_do_update(index_elements=list(TALLY_DIMENSIONS), set_=total))


def current_sums() -> Any:
    """One statement with all sums, tallied and not yet tallied; a cell may come twice.

    One statement sees one state of the database, so the watermark and the tallies always belong together.
    """
    return sa.union_all(tallied_sums(), sums_of(WATERMARK))


def tallied_sums() -> Any:
    """The tallies alone."""
    return sa.select(*(tallies.c[name] for name in (*TALLY_DIMENSIONS, *TALLY_SUMS)))


def list_differences(connection: Connection) -> list[tuple[Any, ...]]:
    """Cells (dimensions, then sums) in which tallies and entries up to the watermark differ; none when all is well."""
    kept = sa.select(*(tallies.c[name] for name in (*TALLY_DIMENSIONS, *TALLY_SUMS)))
    width = len(TALLY_DIMENSIONS)
    # Cells that have come to nothing may stand among the tallies, and need not.
    wanted, found = (
        {tuple(row) for row in connection.execute(query) if any(row[width:])} for query in (sums_of(0, WATERMARK), kept)
    )
    return sorted(wanted ^ found)


def _signed(sign: int) -> Any:
    amount = sa.func.coalesce(ledger.c.amount, 0)
    values = {"entries": sa.literal(1), "count": ledger.c.count, "people": ledger.c.people, "amount": amount}
    columns = [(month_of(ledger) if name == "month" else ledger.c[name]).label(name) for name in TALLY_DIMENSIONS]
    sums = [(values.get(name, ledger.c.leaflets) * sign).label(name) for name in TALLY_SUMS]
    return sa.select(*columns, *sums)


def _whole(column: Any, name: str) -> Any:
    return sa.cast(sa.func.sum(column), sa.BigInteger).label(name)
