"""Live updates over a real line: what happens elsewhere is told to open pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.console.cookies import SESSION_COOKIE
from bot.services.console_accounts import SESSION, log_out_everywhere
from bot.services.credentials import token_hash
from bot.services.handoff import accept_case
from tests.console.server import ConsoleServer, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ConsoleServer]:
    with serving(tmp_path) as running:
        yield running


def events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """(event, data) pairs of a stream."""
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data:") and kind:
            yield kind, line[5:].strip()
            kind = ""


def test_a_new_case_and_a_message_are_told_within_seconds(server: ConsoleServer) -> None:
    scene = server.scene
    scene.member("chen")
    with server.scene.open_unit(read_only=True) as uow:
        since = uow.console.revision()
    url = f"{server.url}/console/events?since={since}"
    with httpx.stream("GET", url, cookies=server.session("chen"), timeout=15) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        told = events(answer.iter_lines())
        resident = scene.resident()
        case = scene.open_case(resident)
        kind, revision = next(told)
        assert (kind, revision != since) == ("changed", True)
        scene.work(accept_case, case.id, "chen")
        resident.send("在吗")
        assert next(told)[0] == "changed"


def test_a_page_that_missed_something_is_told_at_once(server: ConsoleServer) -> None:
    server.scene.open_case(server.scene.resident())
    headers = {"Last-Event-ID": "long-ago"}
    url = f"{server.url}/console/events"
    with httpx.stream("GET", url, cookies=server.session("wu"), headers=headers, timeout=15) as answer:
        assert next(events(answer.iter_lines()))[0] == "changed"


def test_a_stream_ends_when_its_member_is_logged_out(server: ConsoleServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.console.events.PROOF", 0.5)
    with server.scene.open_unit(read_only=True) as uow:
        since = uow.console.revision()
    url = f"{server.url}/console/events?since={since}"
    with httpx.stream("GET", url, cookies=server.session("wu"), timeout=15) as answer:
        told = events(answer.iter_lines())
        server.scene.work(lambda work: log_out_everywhere(work.uow, "wu"))
        assert next(told)[0] == "out"
        assert list(told) == []


def test_a_stream_needs_a_log_in(server: ConsoleServer) -> None:
    assert httpx.get(f"{server.url}/console/events").status_code == 401


def test_an_open_stream_does_not_keep_the_session_alive(server: ConsoleServer) -> None:
    cookies = server.session("wu")
    with httpx.stream("GET", f"{server.url}/console/events?since=x", cookies=cookies, timeout=15) as answer:
        next(events(answer.iter_lines()))
        with server.scene.open_unit(read_only=True) as uow:
            session = uow.console_accounts.find_session(token_hash(SESSION, cookies[SESSION_COOKIE]))
        assert session
        assert session.seen_at == session.created_at


def test_the_server_stops_although_streams_are_open(server: ConsoleServer) -> None:
    with httpx.stream("GET", f"{server.url}/console/events?since=x", cookies=server.session("wu"), timeout=15) as answer:
        told = events(answer.iter_lines())
        next(told)
        server.uvicorn.should_exit = True
        assert list(told) == []
        end = time.monotonic() + 15
        while server.thread.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
        assert not server.thread.is_alive()
