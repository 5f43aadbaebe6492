"""What a scripted day needs: the whole of falin in one process, a clock that is moved by hand, people at their phones."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn

from bot.assistant.assistant import Assistant
from bot.assistant.links import Links
from bot.channels import server
from bot.domain.buttons import Buttons
from bot.domain.calendar import BEIJING
from bot.services.members import invite_member
from bot.storage.tables import inbox, outbox, timers
from tests.agent_home import Falin, load_brain
from tests.botapi import BOT, BotApi


@dataclass
class Day:
    """falin on one FALIN_HOME, with Telegram's stand-in and a web server; may be stopped and started again."""

    home: Path
    api: BotApi
    now: datetime
    port: int = field(default_factory=lambda: free_port())

    def start(self) -> None:
        self.falin = Falin(self.home, load_brain())
        settings = type(self.falin.settings)(
            home=self.home, database_url=self.falin.settings.database_url, port=self.port,
            telegram_token=self.api.token, telegram_api=self.api.url, telegram_name="falin_bot",
        )  # fmt: skip
        links = Links(self.falin.keys.derive("links"), settings.web_url, settings.telegram_name)
        buttons = Buttons(self.falin.keys.derive("buttons"))
        assistant = Assistant(
            self.falin.open_unit, load_brain(), self.falin.library, buttons, self.read_clock, links
        )
        app = server.make_server(
            settings, assistant, self.falin.open_unit, self.falin.engine, self.falin.keys, self.falin.library,
            now=self.read_clock,
        )  # fmt: skip
        self._uvicorn = uvicorn.Server(uvicorn.Config(app, port=self.port, ws="wsproto", log_level="warning"))
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)
        self._thread.start()
        until(lambda: self._uvicorn.started)

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()
        self.falin.close()

    def read_clock(self) -> datetime:
        return self.now

    def at(self, text: str) -> None:
        """Move the clock to a moment in Beijing, "09-30 10:15", and let what is due happen."""
        moment = datetime.strptime(f"{self.now.year}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
        assert moment >= self.now, "time does not run backwards"
        while self.now < moment:  # timers set each other: no step may jump over one
            self.now = min(moment, self.next_timer() or moment)
            self.settle()

    def next_timer(self) -> datetime | None:
        query = sa.select(sa.func.min(timers.c.due_at)).where(timers.c.done_at.is_(None), timers.c.due_at > self.now)
        with self.falin.engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def settle(self) -> None:
        """Until every message is answered, every due timer has rung and every reply has left."""
        quiet = 0
        end = time.monotonic() + 60
        while quiet < 2:
            assert time.monotonic() < end, f"falin does not come to rest: {self.unfinished()}"
            quiet = 0 if self.unfinished() else quiet + 1
            time.sleep(0.01)

    def unfinished(self) -> list[str]:
        """What is still to be done now."""
        number = sa.func.count()
        waiting = {
            "unread": sa.select(number).select_from(inbox).where(inbox.c.handled_at.is_(None)),
            "unsent": sa.select(number)
            .select_from(outbox)
            .where(outbox.c.delivered_at.is_(None), outbox.c.channel == "telegram"),
            "timers": sa.select(number)
            .select_from(timers)
            .where(timers.c.done_at.is_(None), timers.c.due_at <= self.now),
        }
        with self.falin.engine.connect() as connection:
            left = {name: connection.execute(query).scalar_one() for name, query in waiting.items()}
        left["updates"] = len(self.api.waiting)
        return [f"{count} {name}" for name, count in left.items() if count]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.falin.engine.connect() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))

    def invite(self, member_id: str, chat: int) -> Phone:
        """A member who joins with the one-time link."""
        with self.falin.open_unit() as uow:
            token = invite_member(uow, self.falin.library.street, member_id, self.now)
            uow.commit()
        phone = Phone(self, chat)
        phone.say(f"/start member_{token}")
        return phone


@dataclass
class Phone:
    """Somebody on Telegram. `read`: how many of the bot's messages were looked at."""

    day: Day
    chat: int
    read: int = 0
    said: list[str] = field(default_factory=list)

    def say(self, text: str, reply_to: str = "") -> None:
        """Write; as an answer to the latest message that contains `reply_to`, if given."""
        target = self._find(reply_to) if reply_to else 0
        self.said.append(text)
        self.day.api.say(self.chat, text, reply_to=target)
        self.day.settle()

    def press(self, title: str) -> None:
        """Press the latest button with this title."""
        for shown in reversed(self._messages()):
            for row in (shown.get("reply_markup") or {}).get("inline_keyboard", ()):
                for button in row:
                    if button["text"].startswith(title):
                        self.day.api.press(self.chat, button["callback_data"])
                        self.day.settle()
                        return
        raise AssertionError(f"no button “{title}”: {self.shown()[-3:]}")

    def register_and_ask(self, community: str, question: str) -> None:
        """The whole way to a person."""
        self.say(f"/start {community}")
        self.press("居民")
        self.press("同意")
        self.say(question)
        self.say("转人工")
        for title in ("跳过", "跳过", "没有或不清楚"):
            self.press(title)

    def shown(self) -> list[str]:
        """The bot's messages as they stand in the chat, oldest first."""
        return [shown.get("text", shown.get("caption", "")) for shown in self._messages()]

    def has(self, text: str) -> bool:
        return any(text in shown for shown in self.shown())

    def _messages(self) -> list[dict[str, Any]]:
        chat = self.day.api.messages.get(self.chat, {})
        return [shown for _, shown in sorted(chat.items()) if shown["from"] == BOT]

    def _find(self, text: str) -> int:
        return int(next(s["message_id"] for s in reversed(self._messages()) if text in s.get("text", s.get("caption", ""))))


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)
