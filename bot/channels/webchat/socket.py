"""The WebSocket: what one browser says goes to the desk, what the outbox holds for it comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from bot.assistant.desk import Desk, wait_for_bell
from bot.channels.webchat import notices
from bot.channels.webchat.frames import (
    MAX_BYTES,
    Frame,
    Hello,
    MalformedFrame,
    Ping,
    Press,
    Say,
    Seen,
    SendFile,
    parse_frame,
    reply_frame,
)
from bot.channels.webchat.identity import CHANNEL, Identity, is_same_origin
from bot.channels.webchat.rate_limit import RateLimit, Verdict
from bot.channels.webchat.tokens import FileTokens
from bot.domain.calendar import utc_now
from bot.domain.messages import Inbound, clean_text

logger = logging.getLogger(__name__)

NO_COOKIE, TOO_BIG = 4401, 1009
STRANGER_SECONDS = 1.0
IDLE_SECONDS = 15.0  # the bell rings; this is for the case that it did not
# Enough of the client's id that nobody else's message ids can collide with this client's.
PREFIX = 12
GONE = (WebSocketDisconnect, WebSocketDisconnected)


Endpoint = Callable[[WebSocket], Awaitable[None]]


def socket_endpoint(desk: Desk, identity: Identity, limit: RateLimit, tokens: FileTokens) -> Endpoint:
    """The endpoint of /ws: 403 for pages of other sites, code 4401 for browsers without a cookie of ours."""

    async def endpoint(websocket: WebSocket) -> None:
        if not is_same_origin(websocket.headers):
            await websocket.close()  # before the handshake: HTTP 403
            return
        await websocket.accept()
        client_key = identity.read(websocket.cookies)
        if client_key is None:  # after the handshake, or the page could not see the code
            await websocket.close(NO_COOKIE)
            return
        await Conversation(websocket, desk, client_key, limit, tokens).run()

    return endpoint


class Conversation:
    """One connection of one browser. Every reply goes out once on it, in order."""

    def __init__(
        self, websocket: WebSocket, desk: Desk, client_key: str, limit: RateLimit, tokens: FileTokens
    ) -> None:
        self._websocket, self._desk, self._limit, self._tokens = websocket, desk, limit, tokens
        self._client_key = client_key
        self._client_id: int | None = None  # nobody before the first message
        self._bell = asyncio.Event()
        self._sent = self._seen = 0
        self._watch: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until either side closes."""
        try:
            while (text := await self._receive()) is not None:
                await self._read(text)
        except GONE:
            return
        finally:
            self._desk.unhang(self._bell)
            if self._watch:
                self._watch.cancel()

    async def _receive(self) -> str | None:
        """The next frame; "" for a binary one, None when the connection is over."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text") or ""
        size = len(message.get("bytes") or b"") + len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            await self._websocket.close(TOO_BIG)
            return None
        return text

    async def _read(self, text: str) -> None:
        try:
            await self._handle(parse_frame(text))
        except MalformedFrame:
            await self._complain(notices.MALFORMED)
        except GONE:
            raise
        except Exception as error:  # the database is away: the browser keeps its message and sends it again
            logger.error("web chat: a frame failed: %s", type(error).__name__)
            await self._complain(notices.TRY_AGAIN)

    async def _handle(self, frame: Frame) -> None:
        if isinstance(frame, Hello):
            await self._welcome(frame)
        elif isinstance(frame, Ping):
            await self._send({"type": "pong"})
        elif self._watch is None:
            await self._complain(notices.SAY_HELLO_FIRST)
        elif isinstance(frame, Seen):
            await self._acknowledge(frame)
        else:
            await self._take(frame)

    async def _welcome(self, hello: Hello) -> None:
        if self._watch is not None:  # said twice: replies are on their way already
            await self._send({"type": "ready"})
            return
        self._sent = self._seen = hello.last
        self._watch = asyncio.create_task(self._watch_outbox())

    async def _take(self, frame: Say | Press | SendFile) -> None:
        verdict = self._limit.check(self._client_key)
        if verdict is not Verdict.TAKE:
            if verdict is Verdict.REFUSE:
                await self._complain(notices.TOO_FAST)
            return
        inbound = self._inbound(frame)
        if inbound is None:
            await self._send({"type": "refused", "id": frame.id, "message": notices.FILE_UNKNOWN})
            return
        receipt = await self._desk.accept(inbound)
        self._follow(receipt.client_id)
        await self._send({"type": "accepted", "id": frame.id})

    def _follow(self, client_id: int | None) -> None:
        """Watch this client's replies: a client is known from the first message, or anew after being forgotten."""
        if client_id is None or client_id == self._client_id:
            return
        before = self._bell
        self._desk.unhang(before)
        self._client_id, self._bell = client_id, self._desk.bell(client_id)
        before.set()  # whoever waits on it looks again, and then waits on the new one

    def _inbound(self, frame: Say | Press | SendFile) -> Inbound | None:
        """The message in a frame; None when its file is none of this client's."""
        file = self._tokens.read(self._client_key, frame.file) if isinstance(frame, SendFile) else None
        if isinstance(frame, SendFile):
            if file is None:
                return None
            file = replace(file, caption=clean_text(frame.caption))
        return Inbound(
            channel=CHANNEL,
            update_id=f"{self._client_key[:PREFIX]}:{frame.id}",
            client_key=self._client_key,
            sent_at=utc_now(),
            text=frame.text if isinstance(frame, Say) else None,
            choice=frame.payload if isinstance(frame, Press) else None,
            file=file.kind if file else None,
            attachment=file,
        )

    async def _acknowledge(self, frame: Seen) -> None:
        seen = min(frame.last, self._sent)
        if seen > self._seen and self._client_id is not None:
            self._seen = seen
            await self._desk.acknowledge(self._client_id, seen)

    async def _watch_outbox(self) -> None:
        """Send what was missed, then "ready", then whatever comes."""
        ready = False
        while True:
            try:
                await self._send_new()
                if not ready:
                    await self._send({"type": "ready"})
                ready = True
            except GONE:
                return
            except Exception as error:  # the database is away: the replies wait there
                logger.error("web chat: the outbox cannot be read: %s", type(error).__name__)
            await wait_for_bell(self._bell, IDLE_SECONDS if self._client_id else STRANGER_SECONDS)

    async def _send_new(self) -> None:
        if self._client_id is None:  # another tab may have said the first word
            self._follow(await self._desk.find_client(CHANNEL, self._client_key))
        if self._client_id is None:
            return
        for outgoing in await self._desk.list_replies(self._client_id, self._sent):
            await self._send(reply_frame(outgoing, self._tokens))
            self._sent = outgoing.id

    async def _complain(self, message: str) -> None:
        await self._send({"type": "error", "message": message})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._websocket.send_json(frame)
