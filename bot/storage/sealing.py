"""Keys and encryption: one secret file, one key per purpose derived from it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from bot.domain.errors import ConfigError


class Keys:
    """Keys derived from the secret of this installation.

    Args:
        secret: 32 random bytes. Whoever has it can read what is sealed, forge buttons and
            recognise pseudonyms; losing it makes sealed data unreadable.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._fernet = Fernet(base64.urlsafe_b64encode(self.derive("seal")))

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        return hmac.digest(self._secret, purpose.encode(), hashlib.sha256)

    def hash(self, purpose: str, text: str) -> str:
        """A keyed hash, hex: for looking up what must not stand there in plain."""
        return hmac.new(self.derive(purpose), text.encode(), hashlib.sha256).hexdigest()

    def seal(self, value: Any) -> bytes:
        """Encrypt a JSON value."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open(self, sealed: bytes) -> Any:
        """Decrypt what seal() made.

        Raises:
            ConfigError: it was sealed with another secret, or was tampered with.
        """
        try:
            return json.loads(self._fernet.decrypt(bytes(sealed)))
        except InvalidToken:
            raise ConfigError(
                "the database was sealed with another secret",
                "put the secret.key of this database back into FALIN_HOME",
            ) from None

    def seal_bytes(self, content: bytes) -> bytes:
        """Encrypt the content of a file."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt what seal_bytes() made.

        Raises:
            ConfigError: it was sealed with another secret, or was tampered with.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ConfigError(
                "this file was sealed with another secret, or is damaged",
                "put the secret.key of these files back into FALIN_HOME",
            ) from None


def new_pseudonym() -> str:
    """A random pseudonym: nothing about a person can be computed from it, with or without a key."""
    return secrets.token_hex(10)


def load_keys(path: Path) -> Keys:
    """Read the secret, or create it (readable by its owner only) the first time."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first: its secret stands
            os.link(fresh, path)
        fresh.unlink()
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise ConfigError("the secret must be 64 hexadecimal digits", "restore it from your backup", file=path)
    return Keys(secret)
