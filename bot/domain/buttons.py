"""Signed button payloads: a button only works for the client it was shown to, and cannot be made up.

Telegram gives 64 bytes of callback data, so a payload "verb:argument" travels with a short signature
over payload and client instead of a lookup token: nothing to store, nothing to clean up. Replies are
kept unsigned; the outbox signs what it hands out, for whoever it is addressed to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from bot.domain.messages import MAX_PAYLOAD, Reply

SIGNATURE = 10  # characters of base64: 60 bits, far beyond guessing over a chat
LIMIT = MAX_PAYLOAD + SIGNATURE  # bytes: Telegram's callback_data


class Buttons:
    """Signs and checks payloads. Args: key: 32 secret bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _signature(self, channel: str, client_key: str, payload: str) -> str:
        digest = hmac.digest(self._key, f"{channel}\n{client_key}\n{payload}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest)[:SIGNATURE].decode()

    def sign(self, channel: str, client_key: str, payload: str) -> str:
        """What the platform carries.

        Raises:
            ValueError: it would not fit into LIMIT bytes.
        """
        return f"{self._signature(channel, client_key, require_fit(payload))}{payload}"

    def sign_reply(self, channel: str, client_key: str, reply: Reply) -> Reply:
        """The same reply, every button signed for this client."""
        return reply.with_payloads(lambda payload: self.sign(channel, client_key, payload))

    def check(self, channel: str, client_key: str, signed: str) -> str | None:
        """The payload, or None when it was forged, cut, or made for someone else."""
        signature, payload = signed[:SIGNATURE], signed[SIGNATURE:]
        genuine = self._signature(channel, client_key, payload)
        return payload if payload and hmac.compare_digest(signature.encode(), genuine.encode()) else None


def require_fit(payload: str) -> str:
    """Raises ValueError when a payload is too long for a button."""
    if len(payload.encode()) > MAX_PAYLOAD:
        raise ValueError(f"button payload too long: {payload}")
    return payload
