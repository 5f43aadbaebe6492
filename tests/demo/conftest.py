"""The demo year, made once: in a real SQLite database, through the real services."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.bootstrap import load_library
from bot.demo.sizes import Sizes
from bot.demo.year import make_year
from bot.installation import DEMO_STREET
from bot.knowledge.street_file import load_street
from bot.services.turn import Library
from bot.storage.engine import make_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import Keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from tests.agent_home import locked

YEAR = 2022
KEYS = Keys(b"k" * 32)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    path = tmp_path_factory.mktemp("street") / "street.yml"
    path.write_text(DEMO_STREET.read_text(encoding="utf-8"), encoding="utf-8")
    return load_library(load_street(path))


def make(path: Path, library: Library, share: float = 1.0) -> Engine:
    engine = make_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def _be_quick(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

    upgrade(engine)
    sizes = Sizes() if share == 1 else Sizes().scaled(share)
    make_year(partial(SqlUnitOfWork, engine, KEYS), library, YEAR, sizes, lambda done, total: None)  # type: ignore[arg-type]
    return engine


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Engine]:
    """The whole year: half a minute, once for all test processes; each has a copy of its own."""
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo-year.db"
    with locked(made.with_suffix(".lock")):
        if not made.exists():
            fresh = made.with_suffix(".part")
            make(fresh, library).dispose()
            fresh.rename(made)
    engine = make_engine(f"sqlite:///{shutil.copy(made, tmp_path_factory.mktemp('demo') / 'falin.db')}")
    yield engine
    engine.dispose()
