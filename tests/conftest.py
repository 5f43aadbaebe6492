"""Fixtures that many tests need: a database of each kind, freshly migrated."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
import pytest
from sqlalchemy.engine import Engine

from bot.services.unit_of_work import UnitOfWorkFactory
from bot.storage.engine import make_engine
from bot.storage.migrate import upgrade
from bot.storage.sealing import Keys
from bot.storage.sql_unit_of_work import SqlUnitOfWork

_numbers = count(1)
MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # far more than all tests leave behind, and the reserve that falin keeps free on its disk


def _folder_in_memory() -> str | None:
    """A folder in memory, where no database waits for a disk; None where there is none or too little room."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return str(MEMORY) if roomy else None


def pytest_configure() -> None:
    if folder := _folder_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)  # pytest's own word for where tmp_path lies


# What the server writes need not outlive it.
CARELESS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0"


@pytest.fixture(scope="session", autouse=True)
def _model(request: pytest.FixtureRequest) -> Iterator[None]:
    """The first of the processes begins to train, if a test of this run needs the agent."""
    wanted = any(item.get_closest_marker("agent") for item in request.session.items)
    if wanted and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        from tests.agent_home import training_ahead

        with training_ahead():
            yield
    else:
        yield


class Database(NamedTuple):
    """A migrated, empty database."""

    engine: Engine
    keys: Keys
    open_unit: UnitOfWorkFactory


def open_database(url: str, secret: bytes = b"s" * 32) -> Database:
    engine, keys = make_engine(url), Keys(secret)
    return Database(engine, keys, partial(SqlUnitOfWork, engine, keys))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each test runs on SQLite and on PostgreSQL."""
    opened: Database = request.getfixturevalue(f"{request.param}_database")
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "falin.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Database:
    shutil.copy(sqlite_template, tmp_path / "falin.db")
    return open_database(f"sqlite:///{tmp_path / 'falin.db'}")


@pytest.fixture
def postgresql_database(new_postgres_url: Callable[..., str], postgres_template: str) -> Database:
    return open_database(new_postgres_url(postgres_template))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL server that listens on a socket in a folder of its own, so no port can be taken."""
    folder = _find_postgres()
    home = Path(tempfile.mkdtemp(prefix="falin-pg-", dir=_folder_in_memory()))
    run = partial(_run_unprivileged, home)
    try:
        data, options = str(home / "data"), f"-c listen_addresses= -c unix_socket_directories={home} {CARELESS}"
        run(
            [f"{folder}/initdb", "-D", data, "-U", "falin", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        )
        run([f"{folder}/pg_ctl", "-D", data, "-l", str(home / "log"), "-o", options, "-w", "start"])
        try:
            yield f"postgresql://falin@/postgres?host={home}"
        finally:
            run([f"{folder}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Any]:
    """One connection for all that makes and drops databases."""
    with closing(psycopg2.connect(postgres_url)) as connection:
        connection.autocommit = True
        yield connection


@pytest.fixture
def new_postgres_url(postgres_url: str, postgres: Any) -> Iterator[Callable[..., str]]:
    """Makes empty databases, or copies of a template, and drops them after the test."""
    made: list[str] = []
    # A template is copied fastest file by file, which must be asked for since PostgreSQL 15.
    how = "STRATEGY FILE_COPY" if postgres.server_version >= 150000 else ""

    def make(template: str = "template1") -> str:
        made.append(f"test_{next(_numbers)}")
        postgres.cursor().execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template} {how}")
        return postgres_url.replace("/postgres?", f"/{made[-1]}?")

    yield make
    for name in made:
        postgres.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, postgres: Any) -> str:
    """The name of a migrated database to copy."""
    postgres.cursor().execute("CREATE DATABASE falin_template")
    engine = make_engine(postgres_url.replace("/postgres?", "/falin_template?"))
    upgrade(engine)
    engine.dispose()
    return "falin_template"


def _find_postgres() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb") or (installed[-1] if installed else None)
    if found:
        return Path(found).resolve().parent
    advice = "PostgreSQL's initdb is missing; install it, e.g. apt install postgresql"
    if os.environ.get("CI"):
        pytest.fail(advice)
    pytest.skip(advice)


def _run_unprivileged(home: Path, command: list[str]) -> None:
    """PostgreSQL refuses to run as root: then it runs as a user without rights, who owns `home`."""
    options: dict[str, Any] = {}
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(home, user.pw_uid, user.pw_gid)
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with (home / "output").open("w") as output:  # a file, not a pipe: the server inherits it and keeps it open
        done = subprocess.run(command, cwd=home, stdout=output, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {(home / 'output').read_text()}")
