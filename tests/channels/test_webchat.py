"""The web chat at the level of HTTP and WebSocket."""
from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets.exceptions
from starlette.responses import Response

from bot.channels.webchat.headers import content_policy
from bot.channels.webchat.identity import Identity, is_same_origin
from bot.channels.webchat.pages import fill_page
from bot.channels.webchat.rate_limit import MESSAGES, SECONDS, RateLimit, Verdict
from tests.channels.webchat_server import (
    STREET,
    Line,
    Server,
    SilentAssistant,
    connect,
    fetch_cookie,
    running,
    until,
)

ID = "0123456789abcdef"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def talk(server: Server, conversation: Callable[[Line], Awaitable[Any]], cookie: str = "") -> Any:
    """Run a conversation after hello."""

    async def run() -> Any:
        async with connect(server, cookie or fetch_cookie(server)) as line:
            await line.hello()
            return await conversation(line)

    return asyncio.run(run())


# --- pages ---


def test_page_names_the_street_and_says_what_falin_is_not(server: Server) -> None:
    page = httpx.get(server.url).text
    assert "石桥铺街道" in page
    assert "通用法律信息，不代替律师意见" in page
    assert "{{" not in page


def test_values_of_the_street_are_escaped() -> None:
    evil = type(STREET)("<script>", "&", "110", '"', STREET.communities, STREET.members, STREET.hotlines)
    page = fill_page("index.html", evil)
    assert "<h1><script>" not in page
    assert "&lt;script&gt;" in page


def test_privacy_notice_says_how_to_be_forgotten(server: Server) -> None:
    notice = httpx.get(f"{server.url}/privacy").text
    for needed in ("忘记我", "不是律师事务所", "加密", "24 小时", "台账", STREET.office):
        assert needed in notice


def test_healthz_says_ok(server: Server) -> None:
    assert httpx.get(f"{server.url}/healthz").text == "ok"


@pytest.mark.parametrize("path", ["/", "/privacy", "/static/chat.js", "/static/chat.css", "/healthz"])
def test_every_response_carries_the_security_headers(server: Server, path: str) -> None:
    headers = httpx.get(server.url + path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["a b", "x;script-src *", "", "é"])
def test_odd_host_header_does_not_reach_the_content_policy(host: str) -> None:
    assert "connect-src 'self'; base-uri" in content_policy(host)


def test_chat_page_is_never_kept_so_that_back_cannot_show_it(server: Server) -> None:
    assert httpx.get(server.url).headers["cache-control"] == "no-store"


def test_pages_use_nothing_from_elsewhere_and_no_inline_script_or_style() -> None:
    for name in ("index.html", "privacy.html"):
        page = fill_page(name, STREET)
        for forbidden in ("http://", "https://", "<style", "style=", "onclick", "<script>"):
            assert forbidden not in page


# --- who somebody is ---


def test_cookie_is_kept_400_days_and_hidden_from_scripts(server: Server) -> None:
    cookie = httpx.get(server.url).headers["set-cookie"]
    for attribute in ("falin=", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=34560000"):
        assert attribute in cookie
    assert "Secure" not in cookie


def test_cookie_is_secure_on_a_secure_site() -> None:
    response = Response()
    Identity(b"k" * 32, secure=True).give({}, response)
    assert "Secure" in response.headers["set-cookie"]


def test_second_visit_keeps_the_identity(server: Server) -> None:
    cookie = fetch_cookie(server)
    again = httpx.get(server.url, cookies={"falin": cookie})
    assert again.cookies["falin"] == cookie


@pytest.mark.parametrize("forge", [
    lambda genuine: "",
    lambda genuine: genuine.rpartition(".")[0],
    lambda genuine: f"someone-else.{genuine.rpartition('.')[2]}",
    lambda genuine: genuine[:-1] + ("A" if genuine[-2] != "A" else "B") + genuine[-1],
    lambda genuine: "é.ß",
])  # fmt: skip
def test_forged_cookie_is_nobody(forge: Callable[[str], str]) -> None:
    response = Response()
    identity = Identity(b"k" * 32, secure=False)
    identity.give({}, response)
    genuine = response.headers["set-cookie"].split(";")[0].partition("=")[2]
    assert identity.read({"falin": genuine})
    assert identity.read({"falin": forge(genuine)}) is None
    assert Identity(b"other" * 8, secure=False).read({"falin": genuine}) is None


@pytest.mark.parametrize("cookie", ["", "made-up.signature"])
def test_socket_without_a_genuine_cookie_is_closed_with_4401(server: Server, cookie: str) -> None:
    async def run() -> int | None:
        async with connect(server, cookie) as line:
            with contextlib.suppress(websockets.exceptions.ConnectionClosed):
                await line.receive()
            return line.socket.close_code

    assert asyncio.run(run()) == 4401
    assert server.count_inbox() == 0


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1:1", "null"])
def test_socket_opened_by_another_site_is_refused(server: Server, origin: str | None) -> None:
    async def run() -> None:
        async with connect(server, fetch_cookie(server), origin):
            pass

    with pytest.raises(websockets.exceptions.InvalidStatusCode) as caught:
        asyncio.run(run())
    assert caught.value.status_code == 403


@pytest.mark.parametrize(("origin", "host", "same"), [
    ("https://falin.example", "falin.example", True),
    ("https://FALIN.example", "falin.example", True),
    ("http://falin.example:8000", "falin.example:8000", True),
    ("http://falin.example", "falin.example:8000", False),
    ("http://falin.example.evil", "falin.example", False),
    ("ftp://falin.example", "falin.example", False),
    ("http://[", "falin.example", False),
    ("", "", False),
])  # fmt: skip
def test_origin_must_be_the_host(origin: str, host: str, same: bool) -> None:
    assert is_same_origin({"origin": origin, "host": host}) is same


# --- talking ---


def test_message_is_accepted_and_answered(server: Server) -> None:
    async def conversation(line: Line) -> None:
        await line.send(type="say", id=ID, text="你好")
        frames = {frame["type"]: frame for frame in (await line.receive(), await line.receive())}
        assert frames["accepted"] == {"type": "accepted", "id": ID}
        reply = frames["reply"]
        assert (reply["text"], reply["inReplyTo"], reply["buttons"]) == ("收到：你好", ID, [])

    talk(server, conversation)
    assert server.count_inbox() == 1


def test_pressed_button_is_understood_and_a_forged_one_is_stale(server: Server) -> None:
    async def conversation(line: Line) -> None:
        answer = await line.say("工资")
        adviser, _ = answer["buttons"][0]
        assert answer["buttons"][1] == [{"title": "拨打 12333", "payload": "", "url": "tel:12333"}]
        await line.send(type="press", id="press-000001", payload=adviser["payload"])
        assert (await line.receive_reply())["text"] == "您选了：request_adviser"
        await line.send(type="press", id="press-000002", payload="AAAAAAAAAAintent:forget_me")
        assert (await line.receive_reply())["text"] == "[stale_button]"

    talk(server, conversation)


def test_same_id_twice_gives_one_answer_and_one_row(server: Server) -> None:
    async def conversation(line: Line) -> list[dict[str, Any]]:
        for _ in range(2):
            await line.send(type="say", id=ID, text="你好")
        return await line.drain()

    kinds = [frame["type"] for frame in talk(server, conversation)]
    assert sorted(kinds) == ["accepted", "accepted", "reply"]
    assert server.count_inbox() == 1


def test_replies_come_in_order_and_only_once_on_a_line(server: Server) -> None:
    async def conversation(line: Line) -> list[dict[str, Any]]:
        for i in range(5):
            await line.send(type="say", id=f"message-{i}", text="两句")
        return await line.drain()

    replies = [frame for frame in talk(server, conversation) if frame["type"] == "reply"]
    numbers = [frame["outbox"] for frame in replies]
    assert numbers == sorted(set(numbers))
    assert [frame["text"] for frame in replies] == ["第一句", "第二句"] * 5


def test_reconnect_brings_only_what_was_missed(server: Server) -> None:
    async def run() -> None:
        cookie = fetch_cookie(server)
        async with connect(server, cookie) as line:
            assert await line.hello() == []
            first = await line.say("一", "message-1")
            await line.send(type="say", id="message-2", text="二")
            await line.receive_to("accepted")
        async with connect(server, cookie) as line:
            missed = await line.hello(first["outbox"]) or [await line.receive_reply()]
            assert [frame["text"] for frame in missed] == ["收到：二"]
            assert await line.drain(1.2) == []

    asyncio.run(run())


def test_reply_written_by_another_process_arrives_by_itself(server: Server) -> None:
    async def conversation(line: Line) -> dict[str, Any]:
        await line.send(type="say", id=ID, text="在吗")
        await line.receive_reply()
        await asyncio.get_running_loop().run_in_executor(None, server.push, "您的案件有进展")
        return await line.receive_reply()

    reply = talk(server, conversation)
    assert (reply["text"], reply["inReplyTo"]) == ("您的案件有进展", "")


def test_two_clients_never_see_each_others_replies(server: Server) -> None:
    async def run() -> None:
        async with connect(server, fetch_cookie(server)) as one, connect(server, fetch_cookie(server)) as two:
            await one.hello()
            await two.hello()
            await one.send(type="say", id=ID, text="我的秘密")
            await two.send(type="say", id=ID, text="别的事")  # even the same id
            ones, twos = await one.drain(), await two.drain()
        assert [f["text"] for f in ones if f["type"] == "reply"] == ["收到：我的秘密"]
        assert [f["text"] for f in twos if f["type"] == "reply"] == ["收到：别的事"]

    asyncio.run(run())


def test_two_tabs_of_one_browser_both_see_the_reply(server: Server) -> None:
    async def run() -> None:
        cookie = fetch_cookie(server)
        async with connect(server, cookie) as one, connect(server, cookie) as two:
            await one.hello()
            await two.hello()
            assert (await one.say("你好"))["text"] == "收到：你好"
            assert (await two.receive_reply())["text"] == "收到：你好"

    asyncio.run(run())


def test_seen_reply_counts_as_delivered_and_an_unsent_one_does_not(server: Server) -> None:
    async def conversation(line: Line) -> None:
        reply = await line.say("你好")
        await line.send(type="seen", last=reply["outbox"] - 1)
        await line.send(type="ping")
        assert (await line.receive())["type"] == "pong"
        assert server.count_undelivered() == 1
        await line.send(type="seen", last=2**53)
        await line.send(type="ping")
        assert (await line.receive())["type"] == "pong"
        assert server.count_undelivered() == 0

    talk(server, conversation)


def test_second_hello_repeats_nothing(server: Server) -> None:
    async def conversation(line: Line) -> None:
        await line.say("你好")
        assert await line.hello(0) == []

    talk(server, conversation)


def test_client_who_was_forgotten_meanwhile_is_answered_on_the_same_line(server: Server) -> None:
    async def conversation(line: Line) -> None:
        await line.say("你好", "message-1")
        with server.engine.begin() as connection:
            connection.exec_driver_sql("delete from clients")
        assert (await line.say("又是我", "message-2"))["text"] == "收到：又是我"

    talk(server, conversation)


# --- what a browser would never send ---

MALFORMED = {
    "nothing": "",
    "no JSON": "hello",
    "not an object": "[]",
    "a number": "7",
    "no type": "{}",
    "unknown type": '{"type":"shout"}',
    "type is a list": '{"type":["say"]}',
    "endless nesting": "[" * 90_000,
    "not a number": '{"type":"seen","last":NaN}',
    "last is text": '{"type":"seen","last":"1"}',
    "last is true": '{"type":"seen","last":true}',
    "last is negative": '{"type":"seen","last":-1}',
    "last is enormous": '{"type":"seen","last":' + "9" * 50_000 + "}",
    "no id": '{"type":"say","text":"a"}',
    "id is a number": '{"type":"say","id":12345678,"text":"a"}',
    "id is short": '{"type":"say","id":"1","text":"a"}',
    "id is long": json.dumps({"type": "say", "id": "1" * 41, "text": "a"}),
    "id with a colon": '{"type":"say","id":"1234:5678","text":"a"}',
    "id with a line end": '{"type":"say","id":"12345678\\n","text":"a"}',
    "id in other digits": '{"type":"say","id":"１２３４５６７８","text":"a"}',
    "no text": '{"type":"say","id":"12345678"}',
    "text is null": '{"type":"say","id":"12345678","text":null}',
    "text is an object": '{"type":"say","id":"12345678","text":{}}',
    "no payload": '{"type":"press","id":"12345678"}',
    "empty payload": '{"type":"press","id":"12345678","payload":""}',
    "long payload": json.dumps({"type": "press", "id": "12345678", "payload": "a" * 201}),
    "payload with half a character": '{"type":"press","id":"12345678","payload":"\\ud800"}',
    "bytes": b'{"type":"ping"}',
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_frame_gets_one_sentence_and_is_not_stored(
    server: Server, caplog: pytest.LogCaptureFixture, frame: str | bytes
) -> None:
    async def conversation(line: Line) -> None:
        await line.socket.send(frame)
        error = await line.receive()
        assert (error["type"], set(error)) == ("error", {"type", "message"})
        assert (await line.say("还在吗"))["text"] == "收到：还在吗"

    talk(server, conversation)
    assert server.count_inbox() == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("frame", [{"type": "say", "id": ID, "text": "早"}, {"type": "seen", "last": 1}])
def test_nothing_is_taken_before_hello(server: Server, frame: dict[str, Any]) -> None:
    async def run() -> dict[str, Any]:
        async with connect(server, fetch_cookie(server)) as line:
            await line.send(**frame)
            return await line.receive()

    assert asyncio.run(run())["type"] == "error"
    assert server.count_inbox() == 0


@pytest.mark.parametrize(("text", "answer"), [
    ("a\ud800b\x00c", "收到：abc"),
    ("", "[empty]"),
    ("😀", "[empty]"),
    ("/intent{}", "[unknown_command]"),
    ("长" * 50_000, "[too_long]"),
], ids=["half a character and NUL", "empty", "emoji", "not falin's command", "very long"])  # fmt: skip
def test_odd_text_gets_a_normal_reply(server: Server, text: str, answer: str) -> None:
    async def conversation(line: Line) -> str:
        return str((await line.say(text))["text"])

    assert talk(server, conversation) == answer


@pytest.mark.parametrize("frame", [
    "a" * 200_001, b"a" * 200_001, "长" * 66_700,
], ids=["text", "bytes", "few characters of many bytes"])  # fmt: skip
def test_overlong_frame_closes_the_line_with_1009(server: Server, frame: str | bytes) -> None:
    async def conversation(line: Line) -> int | None:
        await line.socket.send(frame)
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            await line.receive()
        return line.socket.close_code

    assert talk(server, conversation) == 1009
    assert server.count_inbox() == 0


def test_more_than_twenty_messages_in_ten_seconds_get_one_sentence(server: Server) -> None:
    async def conversation(line: Line) -> list[dict[str, Any]]:
        for i in range(30):
            await line.send(type="say", id=f"message-{i:03}", text="快")
        return await line.drain()

    kinds = [frame["type"] for frame in talk(server, conversation)]
    assert (kinds.count("accepted"), kinds.count("error")) == (20, 1)
    assert server.count_inbox() == 20


def test_rate_limit_is_per_client_and_passes() -> None:
    now = [0.0]
    limit = RateLimit(lambda: now[0])
    verdicts = [limit.check("one") for _ in range(MESSAGES + 2)]
    assert verdicts[MESSAGES - 1 :] == [Verdict.TAKE, Verdict.REFUSE, Verdict.REFUSE_SILENTLY]
    assert limit.check("two") is Verdict.TAKE
    now[0] = SECONDS
    assert limit.check("one") is Verdict.TAKE


# --- when things break ---


def test_message_stored_before_a_crash_is_answered_exactly_once(tmp_path: Path) -> None:
    with running(tmp_path, SilentAssistant) as server:
        cookie = fetch_cookie(server)

        async def before(line: Line) -> None:
            await line.send(type="say", id=ID, text="欠薪")
            assert (await line.receive())["type"] == "accepted"

        talk(server, before, cookie)
        server.stop()
        server.start()

        async def after() -> list[dict[str, Any]]:
            async with connect(server, cookie) as line:
                missed = await line.hello()
                await line.send(type="say", id=ID, text="欠薪")  # it never saw whether it was stored
                return missed + await line.drain()

        frames = asyncio.run(after())
        assert [f["inReplyTo"] for f in frames if f["type"] == "reply"] == [ID]
        assert [f["id"] for f in frames if f["type"] == "accepted"] == [ID]
        assert server.count_inbox() == 1


def test_line_is_closed_when_the_server_stops_and_replies_wait(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        cookie = fetch_cookie(server)

        async def run() -> int | None:
            async with connect(server, cookie) as line:
                await line.hello()
                await line.say("你好")
                await asyncio.get_running_loop().run_in_executor(None, server.stop)
                with pytest.raises(websockets.exceptions.ConnectionClosed):
                    await line.receive()
                return line.socket.close_code

        assert asyncio.run(run()) == 1012
        server.start()
        assert [frame["text"] for frame in asyncio.run(_missed(server, cookie))] == ["收到：你好"]


async def _missed(server: Server, cookie: str) -> list[dict[str, Any]]:
    async with connect(server, cookie) as line:
        return await line.hello()


def test_database_fault_is_told_and_the_message_can_be_sent_again(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def conversation(line: Line) -> None:
        async def broken(_inbound: object) -> None:
            raise OSError("张三的秘密")

        with monkeypatch.context() as patch:
            patch.setattr(server.desk, "accept", broken)
            await line.send(type="say", id=ID, text="你好")
            assert (await line.receive())["type"] == "error"
        assert (await line.say("你好"))["text"] == "收到：你好"

    talk(server, conversation)
    assert "秘密" not in caplog.text


def test_closed_line_leaves_no_bell_behind(server: Server) -> None:
    async def conversation(line: Line) -> None:
        await line.say("你好")

    talk(server, conversation)
    until(lambda: not server.desk._bells["webchat"])
