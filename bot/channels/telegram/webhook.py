"""The webhook: Telegram calls us. Stored before 200 is said, so Telegram repeats what was not stored."""

from __future__ import annotations

import hmac
import json
import logging
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.channels.telegram.client import FalinBot
from bot.channels.telegram.intake import Intake

logger = logging.getLogger(__name__)

PATH = "/telegram/webhook"
LARGEST_BODY = 1_000_000  # bytes; an update is a few thousand
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """POST /telegram/webhook.

    Answers 403 without the secret, 400 to what is no update, 500 when it could not be stored, else 200,
    at once: the reply goes its own way.
    """

    def __init__(self, secret: str, bot: FalinBot, intake: Intake) -> None:
        self._secret, self._bot, self._intake = secret, bot, intake

    async def receive(self, request: Request) -> Response:
        """Starlette's endpoint."""
        if not self._knows_secret(request):
            return Response(status_code=403)
        try:
            update = self._bot.read(await read_object(request))
        except (ValueError, RecursionError, ClientDisconnect):
            return Response(status_code=400)
        try:
            await self._intake.take(update)
        except Exception as error:
            logger.error("update %s was not stored: %s", update.update_id, type(error).__name__)
            return Response(status_code=500)
        return Response(status_code=200)

    def _knows_secret(self, request: Request) -> bool:
        given = request.headers.get(SECRET_HEADER, "")
        return bool(self._secret) and hmac.compare_digest(given.encode(), self._secret.encode())


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body.

    Raises:
        ValueError: too large, or not a JSON object. RecursionError: nested too deep.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ValueError("body too large")
    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data
