"""Bring a database to the present schema with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from bot.domain.errors import NotReady
from bot.storage.engine import check_connection, read_only

MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def upgrade(engine: Engine) -> tuple[str | None, str | None]:
    """Run the migrations that are missing; safe to repeat.

    Returns:
        Revision before and after.

    Raises:
        NotReady: the database cannot be opened.
    """
    check_connection(engine)
    before = current_revision(engine)
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, current_revision(engine)


def current_revision(engine: Engine) -> str | None:
    """The revision the database has, None when it is empty."""
    with read_only(engine).connect() as connection:
        revision: str | None = MigrationContext.configure(connection).get_current_revision()
        return revision


def newest_revision() -> str | None:
    """The revision this version of falin needs."""
    head: str | None = ScriptDirectory.from_config(_config()).get_current_head()
    return head


def require_current(engine: Engine) -> None:
    """Raises NotReady unless the database has the newest schema."""
    check_connection(engine)
    if current_revision(engine) != newest_revision():
        raise NotReady("the database has an older schema", "run: falin db upgrade")
