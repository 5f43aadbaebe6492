"""People (人数) rolled up: who was served in a year, together and by some dimensions, so that none is counted twice.

As with the sums, the roll-up is a shortcut only: what came after the watermark is always added when it is read.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.ledger import KINDS
from bot.storage.tables import ledger, tally_people
from bot.storage.tallies import WATERMARK, add_to, changes, month_of

SCOPES = ("", "community", "kind", "month")
KEY = ("year", "scope", "value", "client")


def is_service_row(table: Any) -> Any:
    """The rule of bot.domain.ledger.is_service, for the database."""
    terms = []
    for name, kind in KINDS.items():
        if kind.group == "service":
            same = table.c.kind == name
            terms.append(sa.and_(same, table.c.outcome.in_(kind.outcomes)) if kind.outcomes else same)
    return sa.or_(*terms)


def _entries_of(after: Any, upto: Any = None) -> Any:
    """What the entries after one (up to another) change: year, scope, value, client, entries.

    For a client: how many entries more. For nobody in particular (client ""): how many people more.
    """
    parts = []
    for scope in SCOPES:
        for sign, source, where in changes(after, upto):
            value = sa.literal("") if not scope else month_of(ledger) if scope == "month" else ledger.c[scope]
            weight = sa.case((ledger.c.client == "", ledger.c.people), else_=1) * sign
            year = sa.func.substr(sa.cast(ledger.c.day, sa.String), 1, 4)
            columns = (year.label("year"), sa.literal(scope).label("scope"), value.label("value"), ledger.c.client)
            part = sa.select(*columns, weight.label("entries")).select_from(source)
            parts.append(part.where(where, is_service_row(ledger)))
    both = sa.union_all(*parts).subquery()
    keys = [both.c[name] for name in KEY]
    return sa.select(*keys, sa.cast(sa.func.sum(both.c.entries), sa.BigInteger).label("entries")).group_by(*keys)


def add_people(connection: Connection, done: int, last: int) -> None:
    """Roll up the entries after one, up to another; in the transaction of the sums."""
    add_to(connection, tally_people, KEY, ("entries",), _entries_of(done, last))


def count_people_of_year(connection: Connection, year: int) -> dict[str, dict[str, int]]:
    """People served in a year, by scope and value; one statement, so that tally and watermark belong together."""
    kept = tally_people.c.entries
    people = sa.case((tally_people.c.client == "", kept), (kept > 0, 1), else_=0)
    tallied = (
        sa.select(tally_people.c.scope, tally_people.c.value, sa.func.sum(people).label("people"))
        .where(tally_people.c.year == str(year))
        .group_by(tally_people.c.scope, tally_people.c.value)
    )
    new = _entries_of(WATERMARK).subquery()
    before = sa.func.coalesce(tally_people.c.entries, 0)
    same = sa.and_(*(tally_people.c[name] == new.c[name] for name in KEY))
    came = sa.case((before + new.c.entries > 0, 1), else_=0) - sa.case((before > 0, 1), else_=0)
    more = (
        sa.select(new.c.scope, new.c.value, sa.func.sum(sa.case((new.c.client == "", new.c.entries), else_=came)))
        .select_from(new.outerjoin(tally_people, same))
        .where(new.c.year == str(year))
        .group_by(new.c.scope, new.c.value)
    )
    found: dict[str, dict[str, int]] = {scope: {} for scope in SCOPES}
    for scope, value, number in connection.execute(sa.union_all(tallied, more)):
        found[scope][value] = found[scope].get(value, 0) + int(number or 0)
    return {scope: dict(sorted((v, n) for v, n in values.items() if n)) for scope, values in found.items()}
