"""The demo year is made for its own street, in a database nobody uses; anywhere else the command changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.domain.enterprises import Enterprise
from bot.services.unit_of_work import UnitOfWork
from bot.storage.engine import make_engine
from bot.storage.sealing import load_keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.agent_home import run_falin
from tests.builders import make_ledger_entry

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("new") / "home"
    assert run_falin(home, "init", "--demo", "--yes").returncode == 0
    return home


@pytest.fixture
def home(new_home: Path, tmp_path: Path) -> Path:
    """A fresh installation of the demo street."""
    return Path(shutil.copytree(new_home, tmp_path / "home"))


def dump(home: Path) -> list[str]:
    """All that stands in the database."""
    connection = sqlite3.connect(home / "falin.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def refuse(home: Path, says: str) -> None:
    """The command refuses in one sentence, says what to do, and changes nothing."""
    before = dump(home)
    done = run_falin(home, "demo", "year")
    assert done.returncode == 1
    assert says in done.stderr
    assert "falin init --demo --yes" in done.stderr
    assert "Traceback" not in done.stderr
    assert dump(home) == before


def add_client(uow: UnitOfWork) -> None:
    uow.clients.find_or_add("webchat", "a neighbour", NOW)


def add_enterprise(uow: UnitOfWork) -> None:
    uow.enterprises.add(Enterprise(0, "", "巷口小面馆", "baima", "chen", NOW))


def add_entry(uow: UnitOfWork) -> None:
    uow.ledger.add(make_ledger_entry())


@pytest.mark.parametrize(
    ("add", "says"),
    [(add_client, "people in this"), (add_enterprise, "enterprises in this"), (add_entry, "entries of the ledger in this")],
)
def test_invented_data_does_not_go_beside_real_data(home: Path, add: Callable[[UnitOfWork], None], says: str) -> None:
    engine = make_engine(f"sqlite:///{home / 'falin.db'}")
    with SqlUnitOfWork(engine, load_keys(home / "secret.key")) as uow:
        add(uow)
        uow.commit()
    engine.dispose()
    refuse(home, says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("street: 白鹭街道", "street: 青石街道", "serves 青石街道"),
        ("陈律师", "沈律师", "street.yml of 白鹭街道 was changed"),
        ("hejia", "hejiaba", "street.yml of 白鹭街道 was changed"),
    ],
)
def test_a_street_of_somebodys_own_gets_no_invented_year(home: Path, old: str, new: str, says: str) -> None:
    street = home / "street.yml"
    text = street.read_text(encoding="utf-8")
    assert old in text
    street.write_text(text.replace(old, new), encoding="utf-8")
    refuse(home, says)
