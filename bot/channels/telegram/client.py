"""The Bot API client: python-telegram-bot's, with the habits falin needs."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.settings import Settings

logger = logging.getLogger(__name__)

TELEGRAM = "https://api.telegram.org"
# Seconds. A reply that was accepted but not confirmed in time is sent twice, so waiting is the lesser
# evil; it must stay well below the outbox's claim of 60 s.
READ_TIMEOUT = 20.0
CONNECT_TIMEOUT = 10.0


def build_client(settings: Settings) -> FalinBot:
    """A client for the bot of these settings, not connected yet.

    429 is passed on at once: the outbox waits, not the client.
    """
    quiet_libraries()
    server = settings.telegram_api or TELEGRAM
    return FalinBot(
        settings.telegram_token,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=HTTPXRequest(
            read_timeout=READ_TIMEOUT, connect_timeout=CONNECT_TIMEOUT, pool_timeout=CONNECT_TIMEOUT
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=2, connect_timeout=CONNECT_TIMEOUT),
        rate_limiter=AIORateLimiter(max_retries=0),
    )


def quiet_libraries() -> None:
    """Keep the token and people's words out of the log.

    httpx logs URLs, and the token is part of them. python-telegram-bot logs updates and answers it
    cannot parse in full, at its highest level. What falin needs to know it logs itself.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)


class FalinBot(ExtBot[int]):
    """A client whose polling survives anything.

    Args: closing: set when polling ends; errors of the request then cut short are of no interest.
    """

    closing = False

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        """Like the original, except in two cases that would stop polling for good.

        An update that cannot be parsed comes as an empty one with its id, so that it is confirmed and
        does not block all later ones. A rejected token (also 404 from a proxy) is a NetworkError,
        after which the Updater tries again.
        """
        try:
            return await super().get_updates(*args, **kwargs)
        except TelegramError as error:
            if self.closing:
                return ()
            raise NetworkError("token rejected") if isinstance(error, InvalidToken) else error from None
        except Exception:
            return await self._get_updates_singly(kwargs.get("offset"), kwargs.get("allowed_updates"))

    def read(self, data: dict[str, Any]) -> Update:
        """An update from JSON; an empty one when it cannot be parsed.

        Raises:
            ValueError: it is no update at all: there is no update id.
        """
        update_id = data.get("update_id")
        if not isinstance(update_id, int):
            raise ValueError("no update_id")
        try:
            return Update.de_json(data, self)
        except Exception as error:
            logger.error("update %s cannot be parsed: %s", update_id, type(error).__name__)
            return Update(update_id)

    async def _get_updates_singly(self, offset: int | None, wanted: Any) -> tuple[Update, ...]:
        question = {"offset": offset, "timeout": 0, "allowed_updates": wanted}
        found: Any = await self._post("getUpdates", question)
        return tuple(self.read(data) for data in found)
