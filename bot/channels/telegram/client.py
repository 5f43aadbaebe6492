"""The Bot API client: python-telegram-bot's, with the habits falin needs."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Update, User
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
    """A client whose polling survives anything."""

    _polling_ends = False

    def end_polling(self) -> None:
        """Polling is about to stop: an error of the request that is then cut short is of no interest."""
        self._polling_ends = True

    async def get_me(self, *args: Any, **kwargs: Any) -> User:
        """The bot's own account; other servers may forget to say that it is a bot."""
        found: Any = await self._post("getMe")
        self._bot_user = User(found["id"], str(found.get("first_name", "")), True)
        return self._bot_user

    async def get_updates(
        self, offset: int | None = None, limit: int | None = None, timeout: Any = None, *args: Any, **kwargs: Any
    ) -> tuple[Update, ...]:
        """Like the original, except in two cases that would stop polling for good.

        An update that cannot be parsed comes as an empty one with its id, so that it is confirmed and
        does not block all later ones. A rejected token (also 404 from a proxy) is a NetworkError,
        after which the Updater tries again.
        """
        wanted = args[0] if args else kwargs.get("allowed_updates")
        question = {"offset": offset, "limit": limit, "timeout": timeout, "allowed_updates": wanted}
        patience = READ_TIMEOUT + (timeout if isinstance(timeout, int) else 0)
        try:
            found: Any = await self._post("getUpdates", question, read_timeout=patience)
        except TelegramError as error:
            if self._polling_ends:
                return ()
            if isinstance(error, InvalidToken):
                raise NetworkError("token rejected") from None
            raise
        return tuple(self.read(data) for data in found)

    def read(self, data: dict[str, Any]) -> Update:
        """An update from JSON; an empty one when it cannot be parsed.

        Raises:
            ValueError: it is no update at all: there is no update id.
        """
        update_id = data.get("update_id")
        if not isinstance(update_id, int):
            raise ValueError("no update_id")
        try:
            return Update.de_json(complete(data), self)
        except Exception as error:
            logger.error("update %s cannot be parsed: %s", update_id, type(error).__name__)
            return Update(update_id)


def complete(data: dict[str, Any]) -> dict[str, Any]:
    """Fill in what other servers leave out of a button press, python-telegram-bot insists on and falin ignores."""
    if "callback_query" not in data:
        return data
    press = {"chat_instance": "", **data["callback_query"]}
    if "message" in press:
        press["message"] = {"message_id": 0, "date": 0, **press["message"]}
    return {**data, "callback_query": press}
