"""Two cookies: who is logged in, and, before that, whose form it is. Both prove that a POST came from our page."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

SESSION_COOKIE, FORM_COOKIE = "falin_console", "falin_form"
PATH = "/console"
FIELD = "csrf"


def session_token(request: Request) -> str:
    """The session's token, "" without one."""
    return request.cookies.get(SESSION_COOKIE, "")


def set_cookie(response: Response, name: str, value: str, *, secure: bool) -> None:
    """A cookie no script sees and no other site's page sends; it ends with the browser."""
    response.set_cookie(name, value, path=PATH, httponly=True, samesite="strict", secure=secure)


def drop_session(response: Response) -> None:
    """Take the session's cookie back."""
    response.delete_cookie(SESSION_COOKIE, path=PATH)


def csrf_of(cookie: str) -> str:
    """What a form must carry; whoever does not see the cookie cannot know it."""
    return sha256(f"csrf:{cookie}".encode()).hexdigest()[:32]


def new_form_cookie(request: Request) -> str:
    """The form cookie a browser has, or a new one."""
    return request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)


def is_ours(request: Request, cookie: str, given: object) -> bool:
    """Whether a POST came from a page of ours: it carries the token, and the browser names no other origin."""
    origin = request.headers.get("origin")
    if origin and origin.split("://")[-1] != request.headers.get("host", ""):
        return False
    return bool(cookie) and hmac.compare_digest(csrf_of(cookie).encode(), str(given).encode())
