"""The roll-up: sums of the ledger up to a watermark, and the sums of what came after it.

Tallies are never more than a shortcut: whoever reads them adds the entries after the watermark, so a figure is
exact whether the roll-up ran a moment or a month ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.storage.tables import TALLY_DIMENSIONS, TALLY_SUMS, ledger, rollups, tallies

WATERMARK = sa.select(rollups.c.last_entry).scalar_subquery()


def month_of(table: Any) -> Any:
    """The month in China of an entry: 2022-03."""
    return sa.func.substr(sa.cast(table.c.day, sa.String), 1, 7)


def changes(after: Any, upto: Any = None) -> list[tuple[int, Any, Any]]:
    """What the entries after one (up to another) do to sums: the entries themselves add (1), those they correct go (-1).

    Each with what to select from and which rows. An entry that counts for nothing has no part in it: see
    bot.reports.entries.counting.

    Args:
        after, upto: ids of entries, as values or SQL.  upto None: to the end.
    """
    correction = ledger.alias("correction")
    old = ledger.join(correction, correction.c.corrects == ledger.c.id)
    found = []
    for sign, source, number in ((1, ledger, ledger.c.id), (-1, old, correction.c.id)):
        bounds = [number > after] if upto is None else [number > after, number <= upto]
        found.append((sign, source, sa.and_(ledger.c.count > 0, *bounds)))
    return found


def sums_of(after: Any, upto: Any = None) -> Any:
    """The sums of the entries after one (up to another). Args: see changes."""
    both = sa.union_all(*(_signed(sign).select_from(source).where(where) for sign, source, where in changes(after, upto))).subquery()
    groups = [both.c[name] for name in TALLY_DIMENSIONS]
    return sa.select(*groups, *(sa.cast(sa.func.sum(both.c[name]), sa.BigInteger).label(name) for name in TALLY_SUMS)).group_by(*groups)


def add_sums(connection: Connection, done: int, last: int) -> None:
    """Roll up the entries after one, up to another."""
    add_to(connection, tallies, TALLY_DIMENSIONS, TALLY_SUMS, sums_of(done, last))


def add_to(connection: Connection, table: sa.Table, keys: Sequence[str], sums: Sequence[str], source: Any) -> None:
    """Add the sums of a select to those of a table; rows that are not there yet are put there."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    columns, fresh = [*keys, *sums], source.subquery()
    # WHERE: without one SQLite takes ON CONFLICT for the ON of a join.
    adding = insert(table).from_select(columns, sa.select(*(fresh.c[name] for name in columns)).where(sa.true()))
    total = {name: table.c[name] + adding.excluded[name] for name in sums}
    connection.execute(adding.on_conflict_do_update(index_elements=list(keys), set_=total))


def tallied_sums() -> Any:
    """The tallies alone."""
    return sa.select(*(tallies.c[name] for name in (*TALLY_DIMENSIONS, *TALLY_SUMS)))


def sums_where(condition: Any) -> Any:
    """The sums of the entries that fit, one row an entry."""
    return _signed(1).where(condition)


def list_differences(connection: Connection) -> list[tuple[Any, ...]]:
    """Cells (dimensions, then sums) in which tallies and entries up to the watermark differ; none when all is well."""
    width = len(TALLY_DIMENSIONS)
    # Cells that have come to nothing may stand among the tallies, and need not.
    wanted, found = (
        {tuple(row) for row in connection.execute(query) if any(row[width:])}
        for query in (sums_of(0, WATERMARK), tallied_sums())
    )
    return sorted(wanted ^ found)


def _signed(sign: int) -> Any:
    amount = sa.func.coalesce(ledger.c.amount, 0)
    values = {"entries": sa.literal(1), "count": ledger.c.count, "people": ledger.c.people, "amount": amount}
    columns = [(month_of(ledger) if name == "month" else ledger.c[name]).label(name) for name in TALLY_DIMENSIONS]
    sums = [(values.get(name, ledger.c.leaflets) * sign).label(name) for name in TALLY_SUMS]
    return sa.select(*columns, *sums)
