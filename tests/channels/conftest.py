"""Fixtures of the channel tests."""
from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.channels.telegram import runner
from bot.storage.engine import make_engine
from bot.storage.migrate import upgrade
from tests.botapi import BotApi
from tests.channels.process import Falin

NewFalin = Callable[..., Falin]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("schema") / "falin.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as running:
        yield running


@pytest.fixture
def new_falin(
    api: BotApi, tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> NewFalin:
    """Makes processes that share one database."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(runner, "FIRST_PAUSE", 0.05)
    shutil.copy(empty_database, tmp_path / "falin.db")
    return lambda **settings: Falin(tmp_path, api, **settings)
