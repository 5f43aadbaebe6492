"""The frames of the WebSocket: JSON text, one object each."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from bot.channels.webchat.tokens import FileTokens
from bot.domain.messages import Outgoing

MAX_BYTES = 200_000  # of one frame; a longer one ends the connection
MAX_OUTBOX_ID = 2**53  # JavaScript counts exactly up to here, databases further
MAX_PAYLOAD = 200  # characters; a genuine one has 64 bytes at most
MESSAGE_ID = re.compile(r"[0-9a-zA-Z-]{8,40}")


class MalformedFrame(ValueError):
    """Not a frame of this protocol."""


@dataclass(frozen=True)
class Hello:
    """A browser is here and has seen every reply up to `last`."""

    last: int


@dataclass(frozen=True)
class Say:
    """Typed words. `id` is the browser's own; it stays the same when the message is sent again."""

    id: str
    text: str


@dataclass(frozen=True)
class Press:
    """A pressed button; `id` as in Say."""

    id: str
    payload: str


@dataclass(frozen=True)
class SendFile:
    """A file that was uploaded before, by its token, with words beside it; `id` as in Say."""

    id: str
    file: str
    caption: str


@dataclass(frozen=True)
class Seen:
    """Every reply up to `last` is in the browser's own record."""

    last: int


@dataclass(frozen=True)
class Ping:
    """Is the line still up?"""


Frame = Hello | Say | Press | SendFile | Seen | Ping


def parse_frame(text: str) -> Frame:
    """Read a frame.

    Raises:
        MalformedFrame: whatever else arrived; nothing of it may be stored.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedFrame("not JSON") from None
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "hello":
        return Hello(_outbox_id(data))
    if kind == "seen":
        return Seen(_outbox_id(data))
    if kind == "say":
        return Say(_message_id(data), _string(data, "text"))
    if kind == "press":
        return Press(_message_id(data), _payload(data))
    if kind == "file":
        return SendFile(_message_id(data), _string(data, "file"), _string(data, "caption"))
    if kind == "ping":
        return Ping()
    raise MalformedFrame("unknown type")


def reply_frame(outgoing: Outgoing, tokens: FileTokens) -> dict[str, Any]:
    """A reply for the browser; `inReplyTo` is the browser's own message id, "" when falin speaks first.

    With `file` when it brings one, with `replaces` when it takes the place of an earlier reply.
    """
    frame: dict[str, Any] = {
        "type": "reply",
        "outbox": outgoing.id,
        "inReplyTo": outgoing.in_reply_to.rpartition(":")[2],
        "text": outgoing.reply.text,
        "buttons": [[asdict(button) for button in row] for row in outgoing.reply.buttons],
    }
    file = outgoing.reply.attachment
    if file:
        url = f"/files/{tokens.make(outgoing.client_key, file)}"
        frame["file"] = {"url": url, "name": file.name, "kind": file.kind, "mime": file.mime, "size": file.size}
    if outgoing.reply.replaces:
        frame["replaces"] = outgoing.reply.replaces
    return frame


def _string(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise MalformedFrame(f"{name} is not a string")
    return value


def _message_id(data: dict[str, Any]) -> str:
    value = _string(data, "id")
    if not MESSAGE_ID.fullmatch(value):
        raise MalformedFrame("not a message id")
    return value


def _payload(data: dict[str, Any]) -> str:
    value = _string(data, "payload")
    # Words are cleaned on their way in; a payload is compared byte for byte, so it must be encodable.
    if not value or len(value) > MAX_PAYLOAD or any("\ud800" <= char <= "\udfff" for char in value):
        raise MalformedFrame("not a payload")
    return value


def _outbox_id(data: dict[str, Any]) -> int:
    value = data.get("last")
    if type(value) is not int or not 0 <= value <= MAX_OUTBOX_ID:  # true is an int to isinstance
        raise MalformedFrame("last is not an outbox id")
    return value
