"""The database engine: one way to open SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from bot.domain.errors import ConfigError, NotReady

BUSY_TIMEOUT_MS = 15_000
READ_ONLY = "falin_read_only"


def make_engine(url: str) -> Engine:
    """An engine for a SQLite or PostgreSQL URL.

    SQLite: WAL, full sync, foreign keys on; every transaction takes the write lock at its start
    (BEGIN IMMEDIATE), so that a read followed by a write cannot fail half way. Connections with
    the execution option READ_ONLY begin plainly and never wait for a writer.

    Raises:
        ConfigError: the URL is malformed or names another database.
    """
    try:
        parsed = make_url(url)
        dialect = parsed.get_dialect().name
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise ConfigError(
            f"FALIN_DATABASE_URL is not a database URL ({type(error).__name__})",
            "use sqlite:////absolute/path.db or postgresql://user:password@host/name",
        ) from None
    if dialect == "sqlite":
        return _sqlite(url)
    if dialect == "postgresql":
        return sa.create_engine(url, future=True, pool_pre_ping=True, pool_size=4)
    raise ConfigError(f"{dialect} is not supported", "use SQLite or PostgreSQL")


def _sqlite(url: str) -> Engine:
    engine = sa.create_engine(url, future=True, poolclass=QueuePool, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE would slip past the ledger's triggers
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def read_only(engine: Engine) -> Engine:
    """The same engine for reports: its transactions only read, all of it from one moment, whoever writes meanwhile."""
    moment = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
    return engine.execution_options(**{READ_ONLY: True}, **moment)


def check_connection(engine: Engine) -> None:
    """Raises NotReady when the database cannot be reached, naming the remedy but no password."""
    try:
        with read_only(engine).connect() as connection:
            connection.execute(sa.text("select 1"))
    except sa.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise NotReady(
            f"the database {engine.url.render_as_string(hide_password=True)} cannot be opened: {cause}",
            "check FALIN_DATABASE_URL, that the server runs and that the folder exists and is writable",
        ) from None
