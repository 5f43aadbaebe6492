"""falin against a Bot API server that others wrote: the npm package telegram-test-api.

It is a Bot API with gaps, as falin must expect of servers other than Telegram's: no setMyCommands, no long
polling, no is_bot in getMe, messages dated in milliseconds, button presses without date and chat_instance.
"""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.domain.messages import Button, Reply
from tests.botapi import TOKEN
from tests.channels.conftest import NewFalin
from tests.channels.process import run, until

pytestmark = pytest.mark.node

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "telegram-test-api"
SERVE = """
const Server = require('telegram-test-api');
new Server({host: '127.0.0.1', port: Number(process.argv[1])}).start().then(() => console.log('up'));
"""


def install() -> Path:
    """The folder with the package; installed on first use, complete or not at all."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        reason = f"{' and '.join(missing)} not found: install Node.js 18 or newer to run this test"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    wanted = (HERE / "package.json").read_text()
    if (CACHE / "node_modules").is_dir() and (CACHE / "package.json").read_text() == wanted:
        return CACHE
    CACHE.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=CACHE.parent))
    shutil.copy(HERE / "package.json", fresh)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=fresh, check=True, timeout=240)
    shutil.rmtree(CACHE, ignore_errors=True)
    fresh.rename(CACHE)
    return CACHE


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a running server."""
    folder = install()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(["node", "-e", SERVE, str(port)], cwd=folder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


class Resident:
    """Writes through the server's own client interface."""

    def __init__(self, server: str, chat: int) -> None:
        self._server, self._chat = server, chat

    def say(self, text: str) -> None:
        person = {"id": self._chat, "first_name": "居民", "is_bot": False}
        message = {"botToken": TOKEN, "from": person, "date": 1_700_000_000, "text": text,
                   "chat": {"id": self._chat, "type": "private"}}  # fmt: skip
        httpx.post(f"{self._server}/sendMessage", json=message, trust_env=False).raise_for_status()

    def press(self, data: str) -> None:
        person = {"id": self._chat, "first_name": "居民", "is_bot": False}
        shown = {"from": person, "chat": {"id": self._chat, "type": "private"}}
        press = {"botToken": TOKEN, "from": person, "message": shown, "data": data}
        httpx.post(f"{self._server}/sendCallback", json=press, trust_env=False).raise_for_status()

    def received(self) -> list[dict[str, Any]]:
        history = httpx.post(f"{self._server}/getUpdatesHistory", json={"token": TOKEN}, trust_env=False).json()
        messages = [one["message"] for one in history["result"] if "message" in one]
        return [one for one in messages if str(one.get("chat_id")) == str(self._chat)]


def test_residents_are_answered_once_and_in_order(server: str, new_falin: NewFalin) -> None:
    async def work() -> None:
        first, second = Resident(server, 71), Resident(server, 72)
        async with new_falin(telegram_api=server).running():
            for text in ("拖欠工资怎么办", "要交多少钱"):
                first.say(text)
                second.say(text)
            await until(lambda: len(first.received()) + len(second.received()) == 4)
        for resident in (first, second):
            assert [one["text"] for one in resident.received()] == ["答：拖欠工资怎么办", "答：要交多少钱"]

    run(work())


def test_keyboards_arrive_and_buttons_can_be_pressed(server: str, new_falin: NewFalin) -> None:
    async def work() -> None:
        resident = Resident(server, 73)
        falin = new_falin(telegram_api=server)
        falin.brain.replies["选项"] = [Reply("哪一个？", ((Button("拖欠工资", "entry:labour.wages"),),))]
        async with falin.running():
            resident.say("选项")
            resident.say("在吗")
            await until(lambda: len(resident.received()) == 2)
            offered, plain = (one["reply_markup"] for one in resident.received())
            button = offered["inline_keyboard"][0][0]
            resident.press(button["callback_data"])
            await until(lambda: len(resident.received()) == 3)
            assert resident.received()[-1]["text"] == "答：choose_entry"
        assert button["text"] == "拖欠工资"
        assert plain["keyboard"][1][0]["text"] == "菜单"

    run(work())
