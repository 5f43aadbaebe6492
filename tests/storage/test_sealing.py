"""What stands in the database in plain, and who can read the rest."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.domain.errors import ConfigError
from bot.domain.messages import Reply
from bot.storage.client_tables import check_keys
from bot.storage.sealing import Keys, load_keys, new_pseudonym
from bot.storage.tables import metadata
from tests.builders import NOW, make_case, make_inbound, make_ledger_entry
from tests.conftest import Database, open_database

SECRETS = ("13800138000", "老板打我", "答案给您", "案子的话", "槽位的话", "sigintent:menu")


def fill(database: Database) -> int:
    with database.open_unit() as uow:
        client = uow.clients.find_or_add("telegram", SECRETS[0], NOW)
        uow.inbox.add(client.id, make_inbound(SECRETS[1], client_key=SECRETS[0], channel="telegram"), NOW)
        uow.inbox.add(client.id, make_inbound(None, choice=SECRETS[5], channel="telegram"), NOW)
        uow.outbox.add(client.id, Reply(SECRETS[2]), NOW)
        uow.cases.add(make_case(client.id, question=SECRETS[3]))
        uow.conversations.save(client.id, {"slots": {"last_question": SECRETS[4]}}, NOW)
        uow.ledger.add(make_ledger_entry(key="a", client=client.pseudonym))
        uow.commit()
    return client.id


def dump(engine: sa.engine.Engine) -> bytes:
    """All columns of all tables."""
    with engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    assert len(rows) > 5
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)


def test_no_column_shows_who_wrote_or_what(database: Database) -> None:
    fill(database)
    contents = dump(database.engine)
    assert b"webchat" in contents  # the dump does see what is plain
    assert [secret for secret in SECRETS if secret.encode() in contents] == []
    assert [secret for secret in SECRETS if secret.encode("unicode_escape") in contents] == []


def test_no_file_of_the_database_shows_who_wrote_or_what(sqlite_database: Database, tmp_path: Path) -> None:
    fill(sqlite_database)
    contents = b"".join(path.read_bytes() for path in tmp_path.glob("falin.db*"))
    assert b"bot_consultation" in contents
    assert [secret for secret in SECRETS if secret.encode() in contents] == []


def test_another_secret_reads_nothing(database: Database) -> None:
    client_id = fill(database)
    stranger = open_database(database.engine.url.render_as_string(hide_password=False), b"t" * 32)
    for read in (
        lambda uow: uow.clients.get(client_id),
        lambda uow: uow.inbox.next_unhandled(client_id),
        lambda uow: uow.outbox.list_after(client_id, 0),
        lambda uow: uow.cases.list_for_client(client_id),
        lambda uow: uow.conversations.find(client_id),
    ):
        with pytest.raises(ConfigError, match="another secret"), stranger.open_unit() as uow:
            read(uow)
    stranger.engine.dispose()


def test_what_was_tampered_with_is_refused() -> None:
    keys = Keys(b"s" * 32)
    sealed = bytearray(keys.seal("工资"))
    sealed[20] ^= 1
    with pytest.raises(ConfigError):
        keys.open(bytes(sealed))


def test_every_purpose_has_a_key_of_its_own() -> None:
    keys = Keys(b"s" * 32)
    assert len({keys.derive(purpose) for purpose in ("seal", "buttons", "client_key")}) == 3
    assert keys.hash("a", "42") != keys.hash("b", "42")
    assert Keys(b"t" * 32).hash("a", "42") != keys.hash("a", "42")
    assert keys.seal("工资") != keys.seal("工资")


def test_pseudonyms_cannot_be_computed_from_anything() -> None:
    assert len({new_pseudonym() for _ in range(1_000)}) == 1_000


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    first = load_keys(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert load_keys(path).open(first.seal("工资")) == "工资"
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("text", ["", "abcd", "x" * 64])
def test_a_damaged_secret_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(text)
    with pytest.raises(ConfigError, match="64 hexadecimal digits"):
        load_keys(path)
    assert path.read_text() == text


def test_database_of_another_secret_is_refused_at_the_start(database: Database, tmp_path: Path) -> None:
    check_keys(database.engine, load_keys(tmp_path / "another.key"))  # nothing sealed yet
    fill(database)
    check_keys(database.engine, database.keys)
    with pytest.raises(ConfigError, match="another secret"):
        check_keys(database.engine, load_keys(tmp_path / "another.key"))
