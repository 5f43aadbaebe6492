"""Files through the web chat: up, into a message, down again, and only for whoever they are meant."""
from __future__ import annotations

import asyncio
import errno
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from bot.channels.files import FileAway
from bot.channels.webchat import notices, uploads
from bot.channels.webchat.tokens import MAX_TOKEN, FileTokens
from bot.domain.calendar import utc_now
from bot.domain.messages import MAX_FILE, MAX_NAME, Attachment
from bot.storage import file_store
from bot.storage.tables import files
from tests.channels.webchat_server import Line, Server, SilentAssistant, connect, fetch_cookie, running, until

ID = "0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PDF = b"%PDF-1.7 \n" + b"d" * 100
HTML = b"<html><script>alert(1)</script></html>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def upload(
    server: Server, content: Any = PNG, name: str = "借条.png", cookie: str | None = None, origin: str = "", **headers: str
) -> httpx.Response:
    cookies = {"falin": fetch_cookie(server) if cookie is None else cookie}
    about = {"X-File-Name": quote(name), "Origin": origin or server.url, **headers}
    return httpx.post(f"{server.url}/files", content=content, headers=about, cookies=cookies)


def fetch(server: Server, url: str, cookie: str, **headers: str) -> httpx.Response:
    return httpx.get(server.url + url, cookies={"falin": cookie}, headers=headers)


def count_rows(server: Server) -> int:
    with server.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(files)).scalar_one())


def kept(server: Server) -> list[Path]:
    return list(server.files.iterdir()) if server.files.exists() else []


def send_file(server: Server, cookie: str, token: str, caption: str = "") -> dict[str, Any]:
    """Send the frame; the first answer that is not "accepted"."""

    async def run() -> dict[str, Any]:
        async with connect(server, cookie) as line:
            await line.hello()
            await line.send(type="file", id=ID, file=token, caption=caption)
            while (frame := await line.receive())["type"] == "accepted":
                pass
            return frame

    return asyncio.run(run())


# --- up ---


def test_a_file_is_kept_sealed_and_named_by_a_token(server: Server) -> None:
    response = upload(server)
    about = response.json()
    assert response.status_code == 200
    assert (about["name"], about["mime"], about["kind"], about["size"]) == ("借条.png", "image/png", "photo", len(PNG))
    [path] = kept(server)
    assert PNG not in path.read_bytes()
    assert count_rows(server) == 1


def test_a_file_sent_with_words_becomes_one_message(tmp_path: Path) -> None:
    with running(tmp_path, SilentAssistant) as server:
        cookie = fetch_cookie(server)
        token = upload(server, cookie=cookie).json()["file"]

        async def run() -> None:
            async with connect(server, cookie) as line:
                await line.hello()
                for _ in range(2):  # a repeat after a broken line
                    await line.send(type="file", id=ID, file=token, caption="这是借条\ud83d\x00")
                    assert (await line.receive())["type"] == "accepted"

        asyncio.run(run())
        with server.open_unit() as uow:
            [client_id] = uow.inbox.list_waiting_clients()
            found = uow.inbox.next_unhandled(client_id)
            assert found
            attachment = found[1].attachment
            assert attachment
            assert (found[1].file, attachment.caption, attachment.name) == ("photo", "这是借条", "借条.png")
            assert uow.files.read(attachment.ref) == PNG
        assert server.count_inbox() == 1


def test_a_file_is_answered(server: Server) -> None:
    cookie = fetch_cookie(server)
    reply = send_file(server, cookie, upload(server, cookie=cookie).json()["file"])
    assert (reply["type"], reply["inReplyTo"]) == ("reply", ID)


@pytest.mark.parametrize("name", ["../../etc/passwd.png", "a\r\nX: y.png", "长" * 300 + ".png", "", "\ud800.png", "%00.png"])
def test_an_odd_name_harms_nothing(server: Server, name: str) -> None:
    cookie = fetch_cookie(server)
    about = upload(server, name=name.encode("utf-8", "replace").decode(), cookie=cookie).json()
    assert len(about["name"]) <= MAX_NAME
    assert not set("/\\\r\n\x00") & set(about["name"])
    response = fetch(server, f"/files/{about['file']}", cookie)
    assert response.content == PNG
    assert [path.parent for path in kept(server)] == [server.files]


def refused(server: Server, response: httpx.Response, status: int, message: str) -> None:
    assert (response.status_code, response.json()) == (status, {"message": message})
    assert kept(server) == []
    assert count_rows(server) == 0


@pytest.mark.parametrize("cookie", ["", "made-up.signature"])
def test_an_upload_without_a_genuine_cookie_is_refused(server: Server, cookie: str) -> None:
    refused(server, upload(server, cookie=cookie), 401, notices.NO_COOKIE)


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_an_upload_from_another_site_is_refused(server: Server, origin: str) -> None:
    refused(server, upload(server, origin=origin), 403, notices.NOT_OUR_PAGE)


def test_an_empty_file_is_refused(server: Server) -> None:
    refused(server, upload(server, b""), 400, notices.FILE_EMPTY)


@pytest.mark.parametrize(("content", "name"), [(HTML, "a.png"), (HTML, "a.pdf"), (b"MZ\x90", "a.exe"), (b"<svg/>", "a.svg")])
def test_what_is_no_picture_paper_or_recording_is_refused(server: Server, content: bytes, name: str) -> None:
    refused(server, upload(server, content, name, **{"Content-Type": "image/png"}), 415, notices.FILE_TYPE)


def test_a_fifty_megabyte_file_is_refused_by_its_length_alone(server: Server) -> None:
    with connection(server, fetch_cookie(server), 50_000_000) as line:
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert kept(server) == []


def test_a_file_that_does_not_say_how_long_it_is_is_cut_off_at_the_limit(server: Server) -> None:
    block = PNG + b"x" * 999_000

    def endless() -> Iterator[bytes]:
        yield from (block for _ in range(50))

    try:
        response = upload(server, endless())
    except httpx.WriteError:  # the server has hung up on the rest
        response = None
    assert response is None or response.status_code == 413
    assert kept(server) == []
    assert upload(server).status_code == 200


def test_a_file_at_the_limit_is_taken(server: Server) -> None:
    content = PNG + b"x" * (MAX_FILE - len(PNG))
    cookie = fetch_cookie(server)
    response = upload(server, content, cookie=cookie)
    assert response.status_code == 200
    assert fetch(server, f"/files/{response.json()['file']}", cookie).content == content


def connection(server: Server, cookie: str, length: int) -> socket.socket:
    """A connection that has begun an upload."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    head = (
        f"POST /files HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
        f"Cookie: falin={cookie}\r\nContent-Length: {length}\r\n\r\n"
    )
    line.sendall(head.encode() + PNG)
    return line


def test_an_upload_that_is_cut_off_leaves_nothing(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    cookie = fetch_cookie(server)
    for _ in range(uploads.MOST_OF_ONE + 1):  # and does not count as under way any more
        line = connection(server, cookie, 100_000)
        line.close()
    until(lambda: upload(server, cookie=cookie).status_code == 200)
    assert len(kept(server)) == count_rows(server) == 1
    assert "Traceback" not in caplog.text


def test_an_upload_that_stands_still_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 0.2)
    with connection(server, fetch_cookie(server), 100_000) as line:
        assert line.recv(4096).decode().startswith("HTTP/1.1 408")
    assert kept(server) == []


def test_one_client_cannot_upload_too_often(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = fetch_cookie(server)
    responses = [upload(server, cookie=cookie) for _ in range(uploads.UPLOADS + 1)]
    assert [r.status_code for r in responses] == [200] * uploads.UPLOADS + [429]
    assert responses[-1].json() == {"message": notices.TOO_MANY_FILES}
    assert upload(server).status_code == 200  # somebody else


def test_many_at_once_are_asked_to_wait(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 0)
    refused(server, upload(server), 503, notices.BUSY)


def test_a_full_disk_gets_one_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(file_store.os, "fsync", full)
    refused(server, upload(server), 507, notices.NO_ROOM)


def test_a_fault_of_the_server_gets_one_sentence_and_no_name_in_the_log(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("张三的病历")

    monkeypatch.setattr(server.store, "write", broken)
    refused(server, upload(server, name="张三的病历.png"), 503, notices.FILE_NOT_KEPT)
    assert "病历" not in caplog.text


# --- tokens ---


def test_a_token_works_for_its_client_only(server: Server) -> None:
    mine, other = fetch_cookie(server), fetch_cookie(server)
    token = upload(server, cookie=mine).json()["file"]
    assert fetch(server, f"/files/{token}", mine).status_code == 200
    assert fetch(server, f"/files/{token}", other).status_code == 404
    refusal = send_file(server, other, token)
    assert refusal == {"type": "refused", "id": ID, "message": notices.FILE_UNKNOWN}
    assert server.count_inbox() == 0


@pytest.mark.parametrize("forge", [
    lambda token: "",
    lambda token: token[:-1] + ("A" if token[-2] != "A" else "B") + token[-1],
    lambda token: "x" + token,
    lambda token: token.rpartition(".")[0],
    lambda token: "W10." + token.rpartition(".")[2],
    lambda token: "é" * 50,
    lambda token: "\ud800",
    lambda token: token * 50,
], ids=["empty", "changed", "longer", "unsigned", "other content", "not ascii", "half a character", "endless"])  # fmt: skip
def test_a_forged_token_is_nothing(server: Server, forge: Any) -> None:
    cookie = fetch_cookie(server)
    token = forge(upload(server, cookie=cookie).json()["file"])
    assert send_file(server, cookie, token)["type"] == "refused"
    shown = fetch(server, f"/files/{quote(token.encode('utf-8', 'replace').decode(), safe='')}", cookie)
    assert shown.status_code in (404, 307)  # without a token it is another address
    assert shown.content != PNG
    assert server.count_inbox() == 0


def test_a_token_of_another_installation_is_nothing() -> None:
    file = Attachment("local", "A" * 24, "photo", "长" * MAX_NAME, "application/" + "x" * 68, MAX_FILE, "说明")
    token = FileTokens(b"k" * 32).make("client", file)
    assert len(token) < MAX_TOKEN
    assert FileTokens(b"k" * 32).read("client", token) == Attachment(*list(vars(file).values())[:-1])
    assert FileTokens(b"l" * 32).read("client", token) is None
    assert FileTokens(b"k" * 32).read("client2", token) is None


@pytest.mark.parametrize("frame", [
    {"type": "file", "id": ID, "caption": ""}, {"type": "file", "id": ID, "file": 7, "caption": ""},
    {"type": "file", "id": ID, "file": "x"}, {"type": "file", "file": "x", "caption": ""},
])  # fmt: skip
def test_a_malformed_frame_of_a_file_is_not_stored(server: Server, frame: dict[str, Any]) -> None:
    async def run() -> dict[str, Any]:
        async with connect(server, fetch_cookie(server)) as line:
            await line.hello()
            await line.socket.send(json.dumps(frame))
            return await line.receive()

    assert asyncio.run(run())["type"] == "error"
    assert server.count_inbox() == 0


# --- down ---


def received(server: Server, cookie: str, file: Attachment, replaces: int | None = None) -> dict[str, Any]:
    """The frame in which a client gets a file."""

    async def run() -> dict[str, Any]:
        async with connect(server, cookie) as line:
            await line.hello()
            first = await line.say("在吗")
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, server.push, "张律师：请看", file, first["outbox"] if replaces else None)
            return await line.receive_reply()

    return asyncio.run(run())


def test_a_reply_brings_a_link_to_its_file(server: Server) -> None:
    cookie = fetch_cookie(server)
    server.telegram_files["f1"] = PNG
    frame = received(server, cookie, Attachment("telegram", "f1", "photo", "", "image/jpeg", 9))
    assert {**frame["file"], "url": ""} == {"url": "", "name": "", "kind": "photo", "mime": "image/jpeg", "size": 9}
    response = fetch(server, frame["file"]["url"], cookie)
    assert (response.content, response.headers["content-type"]) == (PNG, "image/png")
    assert fetch(server, frame["file"]["url"], fetch_cookie(server)).status_code == 404


def test_an_edit_names_the_reply_it_replaces(server: Server) -> None:
    async def run() -> None:
        async with connect(server, fetch_cookie(server)) as line:
            await line.hello()
            first = await line.say("在吗")
            assert "replaces" not in first
            assert "file" not in first
            await asyncio.get_running_loop().run_in_executor(None, server.push, "改了", None, first["outbox"])
            edit = await line.receive_reply()
            assert (edit["text"], edit["replaces"]) == ("改了", first["outbox"])

    asyncio.run(run())


@pytest.mark.parametrize(
    ("content", "name", "mime", "shown"),
    [
        (PNG, "a.png", "image/png", "inline"), (PDF, "a.pdf", "application/pdf", "inline"),
        (HTML, "a.html", "application/octet-stream", "attachment"),
        (HTML, "a.txt", "text/plain; charset=utf-8", "attachment"),
        (b"<svg onload='x'/>", "a.svg", "application/octet-stream", "attachment"),
        (b"OggS...", "", "audio/ogg", "inline"),
    ],
)  # fmt: skip
def test_a_browser_is_told_to_show_only_what_runs_nothing(
    server: Server, content: bytes, name: str, mime: str, shown: str
) -> None:
    cookie = fetch_cookie(server)
    server.telegram_files["f"] = content
    claimed = Attachment("telegram", "f", "document", name, "text/html")
    response = fetch(server, received(server, cookie, claimed)["file"]["url"], cookie)
    headers = response.headers
    assert headers["content-type"] == mime
    assert headers["content-disposition"].startswith(f"{shown}; filename*=UTF-8''")
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ("sandbox" in headers["content-security-policy"]) is (mime != "application/pdf")
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_name_of_a_file_cannot_write_a_header(server: Server) -> None:
    cookie = fetch_cookie(server)
    server.telegram_files["f"] = PNG
    evil = Attachment("telegram", "f", "photo", 'a"; filename=b.html\r\nSet-Cookie: x', "image/png")
    headers = fetch(server, received(server, cookie, evil)["file"]["url"], cookie).headers
    assert "set-cookie" not in headers
    assert headers["content-disposition"].count("filename") == 2  # the second within the encoded name
    assert '"' not in headers["content-disposition"]


@pytest.mark.parametrize(("error", "status", "message"), [
    (None, 404, notices.FILE_GONE), (FileAway(), 503, notices.FILE_AWAY), (OSError("张三"), 503, notices.FILE_AWAY),
])  # fmt: skip
def test_a_file_that_cannot_be_had_gets_one_sentence(
    server: Server, caplog: pytest.LogCaptureFixture, error: Any, status: int, message: str
) -> None:
    cookie = fetch_cookie(server)
    if error:
        server.telegram_files["f"] = error
    response = fetch(server, received(server, cookie, Attachment("telegram", "f", "photo"))["file"]["url"], cookie)
    assert (response.status_code, response.text) == (status, message)
    assert "张三" not in caplog.text


def test_a_file_without_a_name_is_saved_under_its_kind(server: Server) -> None:
    cookie = fetch_cookie(server)
    server.telegram_files["f"] = PNG
    frame = received(server, cookie, Attachment("telegram", "f", "photo"))
    assert fetch(server, frame["file"]["url"], cookie).headers["content-disposition"].endswith("''photo.png")


def test_a_source_without_a_reader_is_gone(server: Server) -> None:
    cookie = fetch_cookie(server)
    frame = received(server, cookie, Attachment("elsewhere", "f", "photo"))
    assert fetch(server, frame["file"]["url"], cookie).status_code == 404


def test_a_forgotten_clients_file_is_gone(server: Server) -> None:
    cookie = fetch_cookie(server)
    token = upload(server, cookie=cookie).json()["file"]
    with server.open_unit() as uow:
        uow.clients.erase(1, utc_now())
        uow.commit()
    assert fetch(server, f"/files/{token}", cookie).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [("bytes=0-1", 206, 0, 1), ("bytes=5-", 206, 5, None), ("bytes=5-99999", 206, 5, None),
     ("bytes=99999-", 416, 0, -1), ("bytes=9-3", 416, 0, -1), ("lines=1-2", 200, 0, None), ("bytes=-5", 200, 0, None),
     ("bytes=0-1,4-5", 200, 0, None)],
)  # fmt: skip
def test_a_part_of_a_file_can_be_asked_for(
    server: Server, wanted: str, status: int, first: int, last: int | None
) -> None:
    cookie = fetch_cookie(server)
    token = upload(server, cookie=cookie).json()["file"]
    response = fetch(server, f"/files/{token}", cookie, Range=wanted)
    end = len(PNG) if last is None else last + 1
    assert (response.status_code, response.content) == (status, PNG[first:end] if status != 416 else b"")
    if status == 206:
        assert response.headers["content-range"] == f"bytes {first}-{end - 1}/{len(PNG)}"


def test_looking_too_often_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = fetch_cookie(server)
    token = upload(server, cookie=cookie).json()["file"]
    codes = [fetch(server, f"/files/{token}", cookie).status_code for _ in range(uploads.DOWNLOADS + 1)]
    assert codes == [200] * uploads.DOWNLOADS + [429]


def test_a_line_carries_words_and_files_in_order(server: Server) -> None:
    cookie = fetch_cookie(server)
    token = upload(server, cookie=cookie).json()["file"]

    async def run() -> list[str]:
        async with connect(server, cookie) as line:
            await line.hello()
            await line.send(type="say", id="message-1", text="先说")
            await line.send(type="file", id="message-2", file=token, caption="")
            await line.send(type="say", id="message-3", text="再说")
            return [frame["inReplyTo"] for frame in await drained(line)]

    assert asyncio.run(run()) == ["message-1", "message-2", "message-3"]


async def drained(line: Line) -> list[dict[str, Any]]:
    return [frame for frame in await line.drain() if frame["type"] == "reply"]
