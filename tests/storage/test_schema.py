"""Migrations, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.domain.errors import ConfigError, NotReady
from bot.storage.engine import make_engine, read_only
from bot.storage.migrate import current_revision, newest_revision, require_current, upgrade
from bot.storage.tables import cases, clients, ledger, member_invites, metadata
from tests.builders import NOW, make_case, make_ledger_entry
from tests.conftest import Database

REFUSAL = "append-only"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
    return make()


def test_migrating_from_nothing_gives_the_tables_of_the_code(empty_url: str) -> None:
    engine = make_engine(empty_url)
    assert upgrade(engine) == (None, newest_revision())
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": engine.dialect.name == "postgresql",  # SQLite gives "''" back for ""
            "include_object": lambda _, name, *__: name != "sqlite_sequence",
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.open_unit() as uow:
        uow.ledger.add(make_ledger_entry(key="a"))
        uow.commit()
    assert upgrade(database.engine) == (newest_revision(), newest_revision())
    assert count(database, ledger) == 1


def test_an_older_schema_names_the_command(empty_url: str) -> None:
    engine = make_engine(empty_url)
    assert current_revision(engine) is None
    with pytest.raises(NotReady, match="falin db upgrade"):
        require_current(engine)
    upgrade(engine)
    require_current(engine)
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://a:geheim@b/c", "oracle://x", "postgresql://a:geheim@host:port/x"]
)
def test_a_malformed_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_engine(url)
    assert "geheim" not in str(caught.value)


def test_an_unreachable_database_names_no_password(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="cannot be opened"):
        upgrade(make_engine(f"sqlite:///{tmp_path}/no/folder/falin.db"))
    with pytest.raises(NotReady) as caught:
        upgrade(make_engine(f"postgresql://falin:geheim@/falin?host={tmp_path}"))
    assert "geheim" not in str(caught.value)


def count(database: Database, table: sa.Table) -> int:
    with read_only(database.engine).connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def attempt(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement))


@pytest.fixture
def counted(database: Database) -> Database:
    with database.open_unit() as uow:
        uow.ledger.add(make_ledger_entry(key="a"))
        uow.commit()
    return database


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger SET people = 2", "DELETE FROM ledger", "UPDATE ledger SET reason = 'x' WHERE key = 'a'"],
)
def test_the_ledger_refuses_changes(counted: Database, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=REFUSAL):
        attempt(counted, statement)
    assert count(counted, ledger) == 1


def test_the_ledger_refuses_to_be_emptied(counted: Database) -> None:
    if counted.engine.dialect.name == "sqlite":
        statement = "INSERT OR REPLACE INTO ledger SELECT * FROM ledger"  # SQLite's way of overwriting
    else:
        statement = "TRUNCATE ledger"
    with pytest.raises(sa.exc.DBAPIError, match=REFUSAL):
        attempt(counted, statement)
    assert count(counted, ledger) == 1


def test_a_correction_names_an_entry_that_exists(counted: Database) -> None:
    with counted.open_unit() as uow:
        assert uow.ledger.add(make_ledger_entry(corrects=1, reason="重复登记"))
        uow.commit()
    with counted.open_unit() as uow, pytest.raises(sa.exc.IntegrityError):
        uow.ledger.add(make_ledger_entry(corrects=99))
    assert count(counted, ledger) == 2


def test_a_client_has_one_open_case(database: Database) -> None:
    with database.open_unit() as uow:
        client_id = uow.clients.find_or_add("webchat", "1", NOW).id
        uow.cases.add(make_case(client_id))
        uow.commit()
    with pytest.raises(sa.exc.IntegrityError), database.open_unit() as uow:
        uow.cases.add(make_case(client_id))
    with database.engine.begin() as connection:
        connection.execute(cases.update().values(closed_at=NOW))
    with database.open_unit() as uow:
        uow.cases.add(make_case(client_id))
        uow.commit()
    assert count(database, cases) == 2


def test_a_reference_is_given_once(database: Database) -> None:
    with database.open_unit() as uow:
        ids = [uow.clients.find_or_add("webchat", key, NOW).id for key in "12"]
        uow.cases.add(make_case(ids[0], reference="F26-AAAA-AA"))
        with pytest.raises(sa.exc.IntegrityError):
            uow.cases.add(make_case(ids[1], reference="F26-AAAA-AA"))


def test_a_foreign_key_holds(database: Database) -> None:
    with database.open_unit() as uow, pytest.raises(sa.exc.IntegrityError):
        uow.cases.add(make_case(12_345))


def test_moments_are_stored_in_utc_and_come_back_aware(database: Database) -> None:
    beijing = datetime(2027, 1, 1, 0, 0, 1, 5, timezone(timedelta(hours=8)))
    with database.open_unit() as uow:
        uow.members.add_invite("hash", "chen", beijing)
        uow.commit()
    with database.engine.connect() as connection:
        came_back = connection.execute(sa.select(member_invites.c.expires_at)).scalar_one()
        raw = connection.exec_driver_sql("SELECT CAST(expires_at AS TEXT) FROM member_invites").scalar_one()
    assert came_back == beijing
    assert came_back.utcoffset() == timedelta(0)
    if database.engine.dialect.name == "sqlite":
        assert raw.startswith("2026-12-31 16:00:01.000005")


def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="time zone"), database.open_unit() as uow:
        uow.members.add_invite("hash", "chen", datetime(2026, 1, 1))


def test_the_day_of_an_entry_is_that_of_beijing(database: Database) -> None:
    with database.open_unit() as uow:
        uow.ledger.add(make_ledger_entry(occurred_at=datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)))
        uow.commit()
    with database.engine.connect() as connection:
        assert str(connection.execute(sa.select(ledger.c.day)).scalar_one()) == "2027-01-01"


def test_numbers_of_clients_are_not_given_again(database: Database) -> None:
    with database.open_unit() as uow:
        first = uow.clients.find_or_add("webchat", "1", NOW).id
        uow.commit()
    with database.engine.begin() as connection:
        connection.execute(clients.delete())
    with database.open_unit() as uow:
        assert uow.clients.find_or_add("webchat", "2", NOW).id > first
