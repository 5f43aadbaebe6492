"""Two processes on one database."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from bot.domain.messages import Reply
from bot.services.unit_of_work import UnitOfWork
from bot.storage.engine import make_engine, read_only
from bot.storage.sql_unit_of_work import SqlUnitOfWork
from bot.storage.tables import ledger
from tests.builders import NOW, make_case, make_inbound, make_ledger_entry
from tests.conftest import Database

PATIENCE = 0.3


@pytest.fixture
def other_process(database: Database):
    """Opens units of work through an engine of its own."""
    engine = make_engine(database.engine.url.render_as_string(hide_password=False))
    yield partial(SqlUnitOfWork, engine, database.keys)
    engine.dispose()


def add_client(database: Database, key: str = "1") -> int:
    with database.open_unit() as uow:
        client_id = uow.clients.find_or_add("telegram", key, NOW).id
        uow.commit()
    return client_id


def test_a_second_process_waits_for_the_same_client(database: Database, other_process) -> None:
    client_id, order = add_client(database), []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with other_process() as uow:
            uow.clients.lock(client_id)
            order.append("second")

    with database.open_unit() as uow, ThreadPoolExecutor(1) as pool:
        uow.clients.lock(client_id)
        done = pool.submit(second)
        assert begun.wait(5)
        time.sleep(PATIENCE)
        order.append("first")
        uow.__exit__(None, None, None)
        done.result(10)
    assert order == ["first", "second"]


def test_on_postgresql_another_client_does_not_wait(postgresql_database: Database) -> None:
    first, second = add_client(postgresql_database), add_client(postgresql_database, "2")
    with postgresql_database.open_unit() as uow, postgresql_database.open_unit() as other:
        uow.clients.lock(first)
        other.clients.lock(second)
        other.outbox.add(second, Reply("不用等"), NOW)
        other.commit()
    with postgresql_database.open_unit() as uow:
        assert len(uow.outbox.list_after(second, 0)) == 1
    postgresql_database.engine.dispose()


def test_the_lock_ends_with_the_transaction(database: Database, other_process) -> None:
    client_id = add_client(database)
    with database.open_unit() as uow:
        uow.clients.lock(client_id)
    with other_process() as uow:
        uow.clients.lock(client_id)


def test_a_report_is_read_while_somebody_writes(database: Database) -> None:
    with database.open_unit() as uow:
        uow.ledger.add(make_ledger_entry(key="a"))
        started = time.monotonic()
        with read_only(database.engine).connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one() == 0
        assert time.monotonic() - started < 2


def test_a_reading_unit_does_not_wait_for_a_writer(database: Database) -> None:
    client_id = add_client(database)
    with database.open_unit() as writing:
        writing.outbox.add(client_id, Reply("答"), NOW)
        started = time.monotonic()
        with database.open_unit(read_only=True) as reading:
            assert reading.outbox.list_after(client_id, 0) == []
        assert time.monotonic() - started < 2


def together(opens: list, work) -> list:
    """Does `work` in several units of work at the same moment."""
    barrier = threading.Barrier(len(opens))

    def run(open_unit):
        barrier.wait(5)
        try:
            with open_unit() as uow:
                result = work(uow)
                uow.commit()
            return result
        except sa.exc.IntegrityError:
            return "refused"

    with ThreadPoolExecutor(len(opens)) as pool:
        return list(pool.map(run, opens))


def test_an_update_that_arrives_twice_at_once_is_stored_once(database: Database, other_process) -> None:
    client_id = add_client(database)
    inbound = make_inbound(update_id="7", channel="telegram")

    def store(uow: UnitOfWork) -> int | None:
        return uow.inbox.add(client_id, inbound, NOW)

    stored = together([database.open_unit, other_process] * 2, store)
    assert len([number for number in stored if number is not None]) == 1


def test_a_new_address_that_arrives_twice_at_once_is_one_client(database: Database, other_process) -> None:
    ids = together(
        [database.open_unit, other_process] * 2, lambda uow: uow.clients.find_or_add("telegram", "9", NOW).id
    )
    assert len(set(ids)) == 1


def test_two_cases_opened_at_once_are_one(database: Database, other_process) -> None:
    client_id = add_client(database)

    def open_case(uow: UnitOfWork) -> str:
        uow.cases.add(make_case(client_id))
        return "opened"

    assert sorted(together([database.open_unit, other_process], open_case)) == ["opened", "refused"]


def test_a_reply_is_claimed_by_one_process(database: Database, other_process) -> None:
    for key in "abcdef":
        client_id = add_client(database, key)
        with database.open_unit() as uow:
            uow.outbox.add(client_id, Reply(key), NOW)
            uow.commit()
    until = NOW + timedelta(seconds=60)
    claims = together(
        [database.open_unit, other_process],
        lambda uow: [outgoing.reply.text for outgoing in uow.outbox.claim_due("telegram", NOW, until, 10)],
    )
    assert sorted(text for claim in claims for text in claim) == list("abcdef")


def test_on_postgresql_what_one_process_is_claiming_another_passes_over(postgresql_database: Database) -> None:
    client_id = add_client(postgresql_database)
    with postgresql_database.open_unit() as uow:
        uow.outbox.add(client_id, Reply("答"), NOW)
        uow.commit()

    def claim() -> list:
        with postgresql_database.open_unit() as other:
            return other.outbox.claim_due("telegram", NOW, NOW + timedelta(seconds=60), 10)

    with ThreadPoolExecutor(1) as pool, postgresql_database.open_unit() as uow:
        assert len(uow.outbox.claim_due("telegram", NOW, NOW + timedelta(seconds=60), 10)) == 1
        assert pool.submit(claim).result(5) == []
    postgresql_database.engine.dispose()


def test_an_invitation_used_twice_at_once_works_once(database: Database, other_process) -> None:
    with database.open_unit() as uow:
        uow.members.add_invite("hash", "chen", NOW + timedelta(days=1))
        uow.commit()
    used = together([database.open_unit, other_process], lambda uow: uow.members.use_invite("hash", NOW))
    assert sorted(map(str, used)) == ["None", "chen"]
