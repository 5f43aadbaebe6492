"""One process of falin that may be killed at a named step, and one that starts normally after it.

The real objects are wrapped from outside: falin knows nothing of this. Run by tests.faults.processes, or,
with the real agent, as a script: python -m tests.faults.one_turn HOME TEXT STEP.
"""
from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.assistant.assistant import Assistant, Brain
from bot.assistant.delivery import Delivery
from bot.assistant.desk import Desk
from bot.assistant.reading import Reading
from bot.domain.buttons import Buttons
from bot.domain.calendar import utc_now
from bot.domain.decisions import Understanding
from bot.domain.messages import Inbound, Outgoing
from bot.services.consultations import answer_entry
from bot.services.turn import Library, Turn
from bot.services.unit_of_work import UnitOfWork
from bot.storage.engine import make_engine
from bot.storage.sealing import Keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.builders import make_library

STEPS = (
    "after the inbox", "before the brain", "after the brain", "before the outbox", "after the outbox",
    "after the commit", "before sending", "after sending",
)  # fmt: skip
KEY = "resident-1"
POISON = "毒"


@dataclass(frozen=True)
class Installation:
    """What two processes share. Args: sink: the file in which the platform notes what it has accepted."""

    url: str
    sink: Path
    channel: str = "telegram"
    secret: bytes = b"s" * 32


class FakeBrain:
    """Answers with a real entry through the real service, so the turn has a ledger entry."""

    def understand(self, text: str) -> Understanding:
        return Understanding("answer", "faq")

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        return False

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        if POISON in reading.words:
            die()
        answer_entry(turn, "labour.unpaid_wages")
        return {"slots": {}, "active_loop": None}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(act: Callable[..., Any]) -> Callable[..., Any]:
    def killed(*arguments: Any, **options: Any) -> Any:
        die()

    return killed


def after(act: Callable[..., Any]) -> Callable[..., Any]:
    def killed(*arguments: Any, **options: Any) -> Any:
        act(*arguments, **options)
        die()

    return killed


class Process:
    """Args: step: where to die, one of STEPS or "".  later: how far the clock is ahead."""

    def __init__(
        self, shared: Installation, step: str = "", later: timedelta = timedelta(), *,
        brain: Brain | None = None, library: Library | None = None,
    ) -> None:  # fmt: skip
        self.shared, self.step, self.later = shared, step, later
        self.engine, self.keys = make_engine(shared.url), Keys(shared.secret)
        self.in_turn = False
        chosen: Any = brain or FakeBrain()
        if step in ("before the brain", "after the brain"):
            chosen.respond = (before if step.startswith("before") else after)(chosen.respond)
        buttons = Buttons(self.keys.derive("buttons"))
        self.assistant = Assistant(self.open_unit, chosen, library or make_library(), buttons, self.now)

    def now(self) -> datetime:
        return utc_now() + self.later

    def open_unit(self, **options: Any) -> UnitOfWork:
        unit = SqlUnitOfWork(self.engine, self.keys, **options)
        if self.in_turn and self.step in ("before the outbox", "after the outbox"):
            enter: Any = unit.__enter__

            def entered() -> UnitOfWork:
                opened = enter()
                kill = before if self.step.startswith("before") else after
                opened.outbox.add = kill(opened.outbox.add)
                return opened

            return _Entered(entered, unit)  # type: ignore[return-value]
        return unit

    def take(self, inbound: Inbound) -> int:
        """One turn, as a channel has it taken."""
        receipt = self.assistant.receive(inbound)
        if self.step == "after the inbox":
            die()
        self.in_turn = True
        self.assistant.answer(receipt.client_id)
        self.in_turn = False
        if self.step == "after the commit":
            die()
        return receipt.client_id

    async def send(self, outgoing: Outgoing) -> None:
        """The platform: what it accepts, it has for good."""
        if self.step == "before sending":
            die()
        with self.shared.sink.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": outgoing.id, "text": outgoing.reply.text}, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self.step == "after sending":
            die()

    def deliver(self) -> None:
        """Push until nothing is due."""

        async def work() -> None:
            desk = Desk(self.assistant)
            delivery = Delivery(self.shared.channel, self.open_unit, desk, self.send, self.now)
            while await delivery.deliver_due():
                pass
            await desk.close()

        asyncio.run(work())

    def fetch(self, client_id: int) -> None:
        """What a browser does: take everything it has not seen, drop ids it knows, acknowledge."""
        known = {received["id"] for received in accepted(self.shared.sink)}
        for outgoing in self.assistant.list_replies(client_id, 0):
            if outgoing.id not in known:
                asyncio.run(self.send(outgoing))
            self.assistant.acknowledge(client_id, outgoing.id)


class _Entered:
    """A unit of work whose outbox is watched."""

    def __init__(self, enter: Callable[[], Any], unit: SqlUnitOfWork) -> None:
        self._enter, self._unit = enter, unit

    def __enter__(self) -> Any:
        return self._enter()

    def __exit__(self, *error: Any) -> None:
        self._unit.__exit__(*error)


def accepted(sink: Path) -> list[dict[str, Any]]:
    """What the platform has, in order."""
    return [json.loads(line) for line in sink.read_text(encoding="utf-8").splitlines()] if sink.exists() else []


def inbound(channel: str, text: str = "老板不发工资", update: str = "update-1") -> Inbound:
    return Inbound(channel, update, KEY, utc_now(), text)


def hand_over(process: Process, client_id: int) -> None:
    if process.shared.channel == "webchat":
        process.fetch(client_id)
    else:
        process.deliver()


def take_turn(shared: Installation, step: str = "", text: str = "老板不发工资", update: str = "update-1") -> None:
    """A process takes one message, answers and delivers, and dies at the step."""
    process = Process(shared, step)
    hand_over(process, process.take(inbound(shared.channel, text, update)))


def start_again(shared: Installation) -> None:
    """The next process: resume, then deliver; late enough for claims of the dead one to be over."""
    process = Process(shared, later=timedelta(minutes=2))
    process.assistant.resume()
    client_id = process.assistant.find_client(shared.channel, KEY)
    if client_id is not None:
        hand_over(process, client_id)


def take_at_once(shared: Installation, barrier: Any) -> None:
    """Two processes get the same update at the same moment."""
    process = Process(shared)
    barrier.wait(30)
    process.take(inbound(shared.channel))


def hold_the_database(shared: Installation, held: Any, release: Any) -> None:
    """Keep the write lock until told."""
    process = Process(shared)
    with process.open_unit() as uow:
        uow.clients.find_or_add("webchat", "another", utc_now())
        held.set()
        release.wait(60)


def secret_of(home: Path) -> bytes:
    return bytes.fromhex((home / "secret.key").read_text())


def main() -> None:
    """With the real agent: HOME TEXT STEP."""
    from bot.assistant.training import require_model
    from bot.bootstrap import load_library, load_street_of, make_brain
    from bot.settings import read_settings

    home, text, step = sys.argv[1:]
    settings = read_settings({"FALIN_HOME": home})
    shared = Installation(settings.database_url, settings.home / "sink.jsonl", secret=secret_of(settings.home))
    brain, library = make_brain(require_model(settings)), load_library(load_street_of(settings))
    process = Process(shared, step, brain=brain, library=library)
    hand_over(process, process.take(inbound(shared.channel, text)))


if __name__ == "__main__":
    main()
