"""A web chat that really listens: real SQLite, real uvicorn, and a brain that needs no model."""
from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn
import websockets.client
from starlette.applications import Starlette

from bot.assistant.assistant import Assistant
from bot.assistant.desk import Desk
from bot.assistant.reading import Reading
from bot.channels.files import FileDesk, FileGone
from bot.channels.webchat import webchat_routes
from bot.domain.buttons import Buttons
from bot.domain.calendar import utc_now
from bot.domain.decisions import Understanding
from bot.domain.messages import Attachment, Button, Reply
from bot.domain.street import Community, Member, Street
from bot.knowledge.wording import Wording
from bot.services.turn import Library, Turn
from bot.storage import migrate
from bot.storage.engine import make_engine
from bot.storage.file_store import FileStore
from bot.storage.sealing import load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from bot.storage.tables import inbox, outbox

STREET = Street(
    name="石桥铺街道", office="石桥铺司法所", phone="023-6301 0000", hours="周一至周五 9:00–17:30",
    communities=(Community("baima", "白马社区", "zhang"),), members=(Member("zhang", "张律师"),),
    hotlines=(("12348", "法律援助热线"),),
)  # fmt: skip
PHRASES = (
    "too_long", "empty", "unknown_command", "stale_button", "out_of_scope", "apology", "cannot_read_file",
)  # fmt: skip
WAGES = """老板拖欠工资，您可以向劳动监察大队投诉，也可以申请劳动仲裁。不收费，自己去就行。
【现在怎么做】
① 把欠了几个月、一共多少钱写清楚，找工友互相作证
② 带身份证和证据到劳动监察大队投诉，或者先拨打12333问一问
③ 投诉不管用，到劳动仲裁委员会申请仲裁
【时限】离职之日起一年内申请仲裁，不要拖。
【留好证据】劳动合同、工资条、考勤记录、微信聊天记录、银行流水
【依据】《劳动合同法》第三十条、第八十五条；《劳动争议调解仲裁法》第二十七条
（以上是一般法律信息，具体情况可问社区法律顾问。）"""


class FakeBrain:
    """Echoes; greets on /start; has one long answer with buttons and one emergency."""

    def understand(self, text: str) -> Understanding:
        return Understanding("answer", "faq")

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        return True

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        if turn.attachment:
            turn.replies.append(Reply("收到您的文件了，法律顾问看得到。"))
        else:
            turn.replies.extend(self._replies(reading))
        return state or {}

    def _replies(self, reading: Reading) -> list[Reply]:
        if reading.intent == "start":
            return [self._greeting(reading.slots.get("start_parameter", ""))]
        if reading.intent:
            return [Reply(f"您选了：{reading.intent}")]
        if "工资" in reading.words:
            ask = Button("找法律顾问", "intent:request_adviser"), Button("算一算", "intent:calculate")
            return [Reply(WAGES, (ask, (Button("拨打 12333", url="tel:12333"),)))]
        if reading.words == "两句":
            return [Reply("第一句"), Reply("第二句")]
        return [Reply(f"收到：{reading.words}")]

    def _greeting(self, community: str) -> Reply:
        where = f"（{community}）" if community else ""
        topics = ("劳动纠纷", "邻里纠纷", "婚姻家庭")
        rows = tuple((Button(title, f"entry:{i}"),) for i, title in enumerate(topics))
        return Reply(f"您好，我是法邻{where}。遇到什么事，像平时说话一样告诉我就行。", rows)


class SilentAssistant(Assistant):
    """Stores messages and never answers, like a process that dies right after storing."""

    def answer(self, client_id: int) -> int:
        return 0


class Server:
    """One falin on one database; can be stopped and started again on the same port."""

    def __init__(self, home: Path) -> None:
        self.engine = make_engine(f"sqlite:///{home / 'falin.db'}")
        migrate.upgrade(self.engine)
        self.keys = load_keys(home / "secret.key")
        self.store = FileStore(home / "files", self.keys)
        self.files = home / "files"
        self.telegram_files: dict[str, bytes | Exception] = {}
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.desk: Desk
        self._uvicorn: uvicorn.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, assistant: type[Assistant] = Assistant) -> Server:
        wording = Wording({f"utter_{name}": Reply(f"[{name}]") for name in PHRASES})
        library = Library(entries={}, matters={}, wording=wording, street=STREET)
        buttons = Buttons(self.keys.derive("buttons"))
        self.desk = Desk(assistant(self.open_unit, FakeBrain(), library, buttons))
        files = FileDesk(self.open_unit, {"telegram": self.read_telegram})
        routes = webchat_routes(self.desk, self.keys.derive("webchat"), STREET, files)
        app = Starlette(routes=routes, lifespan=self._lifespan)
        config = uvicorn.Config(app, port=self.port, ws="wsproto", log_level="warning")
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)
        self._thread.start()
        until(lambda: self._uvicorn.started)
        return self

    def open_unit(self, *, read_only: bool = False) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, self.keys, read_only=read_only, files=self.store)

    async def read_telegram(self, file_id: str) -> bytes:
        """What lies with Telegram, by id in `telegram_files`; an error there is raised."""
        found = self.telegram_files.get(file_id, FileGone("unknown"))
        if isinstance(found, Exception):
            raise found
        return found

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(timeout=20)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self.desk.resume()
        listening = asyncio.create_task(self.desk.listen())
        yield
        listening.cancel()
        await self.desk.close()

    def push(self, text: str, file: Attachment | None = None, replaces: int | None = None) -> int:
        """falin speaks first, from another process, to the only client there is; the outbox id."""
        with self.open_unit() as uow:
            outbox_id = uow.outbox.add(1, Reply(text, (), file, replaces), utc_now())
            uow.commit()
        return outbox_id

    def count_inbox(self) -> int:
        return self._count(sa.select(sa.func.count()).select_from(inbox))

    def count_undelivered(self) -> int:
        waiting = outbox.c.delivered_at.is_(None)
        return self._count(sa.select(sa.func.count()).select_from(outbox).where(waiting))

    def _count(self, query: sa.sql.Select) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())


def until(true: Any, seconds: float = 10) -> None:
    """Wait until `true()` is."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextlib.contextmanager
def running(home: Path, assistant: type[Assistant] = Assistant) -> Iterator[Server]:
    """A started server."""
    server = Server(home).start(assistant)
    try:
        yield server
    finally:
        server.stop()
        server.engine.dispose()


def fetch_cookie(server: Server) -> str:
    """A cookie as a browser gets it."""
    return httpx.get(server.url).cookies["falin"]


class Line:
    """One WebSocket of a client that keeps the protocol."""

    def __init__(self, socket: websockets.client.WebSocketClientProtocol) -> None:
        self.socket = socket

    async def send(self, **frame: Any) -> None:
        text = json.dumps(frame, ensure_ascii=False)  # as browsers do; only half characters are escaped
        await self.socket.send("".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text))

    async def receive(self, seconds: float = 5) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
        return frame

    async def hello(self, last: int = 0) -> list[dict[str, Any]]:
        """What was missed, up to "ready"."""
        await self.send(type="hello", last=last)
        return await self.receive_to("ready")

    async def receive_to(self, kind: str) -> list[dict[str, Any]]:
        """Everything before the next frame of this type."""
        found = []
        while (frame := await self.receive())["type"] != kind:
            found.append(frame)
        return found

    async def say(self, text: str, message_id: str = "0123456789abcdef") -> dict[str, Any]:
        """Say something; the reply to it."""
        await self.send(type="say", id=message_id, text=text)
        return await self.receive_reply()

    async def receive_reply(self) -> dict[str, Any]:
        while (frame := await self.receive())["type"] != "reply":
            assert frame["type"] == "accepted", frame
        return frame

    async def drain(self, seconds: float = 1.5) -> list[dict[str, Any]]:
        """Whatever comes until it is quiet."""
        found = []
        with contextlib.suppress(asyncio.TimeoutError):
            while True:
                found.append(await self.receive(seconds))
        return found


@contextlib.asynccontextmanager
async def connect(server: Server, cookie: str, origin: str | None = "") -> AsyncIterator[Line]:
    """Open a line. Args: origin: "" for the server's own, None for none."""
    address = f"ws://127.0.0.1:{server.port}/ws"
    headers = {"Cookie": f"falin={cookie}"} if cookie else {}
    own: Any = server.url if origin == "" else origin
    async with websockets.client.connect(address, origin=own, extra_headers=headers, max_size=None) as socket:
        yield Line(socket)
