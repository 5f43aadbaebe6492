"""falin doctor: what is there, what is missing, and how to get it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from bot.assistant.training import require_model
from bot.bootstrap import FAQ, load_street_of, open_database
from bot.domain.calendar import beijing_day, utc_now
from bot.domain.errors import FalinError
from bot.installation import prepare_home
from bot.knowledge.entries import load_entries
from bot.knowledge.holidays import knows_year
from bot.reports.closing import list_faults
from bot.settings import Settings
from bot.storage.client_tables import check_keys
from bot.storage.engine import read_only
from bot.storage.sealing import load_keys
from bot.storage.tallies import list_differences

PACKAGES = ("rasa", "python-telegram-bot", "SQLAlchemy", "jieba", "starlette", "uvicorn")


@dataclass(frozen=True)
class Check:
    """One line of the report. Args: ok: None for something optional that is not set up."""

    name: str
    ok: bool | None
    detail: str


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything falin needs, without changing anything but an empty home folder."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    right = sys.version_info[:2] == (3, 10)
    yield Check("Python", right, python if right else f"{python}: Rasa needs 3.10; run make run, which brings it")
    for package in PACKAGES:
        try:
            yield Check(package, True, version(package))
        except PackageNotFoundError:
            yield Check(package, False, "missing; run make run, which installs the locked packages")
    yield _try("home", lambda: _home(settings))
    yield _try("street.yml", lambda: _street(settings))
    if settings.secret_file.exists():
        yield _try("secret.key", lambda: _secret(settings))
    else:
        yield Check("secret.key", False, "missing; run: falin init")
    yield _try("database", lambda: open_database(settings).url.render_as_string(hide_password=True))
    yield _try("figures", lambda: _figures(settings))
    yield _holidays(utc_now())
    yield _try("knowledge", lambda: f"{len(load_entries(FAQ))} entries")
    yield _try("model", lambda: require_model(settings).name)
    if settings.telegram_token:
        how = "webhook" if settings.telegram_webhook else "polling"
        yield Check("Telegram", True, how)
    else:
        yield Check("Telegram", None, "no FALIN_TELEGRAM_TOKEN; web chat and terminal work without it")


def _holidays(now: datetime) -> Check:
    """Promises need the year's holidays; those of the next year are announced in November."""
    day = beijing_day(now)
    missing = [year for year in (day.year, day.year + 1) if not knows_year(year)]
    if not missing:
        return Check("holidays", True, f"{day.year} and {day.year + 1} are arranged")
    years = " and ".join(map(str, missing))
    ok = None if day.year not in missing else False
    return Check("holidays", ok, f"{years} not known yet (announced each November); then run: make lock, make run")


def _figures(settings: Settings) -> str:
    engine = open_database(settings)
    if wrong := list_faults(engine):
        raise FalinError(f"changed since they were closed: {', '.join(map(str, wrong))}", "restore the database from a backup")
    with read_only(engine).connect() as connection:
        if list_differences(connection):
            raise FalinError("the sums are not those of the ledger", "empty the tables tallies and rollups; they are filled again")
    return "closed years are as signed off, sums are those of the ledger"


def _secret(settings: Settings) -> str:
    keys = load_keys(settings.secret_file)
    check_keys(open_database(settings), keys)
    return "fits the database"


def _home(settings: Settings) -> str:
    prepare_home(settings)
    return str(settings.home)


def _street(settings: Settings) -> str:
    street = load_street_of(settings)
    return f"{street.name}, {len(street.communities)} communities"


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except FalinError as error:
        return Check(name, False, str(error).replace("\n", " "))
