"""Files of residents: sealed, found again, erased, swept."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.domain.errors import ConfigError, NoRoom, NotFound
from bot.services.files import MOST_BYTES, keep_file
from bot.services.unit_of_work import UnitOfWorkFactory
from bot.storage import file_store
from bot.storage.file_store import KEPT, UNCLAIMED, FileStore, purge_files
from bot.storage.message_tables import FAREWELL_KEPT, purge
from bot.storage.sealing import Keys
from tests.builders import NOW
from tests.conftest import Database
from tests.fakes import FakeDatabase

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 40


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def open_unit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWorkFactory]:
    if request.param == "memory":
        yield FakeDatabase().open_unit
        return
    database = request.getfixturevalue(f"{request.param}_database")
    yield partial(database.open_unit, files=FileStore(tmp_path / "files", database.keys))
    database.engine.dispose()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", Keys(b"s" * 32))


def add(open_unit: UnitOfWorkFactory, content: bytes = PHOTO, key: str = "b1") -> str:
    return keep_file(open_unit, "webchat", key, content, NOW)


def read(open_unit: UnitOfWorkFactory, ref: str) -> bytes:
    with open_unit(read_only=True) as uow:
        return uow.files.read(ref)


def make_old(folder: Path, age: timedelta = UNCLAIMED) -> None:
    moment = (NOW - age).timestamp()
    for path in folder.iterdir():
        os.utime(path, (moment, moment))


# what every implementation does


def test_a_file_comes_back_as_it_was_sent(open_unit: UnitOfWorkFactory) -> None:
    first, second = add(open_unit), add(open_unit, b"another")
    assert (read(open_unit, first), read(open_unit, second)) == (PHOTO, b"another")


def test_a_file_follows_its_owner_to_another_address_and_is_forgotten_there(open_unit: UnitOfWorkFactory) -> None:
    ref = add(open_unit)
    with open_unit() as uow:
        old, new = uow.clients.find("webchat", "b1"), uow.clients.find_or_add("telegram", "42", NOW).id
        assert old
        uow.clients.move(old, new)
        uow.clients.erase(old, NOW)
        uow.commit()
    assert read(open_unit, ref) == PHOTO
    with open_unit() as uow:
        uow.clients.erase(new, NOW)
        uow.commit()
    with pytest.raises(NotFound):
        read(open_unit, ref)


@pytest.mark.parametrize("ref", ["", "../secret.key", "A" * 24, "x" * 500, "文件"])
def test_what_was_never_kept_is_not_found(open_unit: UnitOfWorkFactory, ref: str) -> None:
    with pytest.raises(NotFound):
        read(open_unit, ref)


def test_a_file_that_was_not_committed_cannot_be_read(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        ref = uow.files.add(uow.clients.find_or_add("webchat", "b1", NOW).id, PHOTO, NOW)
        assert uow.files.read(ref) == PHOTO
    with pytest.raises(NotFound):
        read(open_unit, ref)


def test_an_erased_client_has_no_files_and_others_keep_theirs(open_unit: UnitOfWorkFactory) -> None:
    mine, others = add(open_unit), add(open_unit, key="b2")
    with open_unit() as uow:
        client_id = uow.clients.find("webchat", "b1")
        assert client_id
        uow.clients.erase(client_id, NOW)
        assert uow.files.count_bytes(client_id) == 0
        uow.commit()
    assert read(open_unit, others) == PHOTO
    with pytest.raises(NotFound):
        read(open_unit, mine)


def test_one_client_cannot_fill_the_disk(
    open_unit: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.files.MOST_BYTES", 10)
    add(open_unit, b"x" * 6)
    add(open_unit, b"x" * 4)
    with pytest.raises(NoRoom):
        add(open_unit, b"x")
    add(open_unit, b"x", key="b2")
    assert MOST_BYTES > 10 * 20_000_000


# the folder


def test_nothing_of_a_file_can_be_read_on_the_disk(store: FileStore, tmp_path: Path) -> None:
    ref = store.write(b"secret words" * 100)
    path = tmp_path / "files" / ref
    assert b"secret" not in path.read_bytes()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert [p.name for p in path.parent.iterdir()] == [ref]


def test_a_file_of_another_secret_or_a_damaged_one_is_told_from_a_missing_one(
    store: FileStore, tmp_path: Path
) -> None:
    ref = store.write(PHOTO)
    with pytest.raises(ConfigError):
        FileStore(tmp_path / "files", Keys(b"t" * 32)).read(ref)
    (tmp_path / "files" / ref).write_bytes(b"half")
    with pytest.raises(ConfigError):
        store.read(ref)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_half_written(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(_handle: int) -> None:
        raise OSError(code, "full")

    monkeypatch.setattr(file_store.os, "fsync", full)
    with pytest.raises(NoRoom):
        store.write(PHOTO)
    assert list((tmp_path / "files").iterdir()) == []


def test_the_last_of_the_disk_is_left_to_the_database(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_store, "RESERVE", 10**18)
    with pytest.raises(NoRoom):
        store.write(PHOTO)


def test_another_fault_of_the_disk_is_not_taken_for_a_full_one(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(FileExistsError):
        FileStore(tmp_path / "files", Keys(b"s" * 32)).write(PHOTO)


# the sweep


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> tuple[UnitOfWorkFactory, FileStore, Path]:
    store = FileStore(tmp_path / "files", database.keys)
    return partial(database.open_unit, files=store), store, tmp_path / "files"


def test_the_sweep_takes_old_files_and_leaves_the_others(database: Database, kept: tuple) -> None:
    open_unit, store, folder = kept
    ref = add(open_unit)
    make_old(folder)
    purge_files(database.engine, store, NOW + KEPT)
    assert read(open_unit, ref) == PHOTO
    purge_files(database.engine, store, NOW + KEPT + timedelta(seconds=1))
    assert list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        read(open_unit, ref)


def test_the_sweep_takes_what_belongs_to_nobody_but_not_what_has_just_come(
    database: Database, kept: tuple
) -> None:
    open_unit, store, folder = kept
    claimed = add(open_unit)
    store.write(PHOTO)
    (folder / "cut-off.part").write_bytes(b"half")
    make_old(folder)
    fresh = store.write(PHOTO)  # its row is about to be committed
    purge_files(database.engine, store, NOW)
    assert {path.name for path in folder.iterdir()} == {claimed, fresh}


def test_bytes_of_a_forgotten_client_are_swept(database: Database, kept: tuple) -> None:
    open_unit, store, folder = kept
    add(open_unit)
    with open_unit() as uow:
        uow.clients.erase(uow.clients.find("webchat", "b1"), NOW)
        uow.commit()
    make_old(folder)
    purge_files(database.engine, store, NOW)
    assert list(folder.iterdir()) == []


def test_a_client_who_is_gone_takes_the_files_along(database: Database, kept: tuple) -> None:
    open_unit, store, folder = kept
    with open_unit() as uow:
        client_id = uow.clients.find_or_add("webchat", "b1", NOW).id
        uow.clients.erase(client_id, NOW)
        ref = uow.files.add(client_id, PHOTO, NOW)  # sent while the farewell was on its way
        uow.commit()
    make_old(folder)
    with database.engine.begin() as connection:
        purge(connection, NOW + FAREWELL_KEPT + timedelta(minutes=1))
    purge_files(database.engine, store, NOW)
    assert not (folder / ref).exists()


def test_a_row_without_a_file_is_harmless(database: Database, kept: tuple) -> None:
    open_unit, store, folder = kept
    ref = add(open_unit)
    (folder / ref).unlink()
    with pytest.raises(NotFound):
        read(open_unit, ref)
    purge_files(database.engine, store, NOW)
    folder.rmdir()
    purge_files(database.engine, store, NOW + KEPT)


def test_a_unit_of_work_without_a_folder_keeps_no_files(database: Database) -> None:
    with pytest.raises(RuntimeError, match="without a folder"):
        add(database.open_unit)


def test_turns_go_on_while_a_large_file_is_written(database: Database, kept: tuple) -> None:
    open_unit, store, _ = kept
    turns = []

    def slow(content: bytes) -> str:
        with database.open_unit() as uow:  # on SQLite it would wait for a writer, in vain
            turns.append(uow.clients.find_or_add("webchat", "somebody else", NOW).id)
            uow.commit()
        return FileStore.write(store, content)

    store.write = slow
    assert read(open_unit, add(open_unit)) == PHOTO
    assert len(turns) == 1
