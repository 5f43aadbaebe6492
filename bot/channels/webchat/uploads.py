"""POST /files: a browser brings a file. GET /files/<token>: it looks at one."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import re
from collections import Counter
from urllib.parse import quote, unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.channels.files import FileAway, FileDesk, FileGone
from bot.channels.webchat import notices
from bot.channels.webchat.identity import CHANNEL, Identity, is_same_origin
from bot.channels.webchat.rate_limit import RateLimit, Verdict
from bot.channels.webchat.tokens import FileTokens
from bot.domain.errors import NoRoom
from bot.domain.file_types import FileType, recognise
from bot.domain.messages import MAX_FILE, Attachment, clean_name

logger = logging.getLogger(__name__)

NAME_HEADER = "X-File-Name"  # percent-encoded UTF-8
UPLOADS, DOWNLOADS, SECONDS = 12, 120, 60.0  # per client
UPLOAD_SECONDS = 300.0  # 20 MB at half a megabit a second
MOST_AT_ONCE, MOST_OF_ONE = 12, 3  # uploads lie in memory while they arrive
RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")
# Whatever a file holds, it runs nothing, loads nothing and is no page of ours. A sandbox would also keep
# browsers from showing a PDF, so there it is left out: it is only ever given to their PDF reader.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'none'"


class Refused(Exception):
    """Args: status: HTTP status. message: one sentence for the resident."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Uploads:
    """The two endpoints. Args: desk: keeps and reads the files."""

    def __init__(self, desk: FileDesk, tokens: FileTokens, identity: Identity) -> None:
        self._desk, self._tokens, self._identity = desk, tokens, identity
        self._uploads = RateLimit(messages=UPLOADS, seconds=SECONDS)
        self._downloads = RateLimit(messages=DOWNLOADS, seconds=SECONDS)
        self._under_way: Counter[str] = Counter()

    async def take(self, request: Request) -> Response:
        """POST: {"file": token, "name", "mime", "kind", "size"}, or {"message": why not}."""
        try:
            client_key = self._require_client(request)
            content = await self._receive(request, client_key)
            file = await self._keep(client_key, content, read_name(request))
        except Refused as refusal:
            return JSONResponse({"message": refusal.message}, refusal.status)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it; nothing was kept
        return JSONResponse(
            {"file": self._tokens.make(client_key, file), "name": file.name, "mime": file.mime,
             "kind": file.kind, "size": file.size}
        )  # fmt: skip

    async def give(self, request: Request) -> Response:
        """GET: the bytes; 404 with a sentence for every file that is not this client's."""
        client_key = self._identity.read(request.cookies)
        file = self._tokens.read(client_key, request.path_params["token"]) if client_key else None
        if client_key is None or file is None:
            return _sentence(404, notices.FILE_GONE)
        if self._downloads.check(client_key) is not Verdict.TAKE:
            return _sentence(429, notices.TOO_MANY_FILES)
        try:
            content = await self._desk.read(file)
        except FileGone:
            return _sentence(404, notices.FILE_GONE)
        except FileAway:
            return _sentence(503, notices.FILE_AWAY)
        except Exception as error:  # the database is away, the file is damaged
            logger.error("web chat: a file cannot be read: %s", type(error).__name__)
            return _sentence(503, notices.FILE_AWAY)
        return serve(content, file, request.headers.get("range", ""))

    def _require_client(self, request: Request) -> str:
        if not is_same_origin(request.headers):
            raise Refused(403, notices.NOT_OUR_PAGE)
        client_key = self._identity.read(request.cookies)
        if client_key is None:
            raise Refused(401, notices.NO_COOKIE)
        if int(request.headers.get("content-length") or 0) > MAX_FILE:
            raise Refused(413, notices.FILE_TOO_LARGE)
        if self._uploads.check(client_key) is not Verdict.TAKE or self._under_way[client_key] >= MOST_OF_ONE:
            raise Refused(429, notices.TOO_MANY_FILES)
        if self._under_way.total() >= MOST_AT_ONCE:
            raise Refused(503, notices.BUSY)
        return client_key

    async def _receive(self, request: Request, client_key: str) -> bytes:
        self._under_way[client_key] += 1
        try:
            return await asyncio.wait_for(read_body(request), UPLOAD_SECONDS)
        except asyncio.TimeoutError:
            raise Refused(408, notices.FILE_NOT_KEPT) from None
        finally:
            self._under_way[client_key] -= 1
            self._under_way += Counter()  # drops those at nought

    async def _keep(self, client_key: str, content: bytes, name: str) -> Attachment:
        if not content:
            raise Refused(400, notices.FILE_EMPTY)
        found = recognise(content, name)
        if found is None:
            raise Refused(415, notices.FILE_TYPE)
        try:
            ref = await self._desk.keep(CHANNEL, client_key, content)
        except NoRoom:
            logger.error("web chat: no room for a file of %d bytes", len(content))
            raise Refused(507, notices.NO_ROOM) from None
        except Exception as error:  # the database is away, the disk does not answer
            logger.error("web chat: a file was not kept: %s", type(error).__name__)
            raise Refused(503, notices.FILE_NOT_KEPT) from None
        return Attachment("local", ref, found.kind, name, found.mime, len(content))


async def read_body(request: Request) -> bytes:
    """The whole body, given up as soon as it is too large.

    Raises:
        Refused: beyond MAX_FILE. ClientDisconnect: cut off before its end.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FILE:
            raise Refused(413, notices.FILE_TOO_LARGE)
    return bytes(body)


def read_name(request: Request) -> str:
    """The file's name as its sender calls it, made harmless."""
    return clean_name(unquote(request.headers.get(NAME_HEADER, "")[:2_000], errors="replace"))


def serve(content: bytes, file: Attachment, wanted: str) -> Response:
    """A file for a browser. Args: wanted: the Range header; Safari plays no video without."""
    found = recognise(content, file.name) or FileType("application/octet-stream")
    name = file.name or file.kind + (mimetypes.guess_extension(found.mime) or "")
    policy = POLICY if found.mime == "application/pdf" else f"{POLICY}; sandbox"
    headers = {
        "Content-Disposition": _disposition(name, inline=found.inline),
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",  # "离开" leaves nothing behind on the device
        "Accept-Ranges": "bytes",
    }
    match = RANGE.fullmatch(wanted)
    if not match:
        return Response(content, 200, headers, found.mime)
    first, last = int(match[1]), min(int(match[2] or len(content)), len(content) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, found.mime)


def _disposition(name: str, *, inline: bool) -> str:
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"


def _sentence(status: int, message: str) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return PlainTextResponse(message, status, headers)
