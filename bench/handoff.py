"""What the handoff costs, and whether it grows: with the open cases, with what was said in a case.

    .venv/bin/python -m bench.handoff --cases 10,200,1000
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.bootstrap import load_library, unit_of_work_factory
from bot.domain.calendar import utc_now
from bot.domain.messages import Inbound
from bot.installation import DEMO_STREET
from bot.knowledge.street_file import load_street
from bot.services import relay
from bot.services.handoff import accept_case, open_case
from bot.services.registration import register_client
from bot.services.status import place_in_queue
from bot.services.timers import run_due
from bot.services.turn import Library, Turn, Work
from bot.services.unit_of_work import UnitOfWorkFactory
from bot.storage.engine import make_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import load_keys

REPEATS = 20
SAID = 1_000  # messages that the long case has


class Street:
    """A street at work on a scratch SQLite database (full sync)."""

    def __init__(self, open_unit: UnitOfWorkFactory, library: Library) -> None:
        self.open_unit, self.library, self.now, self.clients = open_unit, library, utc_now(), 0
        for member in library.street.list_members("adviser"):
            with open_unit() as uow:
                account = uow.clients.find_or_add("telegram", f"account-{member.id}", self.now)
                uow.members.add_account(member.id, account.id, self.now)
                uow.commit()

    def open(self) -> int:
        """One more resident with an open case; its id."""
        self.clients += 1
        with self.open_unit() as uow:
            client = uow.clients.find_or_add("webchat", f"client-{self.clients}", self.now)
            turn = Turn(uow, self.library, self.now, client)
            community = self.library.street.communities[self.clients % len(self.library.street.communities)]
            register_client(turn, community.id, "resident")
            case, _ = open_case(turn, "老板拖欠工资怎么办", "labour")
            uow.commit()
        return case.id

    def accept(self, case_id: int) -> str:
        with self.open_unit() as uow:
            adviser = uow.cases.get(case_id).adviser_id or ""
            accept_case(Work(uow, self.library, self.now), case_id, adviser)
            uow.commit()
        return adviser

    def hear(self, case_id: int) -> None:
        """The client writes."""
        with self.open_unit() as uow:
            case = uow.cases.lock(case_id)
            inbound = Inbound("webchat", "u", "c", self.now, "他还是不给钱，怎么办")
            relay.say_to_adviser(Work(uow, self.library, self.now), case, inbound)
            uow.commit()

    def answer(self, case_id: int, adviser: str) -> None:
        """The adviser writes."""
        with self.open_unit() as uow:
            relay.say_to_client(Work(uow, self.library, self.now), case_id, adviser, "先去劳动监察大队")
            uow.commit()

    def place(self, case_id: int) -> None:
        with self.open_unit(read_only=True) as uow:
            place_in_queue(Work(uow, self.library, self.now), uow.cases.get(case_id))


def median_ms(work: Callable[[], object]) -> float:
    """The median of REPEATS runs, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1_000


@click.command()
@click.option("--cases", default="10,200,1000", show_default=True, help="Open cases to measure at.")
def main(cases: str) -> None:
    """Milliseconds for opening a case, relaying a message, the place in the queue, and ringing timers."""
    table = Table("open cases", "open one", "client → adviser", "same, 1,000 said", "adviser → client", "place", "1 timer")
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'falin.db'}")
        upgrade(engine)
        open_unit = unit_of_work_factory(engine, load_keys(Path(folder) / "secret.key"))
        street = Street(open_unit, load_library(load_street(DEMO_STREET)))
        long_case = street.open()
        street.accept(long_case)
        for _ in range(SAID):
            street.hear(long_case)
        for size in sorted(int(text) for text in cases.split(",")):
            while street.clients < size:
                last = street.open()
            fresh = street.open()
            holder = street.accept(fresh)
            acts = (
                street.open, partial(street.hear, fresh), partial(street.hear, long_case),
                partial(street.answer, fresh, holder), partial(street.place, last),
            )  # fmt: skip
            row = [median_ms(act) for act in acts]
            begin = time.perf_counter()
            rung = run_due(open_unit, street.library, street.now + timedelta(days=4))
            row.append((time.perf_counter() - begin) / max(rung, 1) * 1_000)
            table.add_row(f"{size:,}", *(f"{value:.1f} ms" for value in row))
    Console().print(table)


if __name__ == "__main__":
    main()
