"""A photo from a browser to an adviser's Telegram and back, through the real server, both channels and the database."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn

from bot.assistant.assistant import Assistant
from bot.channels.server import make_server
from bot.domain.buttons import Buttons
from bot.domain.calendar import utc_now
from bot.services.handoff import accept_case, open_case
from bot.services.registration import register_client
from bot.services.turn import Turn, Work
from bot.settings import Settings
from bot.storage.file_store import FileStore
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.botapi import BotApi
from tests.builders import make_library
from tests.channels.webchat_server import Line, connect, until
from tests.conftest import Database
from tests.handoff.scene import ScriptedBrain

ADVISER = 7
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(255, -1, -1))


@dataclass
class Running:
    """One falin; looks like tests.channels.webchat_server.Server to `connect`."""

    port: int
    api: BotApi
    open_unit: Any
    library: Any

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def upload(self, cookie: str, content: bytes, name: str) -> str:
        headers = {"Origin": self.url, "X-File-Name": quote(name)}
        response = httpx.post(f"{self.url}/files", content=content, headers=headers, cookies={"falin": cookie})
        return str(response.json()["file"])

    def begin_case(self, client_id: int) -> str:
        """The web client's case, taken over by chen; its reference."""
        now = utc_now()
        with self.open_unit() as uow:
            adviser = uow.clients.find_or_add("telegram", str(ADVISER), now)
            uow.members.add_account("chen", adviser.id, now)
            turn = Turn(uow, self.library, now, uow.clients.get(client_id))
            register_client(turn, "baima", "resident")
            case, _ = open_case(turn, "老板不发工资", "labour")
            accept_case(Work(uow, self.library, now), case.id, "chen")
            uow.commit()
        return str(case.reference)


@pytest.fixture
def falin(sqlite_database: Database, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with BotApi() as api, contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = Settings(tmp_path, "", port=port, telegram_token=api.token, telegram_api=api.url)
        keys, store = sqlite_database.keys, FileStore(settings.files, sqlite_database.keys)
        library = make_library()

        def open_unit(*, read_only: bool = False) -> SqlUnitOfWork:
            return SqlUnitOfWork(sqlite_database.engine, keys, read_only=read_only, files=store)

        assistant = Assistant(open_unit, ScriptedBrain(), library, Buttons(keys.derive("buttons")))
        app = make_server(settings, assistant, open_unit, sqlite_database.engine, keys, library)
        server = uvicorn.Server(uvicorn.Config(app, port=port, ws="wsproto", log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until(lambda: server.started)
        yield Running(port, api, open_unit, library)
        server.should_exit = True
        thread.join(timeout=20)
    sqlite_database.engine.dispose()


def talk(falin: Running, conversation: Any) -> None:
    """A resident in a browser with a case at chen's, who has been introduced."""

    cookie = httpx.get(falin.url).cookies["falin"]

    async def run() -> None:
        async with connect(falin, cookie) as line:
            await line.hello()
            await line.say("在吗")
            reference = falin.begin_case(1)
            await asyncio.to_thread(until, lambda: any(reference in text for text in falin.api.texts()))
            await line.drain(1)
            await conversation(line, cookie, reference)

    asyncio.run(run())


async def next_reply(line: Line) -> dict[str, Any]:
    while (frame := await line.receive())["type"] != "reply":
        pass
    return frame


def test_photos_go_both_ways_are_edited_and_taken_back(falin: Running) -> None:
    api = falin.api

    async def conversation(line: Line, cookie: str, reference: str) -> None:
        token = await asyncio.to_thread(falin.upload, cookie, PNG, "借条.png")
        await line.send(type="file", id="file-0001", file=token, caption="这是借条")
        await asyncio.to_thread(until, lambda: any("photo" in one for one in api.sent))
        sent = next(one for one in api.sent if "photo" in one)
        assert (sent["photo"], sent["caption"]) == (("借条.png", PNG), f"【{reference}】这是借条")

        api.send_photo(ADVISER, JPEG, caption="照这样写")
        photo = api.last_id(ADVISER)
        first = await next_reply(line)
        while "已接手" in first["text"]:  # said before this line was open, or after
            first = await next_reply(line)
        assert first["text"].endswith("照这样写")

        def fetch() -> bytes:
            return httpx.get(falin.url + first["file"]["url"], cookies={"falin": cookie}).content

        assert await asyncio.to_thread(fetch) == JPEG

        api.edit(ADVISER, photo, "照这个写")
        edit = await next_reply(line)
        assert edit["replaces"] == first["outbox"]
        assert ("照这个写" in edit["text"], edit["file"]["kind"]) == (True, "photo")

        api.say(ADVISER, "撤回", reply_to=photo)
        withdrawn = await next_reply(line)
        assert withdrawn["replaces"] == first["outbox"]
        assert "file" not in withdrawn
        assert "照这个写" not in withdrawn["text"]

    talk(falin, conversation)


def test_a_file_too_large_is_not_sent_on_and_its_sender_is_told(falin: Running) -> None:
    api = falin.api

    async def conversation(line: Line, _cookie: str, _reference: str) -> None:
        api.send_file(ADVISER, b"x", file_size=50_000_000)
        await asyncio.to_thread(until, lambda: any("超过20MB" in text for text in api.texts(ADVISER)))
        assert [f for f in await line.drain(1) if f["type"] == "reply"] == []

    talk(falin, conversation)
