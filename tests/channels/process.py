"""One process of falin with Telegram: real database, real desk, real HTTP; only the brain is a fake."""
from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.assistant.assistant import Assistant
from bot.assistant.desk import Desk
from bot.assistant.reading import Reading
from bot.channels.telegram import TelegramChannel
from bot.domain.buttons import Buttons
from bot.domain.decisions import Understanding
from bot.domain.messages import Reply
from bot.domain.street import Street
from bot.knowledge.wording import Wording
from bot.services.turn import Library, Turn
from bot.settings import Settings
from bot.storage.engine import make_engine
from bot.storage.file_store import FileStore
from bot.storage.sealing import load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.botapi import BotApi

NAMES = (
    "apology", "out_of_scope", "edited", "cannot_read_file", "cannot_read_voice", "stale_button", "too_long",
    "empty", "unknown_command", "file_too_large",
)  # fmt: skip
STREET = Street(name="梨园街道", office="司法所", phone="", hours="", communities=(), members=(), hotlines=())
WORDING = Wording({f"utter_{name}": Reply(f"utter_{name}") for name in NAMES})


@dataclass
class FakeBrain:
    """Answers "答：" and the words; `replies` scripts other answers by words or intent."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)

    def understand(self, text: str) -> Understanding:
        return Understanding("answer", "faq")

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        return False

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        self.readings.append(reading)
        asked = reading.words or reading.intent
        turn.replies.extend(self.replies.get(asked, [Reply(f"答：{asked}")]))
        return {}


class Falin:
    """A process. `database_away` makes every transaction fail at its beginning."""

    def __init__(self, home: Path, api: BotApi, **settings: str) -> None:
        keys = load_keys(home / "secret.key")
        self.engine = make_engine(f"sqlite:///{home / 'falin.db'}")
        self.database_away = False
        self.brain = FakeBrain()
        self.buttons = Buttons(keys.derive("buttons"))
        self.keys = keys
        self.store = FileStore(home / "files", keys)
        library = Library(entries={}, matters={}, wording=WORDING, street=STREET)
        self.assistant = Assistant(self.open_unit, self.brain, library, self.buttons)
        self.desk = Desk(self.assistant)
        given = {"telegram_token": api.token, "telegram_api": api.url, **settings}
        self.settings = Settings(home=home, database_url="", **given)
        self.channel = TelegramChannel(self.settings, self.desk, self.open_unit)

    def open_unit(self, *, read_only: bool = False) -> SqlUnitOfWork:
        if self.database_away:
            raise sa.exc.OperationalError("select", {}, Exception("away"))
        return SqlUnitOfWork(self.engine, self.keys, read_only=read_only, files=self.store)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Falin]:
        """Started, then stopped as bootstrap does."""
        await self.desk.resume()
        await self.channel.start()
        try:
            yield self
        finally:
            await self.channel.stop()
            await self.desk.close()
            self.engine.dispose()

    def count(self, table: str, where: str = "true") -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(sa.text(f"select count(*) from {table} where {where}")).scalar_one())

    def failures(self) -> list[str]:
        """Reason codes of replies that were given up."""
        with self.engine.connect() as connection:
            query = sa.text("select failure from outbox where failure is not null order by id")
            return [row.failure for row in connection.execute(query)]


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait for a condition, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.01)


async def settle(falin: Falin) -> None:
    """Wait until every stored message is answered and every reply has left."""
    await until(lambda: not falin.count("inbox", "handled_at is null"))
    await until(lambda: not falin.count("outbox", "delivered_at is null"))


def run(work: Coroutine[Any, Any, None], seconds: float = 30.0) -> None:
    """Run a test's coroutine; an exception nobody caught, in any task, fails it."""
    stray: list[str] = []

    async def watched() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: stray.append(str(context)))
        await asyncio.wait_for(work, seconds)

    asyncio.run(watched())
    assert not stray, stray
