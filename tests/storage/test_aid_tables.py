"""Applications for legal aid in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.aid_applications import AidEvent
from bot.domain.errors import NotFound
from bot.domain.legal_aid import AidAnswers
from bot.services.unit_of_work import UnitOfWork
from bot.storage.tables import aid_applications
from tests.aid_builders import make_application, make_photo
from tests.builders import NOW
from tests.conftest import Database

LATER = NOW + timedelta(days=3)


def add_client(uow: UnitOfWork, key: str = "browser-1") -> int:
    return uow.clients.find_or_add("webchat", key, NOW).id


def test_an_application_comes_back_as_it_was_stored(uow: UnitOfWork) -> None:
    stored = uow.aid_applications.add(make_application(add_client(uow), photos=[make_photo(), make_photo("case")]))
    assert stored.id
    assert uow.aid_applications.find_by_reference(stored.reference) == stored
    assert uow.aid_applications.lock(stored.id) == stored
    assert uow.aid_applications.find_by_reference("L26-AAAA-AA") is None


def test_what_has_changed_is_stored(uow: UnitOfWork) -> None:
    application = uow.aid_applications.add(make_application(add_client(uow)))
    application.photos.append(make_photo("case"))
    application.file_complete_at = application.handed_over_at = NOW
    application.decided_at, application.decision, application.note = LATER, "refused", "不在范围"
    uow.aid_applications.save(application)
    assert uow.aid_applications.lock(application.id) == application
    assert application.state == "refused"


def test_an_unknown_application_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        uow.aid_applications.lock(99)


def test_a_client_sees_only_their_own_newest_first(uow: UnitOfWork) -> None:
    client, other = add_client(uow), add_client(uow, "browser-2")
    first = uow.aid_applications.add(make_application(client))
    uow.aid_applications.add(make_application(other))
    second = uow.aid_applications.add(make_application(client))
    assert uow.aid_applications.list_for_client(client) == [second, first]


def test_open_applications_are_listed_urgent_first_then_the_oldest(uow: UnitOfWork) -> None:
    client = add_client(uow)
    oldest, newer, urgent = (
        uow.aid_applications.add(make_application(client, urgent=hurry)) for hurry in (False, False, True)
    )
    decided, withdrawn = (uow.aid_applications.add(make_application(client)) for _ in range(2))
    decided.decided_at, decided.decision = LATER, "granted"
    withdrawn.withdrawn_at = LATER
    uow.aid_applications.save(decided)
    uow.aid_applications.save(withdrawn)
    assert [a.id for a in uow.aid_applications.list_open()] == [urgent.id, oldest.id, newer.id]
    assert [a.id for a in uow.aid_applications.list_ended()] == [withdrawn.id, decided.id]
    assert [a.id for a in uow.aid_applications.list_ended(1)] == [withdrawn.id]


def test_what_happened_is_kept_in_order_and_outlives_being_forgotten(uow: UnitOfWork) -> None:
    client = add_client(uow)
    application, other = (uow.aid_applications.add(make_application(client)) for _ in range(2))
    happened = [AidEvent(application.id, NOW, "applied", "client"), AidEvent(application.id, LATER, "handed_over", "wu")]
    for event in (*happened, AidEvent(other.id, NOW, "applied", "client")):
        uow.aid_applications.add_event(event)
    assert uow.aid_applications.list_events(application.id) == happened
    uow.clients.erase(client, LATER)
    assert uow.aid_applications.list_events(application.id) == happened


def test_applications_move_to_the_same_persons_other_address(uow: UnitOfWork) -> None:
    client, other = add_client(uow), add_client(uow, "browser-2")
    application = uow.aid_applications.add(make_application(client))
    uow.aid_applications.move(client, other)
    assert uow.aid_applications.list_for_client(client) == []
    assert [a.id for a in uow.aid_applications.list_for_client(other)] == [application.id]


def test_being_forgotten_withdraws_what_is_open_and_keeps_nothing_personal(uow: UnitOfWork) -> None:
    client = add_client(uow)
    pending = uow.aid_applications.add(make_application(client))
    done = uow.aid_applications.add(make_application(client))
    done.handed_over_at, done.decided_at, done.decision = NOW, NOW, "granted"
    uow.aid_applications.save(done)
    uow.clients.erase(client, LATER)
    for before, state in ((pending, "withdrawn"), (done, "granted")):
        after = uow.aid_applications.lock(before.id)
        assert after.state == state
        assert (after.client_id, after.name, after.phone, after.other_party, after.facts) == (0, "", "", "", "")
        assert (after.photos, after.answers, after.note) == ([], AidAnswers(), "")
    assert uow.aid_applications.list_for_client(client) == []


def test_what_is_saved_after_being_forgotten_brings_nothing_back(uow: UnitOfWork) -> None:
    client = add_client(uow)
    application = uow.aid_applications.add(make_application(client))
    uow.clients.erase(client, LATER)
    late = uow.aid_applications.lock(application.id)
    late.decided_at, late.decision = LATER, "granted"
    uow.aid_applications.save(late)
    assert uow.aid_applications.lock(application.id).name == ""


def test_nothing_that_was_written_stands_in_plain(database: Database) -> None:
    with database.open_unit() as uow:
        uow.aid_applications.add(make_application(add_client(uow)))
        uow.commit()
    with database.engine.connect() as connection:
        shown = repr([tuple(row) for row in connection.execute(sa.select(aid_applications))])
    for secret in ("王小明", "13800000000", "欠我两万元", "某某建筑公司", "file-", "migrant"):
        assert secret not in shown
