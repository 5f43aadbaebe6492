"""A console that really listens: real SQLite, real uvicorn, a clock that runs."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.assistant.desk import Desk
from bot.console import Site, console_routes
from bot.console.cookies import SESSION_COOKIE
from bot.domain.calendar import utc_now
from bot.domain.console import ConsoleSession
from bot.domain.messages import Attachment
from bot.reports.desk import FigureDesk
from bot.services.console_accounts import SESSION
from bot.services.credentials import new_token, token_hash
from bot.services.turn import Library
from bot.storage import migrate
from bot.storage.engine import make_engine
from bot.storage.file_store import FileStore
from bot.storage.sealing import Keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.channels.webchat_server import until
from tests.console.conftest import make_console_library
from tests.handoff.scene import Scene


@dataclass
class ConsoleServer:
    """Args: scene: residents and members at their phones."""

    scene: Scene
    url: str
    uvicorn: uvicorn.Server
    thread: threading.Thread

    def session(self, member_id: str) -> dict[str, str]:
        """The cookie of somebody who is logged in."""
        token, now = new_token(), utc_now()
        with self.scene.open_unit() as uow:
            uow.console_accounts.add_session(token_hash(SESSION, token), ConsoleSession(member_id, now, now))
            uow.commit()
        return {SESSION_COOKIE: token}

    def stop(self) -> None:
        self.uvicorn.should_exit = True
        self.thread.join(timeout=20)


@contextlib.contextmanager
def serving(home: Path, library: Library | None = None) -> Iterator[ConsoleServer]:
    """A started server."""
    engine, keys = make_engine(f"sqlite:///{home / 'falin.db'}"), Keys(b"s" * 32)
    migrate.upgrade(engine)

    store = FileStore(home / "files", keys)

    def open_unit(*, read_only: bool = False) -> SqlUnitOfWork:
        return SqlUnitOfWork(engine, keys, read_only=read_only, files=store)

    async def read_file(attachment: Attachment) -> bytes:
        """Telegram's files lie in `home`, under their ids."""
        if attachment.source == "telegram":
            return (home / attachment.ref).read_bytes()
        with open_unit(read_only=True) as uow:
            return uow.files.read(attachment.ref)

    scene = Scene(open_unit=open_unit, library=library or make_console_library(), now=utc_now())
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server: uvicorn.Server
    desk = Desk(scene.assistant)
    site = Site(
        desk, open_unit, scene.library, f"http://127.0.0.1:{port}/", "falin_bot", read_file=read_file,
        stopping=lambda: server.should_exit, figures=FigureDesk(engine, scene.library.street, scene.library.matters),
    )  # fmt: skip
    app = Starlette(routes=console_routes(site))
    server = uvicorn.Server(uvicorn.Config(app, port=port, ws="wsproto", log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    running = ConsoleServer(scene, f"http://127.0.0.1:{port}", server, thread)
    try:
        yield running
    finally:
        running.stop()
        desk._thread.shutdown()
        engine.dispose()


