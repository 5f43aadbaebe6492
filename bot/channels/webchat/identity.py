"""Who a browser is: a random id in a signed cookie. No account, no name, no password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from starlette.responses import Response

CHANNEL = "webchat"
COOKIE = "falin"
MAX_AGE = 400 * 86_400  # seconds; browsers keep no cookie longer than 400 days


class Identity:
    """Gives out and checks cookies.

    Args:
        key: secret bytes; with another key every browser becomes somebody new.
        secure: the site is reached over https only.
    """

    def __init__(self, key: bytes, *, secure: bool) -> None:
        self._signer = Signer(key, salt="falin.webchat.cookie", digest_method=hashlib.sha256)
        self._secure = secure

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """The client's id; None without a cookie of ours."""
        try:
            return self._signer.unsign(cookies.get(COOKIE, "")).decode()
        except (BadSignature, UnicodeError):
            return None

    def give(self, cookies: Mapping[str, str], response: Response) -> None:
        """Set the cookie: the same id for 400 more days, or a new one."""
        client = self.read(cookies) or secrets.token_urlsafe(24)
        value = self._signer.sign(client).decode()
        response.set_cookie(
            COOKIE, value, max_age=MAX_AGE, path="/", httponly=True, samesite="lax", secure=self._secure
        )


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the page that asks came from this very host."""
    try:
        origin = urlsplit(headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == headers.get("host", "").lower()
