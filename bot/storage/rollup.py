"""The roll-up of the ledger: sums and people up to a watermark, in one transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.people_tally import add_people
from bot.storage.tables import ledger, rollups
from bot.storage.tallies import add_sums


def roll_up(engine: Engine) -> int:
    """Add what is new in the ledger to the tallies; how many entries that were.

    PostgreSQL numbers rows before they are committed: the lock waits for those under way, so that none with a
    smaller number can appear behind the watermark. Two at once: the second waits, and finds nothing new.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE rollups IN EXCLUSIVE MODE"))
            connection.execute(sa.text("LOCK TABLE ledger IN SHARE MODE"))
        done = int(connection.execute(sa.select(rollups.c.last_entry)).scalar_one())
        last = int(connection.execute(sa.select(sa.func.max(ledger.c.id))).scalar_one() or 0)
        if last <= done:
            return 0
        add_sums(connection, done, last)
        add_people(connection, done, last)
        connection.execute(sa.update(rollups).values(last_entry=last))
        return last - done
