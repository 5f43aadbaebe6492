"""Signed button payloads: a button only works for the client it was shown to, and cannot be made up.

Telegram gives 64 bytes of callback data, so a payload "verb:argument" travels with a short signature
over payload and client instead of a lookup token: nothing to store, nothing to clean up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

LIMIT = 64  # bytes, Telegram's callback_data
SIGNATURE = 10  # characters of base64: 60 bits, far beyond guessing over a chat


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
            ValueError: it would not fit into 64 bytes.
        """
        signed = f"{self._signature(channel, client_key, payload)}{payload}"
        if len(signed.encode()) > LIMIT:
            raise ValueError(f"button payload too long: {payload}")
        return signed

    def check(self, channel: str, client_key: str, signed: str) -> str | None:
        """The payload, or None when it was forged, cut, or made for someone else."""
        signature, payload = signed[:SIGNATURE], signed[SIGNATURE:]
        genuine = self._signature(channel, client_key, payload)
        return payload if payload and hmac.compare_digest(signature.encode(), genuine.encode()) else None
