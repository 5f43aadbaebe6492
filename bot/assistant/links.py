"""Links by which a case goes on elsewhere: signed, so that only who was given one can use it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

SIGNATURE = 16  # characters of base64: 96 bits


@dataclass(frozen=True)
class Links:
    """Args: key: 32 secret bytes.  web_url: the web chat's address.  telegram_name: the bot's user name, or ""."""

    key: bytes
    web_url: str = ""
    telegram_name: str = ""

    def token(self, reference: str) -> str:
        """What stands in a link; letters, digits, - and _ only, as Telegram's start parameter allows."""
        digest = hmac.digest(self.key, f"case\n{reference}".encode(), hashlib.sha256)
        return f"{reference}_{base64.urlsafe_b64encode(digest)[:SIGNATURE].decode()}"

    def check(self, token: str) -> str | None:
        """The reference of a genuine token."""
        reference, _, _ = token.partition("_")
        return reference if hmac.compare_digest(token.encode(), self.token(reference).encode()) else None

    def of(self, reference: str) -> tuple[str, str]:
        """The link into the web chat, and a line with the one into Telegram, "" when there is none."""
        token = f"case_{self.token(reference)}"
        telegram = f"https://t.me/{self.telegram_name}?start={token}" if self.telegram_name else ""
        return f"{self.web_url}?c={token}", f"\nTelegram：{telegram}" if telegram else ""
