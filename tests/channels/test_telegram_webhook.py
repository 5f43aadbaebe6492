"""The webhook: only Telegram gets in, and 200 means stored."""
from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.botapi import BotApi, message
from tests.channels.conftest import NewFalin
from tests.channels.process import Falin, run, settle, until

SECRET = "a-secret-of-this-installation"
WEBHOOK = {"telegram_webhook": "https://falin.example", "telegram_secret": SECRET}
RIGHT = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


@asynccontextmanager
async def caller(falin: Falin) -> AsyncIterator[httpx.AsyncClient]:
    """Telegram, calling falin's web server."""
    route = falin.channel.route()
    assert route is not None
    transport = httpx.ASGITransport(app=Starlette(routes=[route]), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://falin") as client:
        yield client


async def call(client: httpx.AsyncClient, body: Any, headers: dict[str, str] = RIGHT) -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (await client.post("/telegram/webhook", content=content, headers=headers)).status_code


def test_update_by_webhook_is_answered(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin(**WEBHOOK).running() as falin, caller(falin) as telegram:
            await until(lambda: api.webhook)
            assert api.webhook["url"] == "https://falin.example/telegram/webhook"
            assert api.webhook["secret_token"] == SECRET
            assert api.webhook["allowed_updates"] == ["message", "edited_message", "callback_query"]
            api.say(7, "在吗")
            api.press(7, falin.buttons.sign("telegram", "7", "intent:menu"))
            for update in api.take_updates():
                assert await call(telegram, update) == 200
                assert await call(telegram, update) == 200  # Telegram repeats when it missed our answer
            await until(lambda: len(api.sent) == 2)
            await settle(falin)
        assert api.texts() == ["答：在吗", "答：menu"]
        assert api.count("getUpdates") == 0
        assert api.webhook  # it stays: Telegram keeps updates until falin is back

    run(work())


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Telegram-Bot-Api-Secret-Token": ""}, {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"},
     {"X-Telegram-Bot-Api-Secret-Token": "ä"}],
    ids=["missing", "empty", "wrong", "not ascii"],
)  # fmt: skip
def test_without_the_secret_nothing_is_stored(api: BotApi, new_falin: NewFalin, headers: dict[str, str]) -> None:
    async def work() -> None:
        falin = new_falin(**WEBHOOK)
        async with caller(falin) as anyone:
            raw = {name: value.encode("latin-1") for name, value in headers.items()}
            assert await call(anyone, {"update_id": 1, "message": message(7, text="在吗")}, raw) == 403
        assert falin.count("inbox") == 0

    run(work())


def test_empty_secret_lets_nobody_in(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with caller(new_falin(telegram_webhook="https://falin.example")) as anyone:
            assert await call(anyone, {"update_id": 1}, {}) == 403
            assert await call(anyone, {"update_id": 1}, {"X-Telegram-Bot-Api-Secret-Token": ""}) == 403

    run(work())


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"{}", b'{"update_id": "1"}', b"[" * 200_000,
     json.dumps({"update_id": 1, "message": message(7, text="x" * 1_000_001)}).encode()],
    ids=["empty", "cut", "not utf-8", "list", "string", "no id", "id as text", "deep", "oversized"],
)  # fmt: skip
def test_what_is_no_update_is_refused(api: BotApi, new_falin: NewFalin, body: bytes) -> None:
    async def work() -> None:
        falin = new_falin(**WEBHOOK)
        async with caller(falin) as telegram:
            assert await call(telegram, body) == 400
        assert falin.count("inbox") == 0

    run(work())


def test_update_that_cannot_be_read_is_not_repeated_for_ever(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin(**WEBHOOK)
        async with caller(falin) as telegram:
            for kind in ({"message": {"chat": 7}}, {"callback_query": []}, {"hologram": 1}, {"message": 5}):
                assert await call(telegram, {"update_id": 1, **kind}) == 200
        assert falin.count("inbox") == 0

    run(work())


def test_update_that_was_not_stored_is_refused_so_that_it_comes_again(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin(**WEBHOOK).running() as falin, caller(falin) as telegram:
            update = {"update_id": 1, "message": message(7, text="在吗")}
            falin.database_away = True
            assert await call(telegram, update) == 500
            falin.database_away = False
            assert await call(telegram, update) == 200
            await until(lambda: api.sent)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_polling_has_no_route(api: BotApi, new_falin: NewFalin) -> None:
    assert new_falin().channel.route() is None


def test_other_methods_are_not_allowed(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with caller(new_falin(**WEBHOOK)) as anyone:
            assert (await anyone.get("/telegram/webhook")).status_code == 405

    run(work())
