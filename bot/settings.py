"""Settings: environment variables, read once at entry. docs/operating.md lists them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent


class InvalidSetting(ValueError):
    """A setting has a value it cannot have; the message names it and what would be right."""


@dataclass(frozen=True)
class Settings:
    """All settings.

    Args:
        home: folder of everything falin keeps (FALIN_HOME).
        database_url: SQLite in `home` unless FALIN_DATABASE_URL says otherwise.
        host, port: where the web server listens (FALIN_HOST, FALIN_PORT).
        public_url: address residents reach the web chat at, for posters and links (FALIN_PUBLIC_URL).
        telegram_token: from BotFather; empty: no Telegram (FALIN_TELEGRAM_TOKEN).
        telegram_name: the bot's user name without @, for posters (FALIN_TELEGRAM_NAME).
        telegram_api: base URL of a local Bot API server; empty: Telegram's own (FALIN_TELEGRAM_API).
        telegram_webhook: public https URL of this server; empty: polling (FALIN_TELEGRAM_WEBHOOK).
        telegram_secret: secret that webhook calls must carry (FALIN_TELEGRAM_SECRET).
    """

    home: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    telegram_token: str = ""
    telegram_name: str = ""
    telegram_api: str = ""
    telegram_webhook: str = ""
    telegram_secret: str = ""

    @property
    def street_file(self) -> Path:
        """The street's own file."""
        return self.home / "street.yml"

    @property
    def secret_file(self) -> Path:
        """The secret all keys derive from."""
        return self.home / "secret.key"

    @property
    def models(self) -> Path:
        """Folder of trained models."""
        return self.home / "models"

    @property
    def statute_index(self) -> Path:
        """Folder of the search index of the imported law texts."""
        return self.home / "laws"

    @property
    def files(self) -> Path:
        """Folder of the sealed files that residents sent by the web chat."""
        return self.home / "files"

    @property
    def web_url(self) -> str:
        """Where to click."""
        return (
            self.public_url
            or f"http://{'localhost' if self.host in ('127.0.0.1', '0.0.0.0') else self.host}:{self.port}/"
        )


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read FALIN_* from the environment.

    Raises:
        InvalidSetting: a value that cannot be right.
    """
    env = os.environ if environment is None else environment

    def get(name: str, default: str = "") -> str:
        return env.get(f"FALIN_{name}", "").strip() or default

    home = Path(get("HOME", "var")).expanduser().resolve()
    port = get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise InvalidSetting(f"FALIN_PORT is “{port}”: it must be a number from 1 to 65535")
    for name in ("PUBLIC_URL", "TELEGRAM_API", "TELEGRAM_WEBHOOK"):
        value = get(name)
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise InvalidSetting(f"FALIN_{name} is “{value}”: it must begin with http:// or https://")
    token = get("TELEGRAM_TOKEN")
    if token and ":" not in token:
        raise InvalidSetting("FALIN_TELEGRAM_TOKEN is not a token: it looks like 123456:ABC…")
    if get("TELEGRAM_WEBHOOK") and not get("TELEGRAM_SECRET"):
        raise InvalidSetting("FALIN_TELEGRAM_WEBHOOK needs FALIN_TELEGRAM_SECRET: 16 or more letters and digits")
    if get("TELEGRAM_SECRET") and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", get("TELEGRAM_SECRET")):
        raise InvalidSetting("FALIN_TELEGRAM_SECRET must be 16 to 256 letters, digits, - and _")
    return Settings(
        home=home,
        database_url=get("DATABASE_URL", f"sqlite:///{home / 'falin.db'}"),
        host=get("HOST", "127.0.0.1"),
        port=int(port),
        public_url=get("PUBLIC_URL"),
        telegram_token=token,
        telegram_name=get("TELEGRAM_NAME").lstrip("@"),
        telegram_api=get("TELEGRAM_API").rstrip("/"),
        telegram_webhook=get("TELEGRAM_WEBHOOK").rstrip("/"),
        telegram_secret=get("TELEGRAM_SECRET"),
    )
