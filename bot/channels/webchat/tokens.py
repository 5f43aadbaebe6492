"""A file as a browser knows it: a signed word that stands for the attachment and works for one client only."""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from bot.domain.messages import Attachment

MAX_TOKEN = 2_000  # characters; with the longest name it is about 900


class FileTokens:
    """Makes and reads tokens. The same file always gets the same token. Args: key: secret bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, client_key: str, file: Attachment) -> str:
        """The caption is left out: it stands in the message."""
        return str(
            self._serializer(client_key).dumps([file.source, file.ref, file.kind, file.name, file.mime, file.size])
        )

    def read(self, client_key: str, token: str) -> Attachment | None:
        """None: made up, tampered with, or another client's."""
        if len(token) > MAX_TOKEN:
            return None
        try:
            return Attachment(*self._serializer(client_key).loads(token))
        except (BadData, TypeError, UnicodeError):
            return None

    def _serializer(self, client_key: str) -> URLSafeSerializer:
        # The client is part of the salt and so of the key, and does not stand in the token.
        salt = f"falin.webchat.file.{client_key}"
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})
