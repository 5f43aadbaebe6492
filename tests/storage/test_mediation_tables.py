"""Mediations in memory, on SQLite and on PostgreSQL; what is erased when the applicant is forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.domain.errors import NotFound
from bot.domain.mediation import Content, MediationEvent, Terms
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.storage.tables import mediation_events, mediations
from tests.builders import NOW, make_mediation
from tests.conftest import Database

LATER = NOW + timedelta(days=1)
ENDS = (
    {"withdrawn_at": LATER}, {"refused_at": LATER, "refusal": "crime"}, {"respondent_refused_at": LATER},
    {"concluded_at": LATER, "agreed": True}, {"concluded_at": LATER, "agreed": False},
)  # fmt: skip


def add_client(uow: UnitOfWork, key: str = "browser-1") -> int:
    return uow.clients.find_or_add("webchat", key, NOW).id


WHOLE = {
    "respondent_client_id": 0, "consent_asked_at": NOW, "respondent_consented_at": NOW, "accepted_at": NOW,
    "assigned_at": NOW, "due_at": LATER, "session_at": LATER, "session_place": "白马路2号3-1", "concluded_at": LATER,
    "agreed": True, "form": "written", "amount": 378_120_000, "parties": 3, "effective_on": date(2027, 1, 1),
    "agreement": Terms("赔3000元", "当场付清"), "confirmation_wanted": False, "followup_at": LATER,
    "followed_up_at": LATER, "performed": "partly", "token_hash": "h" * 64, "token_expires_at": LATER,
}  # fmt: skip


def test_a_mediation_comes_back_as_it_was_stored(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        stored = uow.mediations.add(make_mediation(add_client(uow), **WHOLE))
        uow.commit()
    with open_unit() as uow:
        assert stored.id
        assert uow.mediations.get(stored.id) == stored
        assert uow.mediations.lock(stored.id) == stored
        assert uow.mediations.find_by_reference(stored.reference) == stored
        assert uow.mediations.find_by_token("h" * 64) == stored


def test_a_bare_mediation_of_nobodys_account_is_stored(uow: UnitOfWork) -> None:
    stored = uow.mediations.add(make_mediation(content=Content(), source="police"))
    assert uow.mediations.get(stored.id) == stored


def test_changes_are_saved(uow: UnitOfWork) -> None:
    mediation = uow.mediations.add(make_mediation(add_client(uow)))
    mediation.session_at, mediation.confirmation_wanted, mediation.session_place = LATER, True, "调解室"
    uow.mediations.save(mediation)
    assert uow.mediations.get(mediation.id) == mediation


def test_what_is_unknown_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        uow.mediations.get(99)
    assert uow.mediations.find_by_reference("M26-XXXX-XX") is None
    assert uow.mediations.find_by_token("x") is None


def test_lists_show_the_open_ones_oldest_first_and_a_clients_newest_first(uow: UnitOfWork) -> None:
    client, other = add_client(uow), add_client(uow, "browser-2")
    first = uow.mediations.add(make_mediation(client))
    second = uow.mediations.add(make_mediation(client, mediator_id=None, respondent_client_id=other))
    ended = [uow.mediations.add(make_mediation(other, **end)) for end in ENDS]
    assert [m.id for m in uow.mediations.list_open()] == [first.id, second.id]
    assert [m.id for m in uow.mediations.list_for_mediator("laozhou")] == [first.id]
    assert [m.id for m in uow.mediations.list_for_client(client)] == [second.id, first.id]
    assert [m.id for m in uow.mediations.list_for_client(other)] == [m.id for m in reversed(ended)]
    assert [m.id for m in uow.mediations.list_for_respondent(other)] == [second.id]
    assert [m.id for m in uow.mediations.list_ended()] == [m.id for m in reversed(ended)]
    assert [m.id for m in uow.mediations.list_ended(1)] == [ended[-1].id]
    assert uow.mediations.count_open_by_mediator() == {"laozhou": 1}


def test_a_persons_mediations_move_to_another_address(uow: UnitOfWork) -> None:
    old, new = add_client(uow), add_client(uow, "browser-2")
    mine = uow.mediations.add(make_mediation(old))
    theirs = uow.mediations.add(make_mediation(respondent_client_id=old))
    uow.mediations.move(old, new)
    assert uow.mediations.get(mine.id).client_id == new
    assert uow.mediations.get(theirs.id).respondent_client_id == new


def test_events_are_kept_in_order(uow: UnitOfWork) -> None:
    mediation = uow.mediations.add(make_mediation(add_client(uow)))
    told = [
        MediationEvent(mediation.id, NOW, "applied", "client"),
        MediationEvent(mediation.id, LATER, "refused", "laozhou", "crime"),
    ]
    for event in told:
        uow.mediations.add_event(event)
    assert uow.mediations.list_events(mediation.id) == told
    assert uow.mediations.list_events(99) == []


def test_a_forgotten_applicant_leaves_figures_only(uow: UnitOfWork) -> None:
    client, other = add_client(uow), add_client(uow, "browser-2")
    going = uow.mediations.add(make_mediation(client, token_hash="t", due_at=LATER, session_place="家里"))
    done = uow.mediations.add(make_mediation(client, **WHOLE))
    foreign = uow.mediations.add(make_mediation(other, respondent_client_id=client))
    uow.mediations.add_event(MediationEvent(going.id, NOW, "applied", "client", "漏水"))
    uow.clients.erase(client, LATER)
    for mediation in (uow.mediations.get(going.id), uow.mediations.get(done.id)):
        assert (mediation.client_id, mediation.content, mediation.agreement) == (0, Content(), Terms())
        assert (mediation.session_place, mediation.token_hash, mediation.due_at) == ("", None, None)
    assert uow.mediations.get(going.id).state == "withdrawn"
    kept = uow.mediations.get(done.id)
    assert (kept.state, kept.amount, kept.parties) == ("agreed", 378_120_000, 3)
    assert [event.detail for event in uow.mediations.list_events(going.id)] == [""]
    assert uow.mediations.get(foreign.id) == foreign.__class__(**{**foreign.__dict__, "respondent_client_id": 0})


def test_nothing_that_was_told_is_readable_in_the_database(database: Database) -> None:
    with database.open_unit() as uow:
        mediation = uow.mediations.add(make_mediation(add_client(uow), **WHOLE))
        uow.mediations.add_event(MediationEvent(mediation.id, NOW, "refused", "laozhou", "漏水"))
        uow.commit()
    with database.engine.connect() as connection:
        rows = [*connection.execute(sa.select(mediations)), *connection.execute(sa.select(mediation_events))]
    raw = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows])
    for words in ("张桂芳", "13800001111", "漏水", "白马路", "file-7", "当场付清"):
        assert words not in raw
        assert repr(words.encode())[2:-1] not in raw
