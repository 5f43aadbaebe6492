"""The routes of the web chat: its page, the privacy notice, a sign of life, residents' files, the socket."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bot.assistant.desk import Desk
from bot.channels.files import FileDesk
from bot.channels.webchat.headers import SecurityHeaders
from bot.channels.webchat.identity import Identity
from bot.channels.webchat.rate_limit import RateLimit
from bot.channels.webchat.socket import socket_endpoint
from bot.channels.webchat.tokens import FileTokens
from bot.channels.webchat.uploads import Uploads
from bot.domain.street import Street

HERE = Path(__file__).parent
# Browsers would show a line break between two Chinese characters of a template as a gap.
LINE_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
# A page that a Back button must not bring back after somebody left in a hurry.
NEVER_KEPT = {"Cache-Control": "no-store"}


def webchat_routes(
    desk: Desk, key: bytes, street: Street, files: FileDesk, *, secure: bool = False
) -> list[BaseRoute]:
    """All routes of the web chat.

    Args:
        desk: takes messages, has replies.
        key: secret bytes that sign the cookie and the links to files.
        street: whose name and telephone the pages show.
        files: keeps what is sent, reads what is looked at.
        secure: residents reach the site over https, so the cookie travels over nothing else.
    """
    identity, tokens = Identity(key, secure=secure), FileTokens(key)
    uploads = Uploads(files, tokens, identity)
    page, notice = fill_page("index.html", street), fill_page("privacy.html", street)

    async def chat(request: Request) -> Response:
        response = HTMLResponse(page, headers=NEVER_KEPT)
        identity.give(request.cookies, response)
        return response

    async def privacy(_request: Request) -> Response:
        return HTMLResponse(notice)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok", headers=NEVER_KEPT)

    secured = [Middleware(SecurityHeaders)]
    return [
        Route("/", chat, middleware=secured),
        Route("/privacy", privacy, middleware=secured),
        Route("/healthz", healthz, middleware=secured),
        Mount("/static", StaticFiles(directory=HERE / "static"), middleware=secured),
        Route("/files", uploads.take, methods=["POST"]),
        Route("/files/{token}", uploads.give),
        WebSocketRoute("/ws", socket_endpoint(desk, identity, RateLimit(), tokens)),
    ]


def fill_page(name: str, street: Street) -> str:
    """A page with the street's {{values}} put in, escaped."""
    values = {
        "street": street.name,
        "office": street.office,
        "phone": street.phone,
        "hours": street.hours,
        "tel": re.sub(r"[^\d+]", "", street.phone),
    }
    page = (HERE / "templates" / name).read_text(encoding="utf-8")
    page = LINE_BREAK.sub("", page)
    return re.sub(r"\{\{(\w+)\}\}", lambda match: escape(values[match[1]]), page)
