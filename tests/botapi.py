"""A small Bot API server on 127.0.0.1: real HTTP, as strict as Telegram where falin could err, with faults to order.

with BotApi() as api:
    api.say(7, "在吗")              # a resident writes; polling or take_updates() gets it
    api.send_photo(7, b"…", caption="借条")
    api.edit(7, api.last_id(7), "在不在")
    api.say(7, "对", reply_to=api.last_id(7))
    api.fault("sendMessage", status=429, retry_after=1)
    api.sent                        # what was accepted
    api.shown(7)                    # what stands in the chat now, edits and deletions included
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

TOKEN = "1234567:AAE-a_token_that_must_never_be_logged"
JSON_FIELDS = ("reply_markup", "link_preview_options", "allowed_updates", "commands", "media")
LARGEST_DOWNLOAD, LARGEST_UPLOAD, LARGEST_PHOTO = 20_000_000, 50_000_000, 10_000_000
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
        self.files: dict[str, tuple[str, bytes]] = {}  # by file id: what kind it is, and the bytes
        self.messages: dict[int, dict[int, dict[str, Any]]] = {}  # by chat and message id
        self._numbers: Counter[int] = Counter()  # by chat: the newest message id
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
        """An update of any kind; its id. A new message gets the next number of its chat."""
        with self.changed:
            self._ids += 1
            if "chat" in kind.get("message", {}):
                self._enter(kind["message"])
            self.waiting.append({"update_id": self._ids, **kind})
            self.changed.notify_all()
            return self._ids

    def say(self, chat: int, text: str, reply_to: int = 0) -> int:
        return self.push(message=message(chat, text=text, **self._answering(chat, reply_to)))

    def send_photo(self, chat: int, content: bytes, caption: str = "", reply_to: int = 0) -> int:
        """A photo as Telegram passes it on: in two sizes."""
        size = {"width": 1280, "height": 960, "file_size": len(content), "file_unique_id": "u"}
        small = {**size, "width": 90, "height": 67, "file_id": self.add_file("photo", b"small")}
        large = {**size, "file_id": self.add_file("photo", content)}
        return self._send(chat, caption, reply_to, photo=[small, large])

    def send_file(
        self, chat: int, content: bytes, kind: str = "document", caption: str = "", reply_to: int = 0, **more: Any
    ) -> int:
        """A document, voice, video, video_note, animation or audio; `more`: file_name, mime_type, file_size …"""
        known = {"duration": 3, "width": 320, "height": 240, "length": 240, "file_unique_id": "u"}
        file = {**known, "file_id": self.add_file(kind, content), "file_size": len(content), **more}
        return self._send(chat, caption, reply_to, **{kind: file})

    def edit(self, chat: int, message_id: int, text: str) -> int:
        """The resident changes the text or caption of a message."""
        shown = self.messages[chat][message_id]
        shown = {**shown, "text" if "text" in shown else "caption": text, "edit_date": int(time.time())}
        self.messages[chat][message_id] = shown
        return self.push(edited_message=shown)

    def last_id(self, chat: int) -> int:
        """The id of the newest message in a chat, the bot's or the resident's."""
        return self._numbers[chat]

    def shown(self, chat: int) -> list[str]:
        """What the bot's messages in a chat say now."""
        mine = (shown for shown in self.messages.get(chat, {}).values() if shown["from"] == BOT)
        return [shown.get("text", shown.get("caption", "")) for shown in mine]

    def add_file(self, kind: str, content: bytes) -> str:
        """Keep a file; its id."""
        file_id = f"{kind}-{len(self.files) + 1}"
        self.files[file_id] = (kind, content)
        return file_id

    def _send(self, chat: int, caption: str, reply_to: int, **file: Any) -> int:
        words = {"caption": caption} if caption else {}
        return self.push(message=message(chat, **words, **file, **self._answering(chat, reply_to)))

    def _answering(self, chat: int, reply_to: int) -> dict[str, Any]:
        return {"reply_to_message": self.messages[chat][reply_to]} if reply_to else {}

    def _enter(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Give a message its number and keep it."""
        chat = int(shown["chat"]["id"])
        self._numbers[chat] += 1
        shown["message_id"] = self._numbers[chat]
        self.messages.setdefault(chat, {})[shown["message_id"]] = shown
        return shown

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
        return [
            one.get("text", one.get("caption", ""))
            for one in list(self.sent)
            if not chat or int(one["chat_id"]) == chat
        ]

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
        self._require_chat(given)
        check_message(given)
        return self._accept(given, text=given["text"])

    def do_sendPhoto(self, given: dict[str, Any]) -> Any:
        file_id = self._take_file(given, "photo")
        if len(self.files[file_id][1]) > LARGEST_PHOTO:
            raise Refusal(400, "Bad Request: file is too big")
        size = {"file_id": file_id, "file_unique_id": "u", "width": 1, "height": 1}
        return self._accept(given, **caption_of(given), photo=[size])

    def do_sendDocument(self, given: dict[str, Any]) -> Any:
        return self._accept_file(given, "document")

    def do_sendVoice(self, given: dict[str, Any]) -> Any:
        return self._accept_file(given, "voice", duration=1)

    def do_sendVideo(self, given: dict[str, Any]) -> Any:
        return self._accept_file(given, "video", duration=1, width=1, height=1)

    def do_editMessageText(self, given: dict[str, Any]) -> Any:
        shown = self._find_editable(given)
        check_message(given)
        if "text" not in shown:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        return self._change(shown, given, text=given["text"])

    def do_editMessageCaption(self, given: dict[str, Any]) -> Any:
        shown = self._find_editable(given)
        if "text" in shown:
            raise Refusal(400, "Bad Request: there is no caption in the message to edit")
        return self._change(shown, given, caption=caption_of(given).get("caption", ""))

    def do_editMessageMedia(self, given: dict[str, Any]) -> Any:
        shown, media = self._find_editable(given), given["media"]
        if "text" in shown or "voice" in shown:
            raise Refusal(400, "Bad Request: message can't be edited")
        self._require_file(media["media"], media["type"])
        return self._change(shown, given, caption=caption_of(media).get("caption", ""), media=media["media"])

    def do_deleteMessage(self, given: dict[str, Any]) -> Any:
        if int(given["message_id"]) not in self.messages.get(int(given["chat_id"]), {}):
            raise Refusal(400, "Bad Request: message to delete not found")
        with self.changed:
            del self.messages[int(given["chat_id"])][int(given["message_id"])]
        return True

    def do_getFile(self, given: dict[str, Any]) -> Any:
        file_id = given["file_id"]
        self._require_file(file_id)
        content = self.files[file_id][1]
        if len(content) > LARGEST_DOWNLOAD:
            raise Refusal(400, "Bad Request: file is too big")
        path = f"files/{file_id}"
        return {"file_id": file_id, "file_unique_id": "u", "file_size": len(content), "file_path": path}

    def download(self, token: str, path: str) -> bytes:
        """GET /file/bot<token>/<path>; raises Refusal."""
        self.calls.append(("download", {"path": path}))
        file_id = path.removeprefix("files/")
        if token != self.token or file_id not in self.files:
            raise Refusal(404, "Not Found")
        return self.files[file_id][1]

    def _require_chat(self, given: dict[str, Any]) -> None:
        if int(given["chat_id"]) in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if int(given["chat_id"]) in self.gone:
            raise Refusal(400, "Bad Request: chat not found")

    def _require_file(self, file_id: str, kind: str = "") -> None:
        if file_id not in self.files:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if kind and self.files[file_id][0] != kind:
            was = self.files[file_id][0]
            raise Refusal(400, f"Bad Request: can't use file of type {was.title()} as {kind.title()}")

    def _accept(self, given: dict[str, Any], **content: Any) -> Any:
        """Take a message of the bot's."""
        with self.changed:
            self.sent.append(given)
            chat = {"id": int(given["chat_id"]), "type": "private"}
            shown = {"date": int(time.time()), "chat": chat, "from": BOT, **content}
            if "inline_keyboard" in given.get("reply_markup", {}):
                shown["reply_markup"] = given["reply_markup"]
            return self._enter(shown)

    def _accept_file(self, given: dict[str, Any], kind: str, **more: Any) -> Any:
        file_id = self._take_file(given, kind)
        return self._accept(
            given, **caption_of(given), **{kind: {"file_id": file_id, "file_unique_id": "u", **more}}
        )

    def _take_file(self, given: dict[str, Any], kind: str) -> str:
        """The id of a file that is sent by id or uploaded; an upload stands in `given` as (name, bytes)."""
        self._require_chat(given)
        check_keyboard(given)
        file = given.get(kind)
        if isinstance(file, str):
            self._require_file(file, kind)
            return file
        if not file or not file[1]:
            raise Refusal(400, "Bad Request: file must be non-empty")
        if len(file[1]) > LARGEST_UPLOAD:
            raise Refusal(413, "Request Entity Too Large")
        return self.add_file(kind, file[1])

    def _find_editable(self, given: dict[str, Any]) -> dict[str, Any]:
        self._require_chat(given)
        if "keyboard" in given.get("reply_markup", {}):
            raise Refusal(400, "Bad Request: inline keyboard expected")
        shown = self.messages.get(int(given["chat_id"]), {}).get(int(given["message_id"]))
        if shown is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if shown["from"] != BOT:
            raise Refusal(400, "Bad Request: message can't be edited")
        return shown

    def _change(self, shown: dict[str, Any], given: dict[str, Any], **content: Any) -> Any:
        check_keyboard(given)
        content["reply_markup"] = given.get("reply_markup")
        if all(shown.get(name) == value for name, value in content.items()):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content is the same")
        with self.changed:
            shown.update(content)
        return {name: value for name, value in shown.items() if name != "media" and value is not None}

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
    check_keyboard(given)


def caption_of(given: dict[str, Any]) -> dict[str, str]:
    """The caption within its limits, if there is one."""
    caption = given.get("caption", "")
    if len(caption.encode("utf-16-le")) > 2 * 1024:
        raise Refusal(400, "Bad Request: message caption is too long")
    return {"caption": caption} if caption else {}


def check_keyboard(given: dict[str, Any]) -> None:
    """The limits of buttons."""
    for row in given.get("reply_markup", {}).get("inline_keyboard", ()):
        for button in row:
            if len(button.get("callback_data", "").encode()) > 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
            if "url" in button and ("localhost" in button["url"] or not button["url"].startswith("http")):
                raise Refusal(400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL")


def read_multipart(kind: str, body: bytes) -> dict[str, Any]:
    """Fields of a form with files; a field "attach://name" gets the file of that name."""
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=HTTP)
    given: dict[str, Any] = {}
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename() is not None:
            given[name] = (part.get_filename(), content)
        else:
            text = content.decode()
            given[name] = json.loads(text) if name in JSON_FIELDS else text
    return {
        name: given.get(value.removeprefix("attach://"), value) if isinstance(value, str) else value
        for name, value in given.items()
    }


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
        if self.path.startswith("/file/bot"):
            self._give_file(given)
            return
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

    def _give_file(self, given: dict[str, Any]) -> None:
        token, _, path = unquote(self.path).removeprefix("/file/bot").partition("/")
        fault = self._find_fault("download", given)
        if fault and not fault.status:
            self.close_connection = True
            return
        try:
            if fault:
                raise Refusal(fault.status, fault.description)
            status, content = 200, self.api.download(token, path)
        except Refusal as refusal:
            status, content = refusal.status, refusal.description.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _read(self) -> dict[str, Any]:
        """Fields by name; an uploaded file as (name, bytes)."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "")
        if "json" in kind:
            return dict(json.loads(body or b"{}"))
        if "multipart" in kind:
            return read_multipart(kind, body)
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
