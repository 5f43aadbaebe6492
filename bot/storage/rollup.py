"""The roll-up of the ledger: sums and people up to a watermark, in one transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.ledger_table import hold_ledger, last_entry
from bot.storage.people_tally import add_people
from bot.storage.tables import rollups
from bot.storage.tallies import add_sums

STEP = 50_000  # entries at a time: nobody waits longer than about a second for the ledger


def roll_up(engine: Engine) -> int:
    """Add what is new in the ledger to the tallies, at most STEP entries; how many those were.

    No entry with a smaller number can appear behind the watermark: see hold_ledger. Two at once: the second waits,
    and finds nothing new.
    """
    with engine.begin() as connection:
        hold_ledger(connection, rollups)
        done = int(connection.execute(sa.select(rollups.c.last_entry)).scalar_one())
        last = min(last_entry(connection), done + STEP)
        if last <= done:
            return 0
        add_sums(connection, done, last)
        add_people(connection, done, last)
        connection.execute(sa.update(rollups).values(last_entry=last))
        return last - done
