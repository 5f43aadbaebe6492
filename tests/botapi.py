"""A small Bot API server on 127.0.0.1: real HTTP, as strict as Telegram where falin could err, with faults to order.

with BotApi() as api:
    api.say(7, "在吗")              # a resident writes; polling or take_updates() gets it
    api.fault("sendMessage", status=429, retry_after=1)
    api.sent                        # what was accepted
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "1234567:AAE-a_token_that_must_never_be_logged"
JSON_FIELDS = ("reply_markup", "link_preview_options", "allowed_updates", "commands")
BOT = {"id": 1234567, "is_bot": True, "first_name": "法邻", "username": "falin_bot"}


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of a method (to one chat, if named).

    Args:
        status: HTTP status, 0: the connection is cut without an answer. delay: seconds before anything else.
        taken: the call is carried out and only its answer is lost or replaced.
        body: answered instead of a JSON error.
    """

    method: str
    status: int = 200
    description: str = "scripted"
    retry_after: int = 0
    delay: float = 0.0
    times: int = 1
    chat: int = 0
    taken: bool = False
    body: bytes = b""


@dataclass
class Refusal(Exception):
    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)


class BotApi:
    """State and server. All attributes may be read from other threads."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {}
        self.blocked: set[int] = set()
        self.gone: set[int] = set()
        self.faults: list[Fault] = []
        self.changed = threading.Condition()
        self.up = False
        self._ids = 500_000_000
        self._port = 0

    # -- the server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> BotApi:
        self.come_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_down()

    def come_up(self) -> None:
        """Listen, on the same port as before."""
        self._connections: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = _Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_port
        self.up = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def go_down(self) -> None:
        """Refuse connections and cut those that are open."""
        if not self.up:
            return
        with self.changed:
            self.up = False
            self.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # -- the residents' side

    def push(self, **kind: Any) -> int:
        """An update of any kind; its id."""
        with self.changed:
            self._ids += 1
            self.waiting.append({"update_id": self._ids, **kind})
            self.changed.notify_all()
            return self._ids

    def say(self, chat: int, text: str) -> int:
        return self.push(message=message(chat, text=text))

    def press(self, chat: int, data: str) -> int:
        sender = {"id": chat, "is_bot": False, "first_name": "居民"}
        shown = {**message(chat, text="…"), "from": BOT}
        return self.push(
            callback_query={"id": str(self._ids), "from": sender, "message": shown, "chat_instance": "1", "data": data}
        )  # fmt: skip

    def take_updates(self) -> list[dict[str, Any]]:
        """What a webhook would be called with."""
        with self.changed:
            taken, self.waiting = self.waiting, []
        return taken

    def fault(self, method: str, **how: Any) -> Fault:
        """Order a fault."""
        self.faults.append(Fault(method, **how))
        return self.faults[-1]

    def texts(self, chat: int = 0) -> list[str]:
        """Texts accepted, in order."""
        return [one["text"] for one in list(self.sent) if not chat or int(one["chat_id"]) == chat]

    def count(self, method: str) -> int:
        return sum(1 for name, _ in list(self.calls) if name == method)

    # -- the bot's side

    def call(self, token: str, method: str, given: dict[str, Any]) -> Any:
        """Carry out one method; raises Refusal."""
        self.calls.append((method, given))
        if token != self.token:
            raise Refusal(401, "Unauthorized")
        work = getattr(self, f"do_{method}", None)
        if work is None:
            raise Refusal(404, "Not Found")
        return work(given)

    def do_getMe(self, _: dict[str, Any]) -> Any:
        return BOT

    def do_getUpdates(self, given: dict[str, Any]) -> Any:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, end = int(given.get("offset") or 0), time.monotonic() + float(given.get("timeout") or 0)
        with self.changed:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
            while not self.waiting and self.up and (left := end - time.monotonic()) > 0:
                self.changed.wait(left)
            return self.waiting[: int(given.get("limit") or 100)]

    def do_sendMessage(self, given: dict[str, Any]) -> Any:
        chat = int(given["chat_id"])
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat in self.gone:
            raise Refusal(400, "Bad Request: chat not found")
        check_message(given)
        with self.changed:
            self.sent.append(given)
        shown = {"message_id": len(self.sent), "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        return {**shown, "from": BOT, "text": given["text"]}

    def do_setWebhook(self, given: dict[str, Any]) -> Any:
        if not str(given.get("url", "")).startswith("https://"):
            raise Refusal(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook")
        self.webhook = given
        return True

    def do_deleteWebhook(self, _: dict[str, Any]) -> Any:
        self.webhook = {}
        return True

    def do_setMyCommands(self, _: dict[str, Any]) -> Any:
        return True

    def do_answerCallbackQuery(self, _: dict[str, Any]) -> Any:
        return True

    def do_editMessageReplyMarkup(self, _: dict[str, Any]) -> Any:
        return True


def message(chat: int, **content: Any) -> dict[str, Any]:
    """A message in a private chat."""
    person = {"id": chat, "first_name": "居民"}
    return {
        "message_id": 1, "date": int(time.time()), "chat": {**person, "type": "private"},
        "from": {**person, "is_bot": False}, **content,
    }  # fmt: skip


def check_message(given: dict[str, Any]) -> None:
    """The limits of sendMessage."""
    text = given.get("text", "")
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) > 2 * 4096:
        raise Refusal(400, "Bad Request: message is too long")
    for row in given.get("reply_markup", {}).get("inline_keyboard", ()):
        for button in row:
            if len(button.get("callback_data", "").encode()) > 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if "url" in button and ("localhost" in button["url"] or not button["url"].startswith("http")):
                raise Refusal(400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Connections are cut on purpose here."""


class _Handler(BaseHTTPRequestHandler):
    api: BotApi
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.api._connections.add(self.connection)

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        given = self._read()
        token, _, method = self.path.removeprefix("/bot").partition("/")
        fault = self._find_fault(method, given)
        if fault:
            time.sleep(fault.delay)
        if not self.api.up or (fault and not fault.status and not fault.taken):
            self.close_connection = True
            return
        status, answer = self._answer(token, method, given, fault)
        if fault and fault.taken and not fault.status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def _read(self) -> dict[str, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "json" in self.headers.get("Content-Type", ""):
            return dict(json.loads(body or b"{}"))
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        return {name: json.loads(value) if name in JSON_FIELDS else value for name, value in pairs}

    def _find_fault(self, method: str, given: dict[str, Any]) -> Fault | None:
        with self.api.changed:
            for fault in self.api.faults:
                chat = int(given.get("chat_id") or 0)
                if fault.method == method and fault.times > 0 and fault.chat in (0, chat):
                    fault.times -= 1
                    return fault
        return None

    def _answer(self, token: str, method: str, given: dict[str, Any], fault: Fault | None) -> tuple[int, bytes]:
        failing = fault is not None and (fault.status != 200 or bool(fault.body))
        try:
            if not failing or (fault and fault.taken):
                result = self.api.call(token, method, given)
                if not failing:
                    return 200, json.dumps({"ok": True, "result": result}).encode()
            assert fault is not None
            self.api.calls.append((method, given))
            if fault.body:
                return fault.status, fault.body
            parameters = {"retry_after": fault.retry_after} if fault.retry_after else {}
            raise Refusal(fault.status, fault.description, parameters)
        except Refusal as refusal:
            error = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            if refusal.parameters:
                error["parameters"] = refusal.parameters
            return refusal.status, json.dumps(error).encode()
