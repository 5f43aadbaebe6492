"""Setting up FALIN_HOME: street.yml, secret, database, posters."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.documents.poster import write_posters
from bot.domain.errors import NotReady
from bot.knowledge.street_file import load_street
from bot.settings import PROJECT, Settings
from bot.storage.engine import make_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import load_keys

DEMO_STREET = PROJECT / "bot" / "documents" / "templates" / "demo_street.yml"


@dataclass(frozen=True)
class StreetAnswers:
    """What falin init asks. Args: communities: (id, name); each gets the adviser of the same position, or the last."""

    street: str
    office: str
    phone: str
    hours: str
    communities: Sequence[tuple[str, str]]
    advisers: Sequence[str]


def prepare_home(settings: Settings) -> None:
    """Create the folder.

    Raises:
        NotReady: it cannot be created or written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        settings.models.mkdir(exist_ok=True)
        probe = settings.home / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise NotReady(
            f"{settings.home} cannot be written: {error.strerror}", "set FALIN_HOME to a folder of yours"
        ) from None


def require_free_port(settings: Settings) -> None:
    """Raises NotReady when the server could not listen: better now than after loading the agent."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise NotReady(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}",
                "stop what uses the port, or set FALIN_PORT to another",
            ) from None


def write_street(settings: Settings, answers: StreetAnswers | None) -> bool:
    """Write street.yml, the demo street when there are no answers; False if one stands there already."""
    if settings.street_file.exists():
        return False
    text = DEMO_STREET.read_text(encoding="utf-8") if answers is None else _street_yaml(answers)
    settings.street_file.write_text(text, encoding="utf-8")
    return True


def _street_yaml(answers: StreetAnswers) -> str:
    def quote(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)  # JSON strings are YAML strings

    ids = [f"adviser{number}" for number, _ in enumerate(answers.advisers, 1)]
    lines = [
        f"street: {quote(answers.street)}",
        f"office: {quote(answers.office)}",
        f"phone: {quote(answers.phone)}",
        f"hours: {quote(answers.hours)}",
        "communities:",
    ]
    for position, (community_id, name) in enumerate(answers.communities):
        adviser = ids[min(position, len(ids) - 1)]
        lines.append(f"  - {{id: {community_id}, name: {quote(name)}, adviser: {adviser}}}")
    lines += [
        "advisers:",
        *(f"  - {{id: {i}, name: {quote(n)}}}" for i, n in zip(ids, answers.advisers, strict=True)),
    ]
    lines += ["hotlines:", '  - {number: "12348", name: 公共法律服务热线}', '  - {number: "110", name: 报警}']
    return "\n".join(lines) + "\n"


def set_up(settings: Settings) -> list[Path]:
    """Check street.yml, create the secret, migrate the database, write the posters; safe to repeat.

    Returns:
        The posters.

    Raises:
        ConfigError: street.yml is malformed.  NotReady: the database cannot be opened.
    """
    street = load_street(settings.street_file)
    load_keys(settings.secret_file)
    upgrade(make_engine(settings.database_url))
    folder = settings.home / "posters"
    return write_posters(folder, street, telegram_name=settings.telegram_name, web_url=settings.web_url)
