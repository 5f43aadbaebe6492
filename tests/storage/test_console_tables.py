"""Log-in and views of the console, on the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.aid_applications import AidEvent
from bot.domain.cases import Assignment, CaseEvent, CaseMessage
from bot.domain.console import ABSOLUTE, FORGIVEN, ConsoleAccount, ConsoleInvite, ConsoleSession, Tries
from bot.domain.mediation import MediationEvent
from bot.services.unit_of_work import UnitOfWork
from bot.storage.message_tables import purge
from bot.storage.tables import console_accounts, console_invites, console_sessions, console_tries
from tests.aid_builders import make_application
from tests.builders import NOW, make_case, make_mediation
from tests.conftest import Database
from tests.storage.test_repositories import add_client

HOUR = timedelta(hours=1)
ACCOUNT = ConsoleAccount("chen", "$argon2id$…", "JBSWY3DP", NOW, 5)


def test_an_account_comes_back_as_it_was_saved_and_can_be_replaced(uow: UnitOfWork) -> None:
    accounts = uow.console_accounts
    assert accounts.find("chen") is None
    accounts.save(ACCOUNT)
    assert accounts.find("chen") == ACCOUNT
    accounts.save(replace(ACCOUNT, last_step=60_000_000_000))
    assert accounts.find("chen") == replace(ACCOUNT, last_step=60_000_000_000)
    assert accounts.list_joined() == {"chen"}


def test_an_invitation_expires_and_a_second_takes_its_place(uow: UnitOfWork) -> None:
    accounts, invite = uow.console_accounts, ConsoleInvite("chen", "SECRET", NOW + HOUR)
    accounts.add_invite("a", invite)
    assert accounts.find_invite("a", NOW) == invite
    assert accounts.find_invite("a", NOW + HOUR) is None
    accounts.add_invite("b", invite)
    accounts.add_invite("c", replace(invite, member_id="zhou"))
    assert accounts.find_invite("a", NOW) is None
    assert [(i.member_id, i.secret) for i in accounts.list_invites(NOW)] == [("chen", ""), ("zhou", "")]
    assert accounts.list_invites(NOW + HOUR) == []


def test_a_recovery_code_is_used_once_and_only_by_its_owner(uow: UnitOfWork) -> None:
    accounts = uow.console_accounts
    accounts.set_recovery_codes("chen", ["x", "y"])
    assert not accounts.use_recovery_code("zhou", "x")
    assert accounts.use_recovery_code("chen", "x")
    assert not accounts.use_recovery_code("chen", "x")
    assert accounts.count_recovery_codes("chen") == 1
    accounts.set_recovery_codes("chen", ["z"])
    assert not accounts.use_recovery_code("chen", "y")


def test_a_removed_member_leaves_nothing_to_log_in_with(uow: UnitOfWork) -> None:
    accounts = uow.console_accounts
    for member in ("chen", "zhou"):
        accounts.save(replace(ACCOUNT, member_id=member))
        accounts.add_session(f"s-{member}", ConsoleSession(member, NOW, NOW))
        accounts.add_invite(f"i-{member}", ConsoleInvite(member, "S", NOW + HOUR))
        accounts.set_recovery_codes(member, ["x"])
    accounts.remove("chen")
    assert accounts.find("chen") is accounts.find_session("s-chen") is accounts.find_invite("i-chen", NOW) is None
    assert accounts.count_recovery_codes("chen") == 0
    assert accounts.find_session("s-zhou") == ConsoleSession("zhou", NOW, NOW)
    assert accounts.list_joined() == {"zhou"}


def test_sessions_are_touched_and_ended(uow: UnitOfWork) -> None:
    accounts = uow.console_accounts
    for token in "abc":
        accounts.add_session(token, ConsoleSession("chen", NOW, NOW))
    accounts.touch_session("a", NOW + HOUR)
    assert accounts.find_session("a") == ConsoleSession("chen", NOW, NOW + HOUR)
    accounts.end_session("b")
    assert accounts.find_session("b") is None
    accounts.end_sessions("chen")
    assert accounts.find_session("a") is accounts.find_session("c") is None


def test_tries_of_an_account_and_an_address_are_apart(uow: UnitOfWork) -> None:
    accounts, tries = uow.console_accounts, Tries(3, NOW + HOUR, NOW)
    accounts.save_tries("member", "chen", tries)
    assert accounts.find_tries("member", "chen") == tries
    assert accounts.find_tries("address", "chen") is None
    accounts.save_tries("member", "chen", replace(tries, failures=4, blocked_until=None))
    assert accounts.find_tries("member", "chen") == Tries(4, None, NOW)
    accounts.clear_tries("member", "chen")
    assert accounts.find_tries("member", "chen") is None


def say(uow: UnitOfWork, case_id: int, author: str) -> CaseMessage:
    return uow.case_files.add_message(CaseMessage(0, case_id, author, NOW, "话"))


def test_the_revision_changes_with_every_act_but_not_with_a_reading(uow: UnitOfWork) -> None:
    case = uow.cases.add(make_case(add_client(uow)))
    seen = [uow.console.revision()]

    def changed() -> bool:
        seen.append(uow.console.revision())
        return seen[-1] != seen[-2]

    assert not changed()
    uow.case_files.add_event(CaseEvent(case.id, NOW, "opened", "client"))
    assert changed()
    uow.case_files.add_event(CaseEvent(case.id, NOW, "read", "chen"))
    assert not changed()
    message = say(uow, case.id, "client")
    assert changed()
    uow.case_files.save_message(replace(message, edited_at=NOW))
    assert changed()
    uow.cases.add_assignment(Assignment(0, case.id, "chen", "own", NOW))
    assert changed()
    mediation = uow.mediations.add(make_mediation())
    uow.mediations.add_event(MediationEvent(mediation.id, NOW, "applied", "client"))
    assert changed()
    uow.mediations.add_event(MediationEvent(mediation.id, NOW, "read", "laozhou"))
    assert not changed()
    application = uow.aid_applications.add(make_application(add_client(uow)))
    uow.aid_applications.add_event(AidEvent(application.id, NOW, "applied", "client"))
    assert changed()
    uow.aid_applications.add_event(AidEvent(application.id, NOW, "read", "wu"))
    assert not changed()


def test_unread_is_what_the_client_said_since_the_member_looked_or_wrote(uow: UnitOfWork) -> None:
    case = uow.cases.add(make_case(add_client(uow), adviser_id="chen"))
    other = uow.cases.add(make_case(add_client(uow, "browser-2"), adviser_id="zhou"))
    say(uow, other.id, "client")
    assert uow.console.count_unread("chen") == {}
    say(uow, case.id, "client")
    last = say(uow, case.id, "client")
    assert uow.console.count_unread("chen") == {case.id: 2}
    uow.console.mark_seen("chen", case.id, last.id - 1)
    uow.console.mark_seen("chen", case.id, last.id)
    assert uow.console.count_unread("chen") == {}
    say(uow, case.id, "client")
    assert uow.console.count_unread("chen") == {case.id: 1}
    say(uow, case.id, "chen")  # answered on the telephone, where nothing is marked
    assert uow.console.count_unread("chen") == {}
    assert uow.console.count_unread("zhou") == {other.id: 1}


def test_cases_had_are_those_taken_over_once_and_gone_now(uow: UnitOfWork) -> None:
    now_open, passed_on, closed, offered = (
        uow.cases.add(make_case(add_client(uow, key), adviser_id=holder))
        for key, holder in (("1", "chen"), ("2", "zhou"), ("3", "chen"), ("4", "zhou"))
    )
    for case in (now_open, passed_on, closed):
        for _ in range(2):  # taken over, given back, taken over again
            uow.cases.add_assignment(Assignment(0, case.id, "chen", "own", NOW, accepted_at=NOW))
    uow.cases.add_assignment(Assignment(0, offered.id, "chen", "own", NOW))
    uow.cases.save(replace(closed, closed_at=NOW))
    assert uow.console.list_cases_had("chen") == [closed.id, passed_on.id]
    assert uow.console.list_cases_had("chen", 1) == [closed.id]


def test_readings_are_listed_newest_first(uow: UnitOfWork) -> None:
    case = uow.cases.add(make_case(add_client(uow), reference="F26-READ-01"))
    for hours, kind, actor in ((0, "read", "chen"), (1, "assigned", "falin"), (2, "read", "wu")):
        uow.case_files.add_event(CaseEvent(case.id, NOW + hours * HOUR, kind, actor))
    found = uow.console.list_readings(NOW)
    assert [(r.reference, r.member_id, r.at) for r in found] == [
        ("F26-READ-01", "wu", NOW + 2 * HOUR), ("F26-READ-01", "chen", NOW),
    ]  # fmt: skip
    assert [r.member_id for r in uow.console.list_readings(NOW + HOUR)] == ["wu"]
    assert len(uow.console.list_readings(NOW, 1)) == 1


def test_readings_of_mediations_and_applications_stand_among_those_of_cases(uow: UnitOfWork) -> None:
    case = uow.cases.add(make_case(add_client(uow), reference="F26-READ-01"))
    mediation = uow.mediations.add(make_mediation(reference="M26-READ-01"))
    application = uow.aid_applications.add(make_application(add_client(uow, "2"), reference="L26-READ-01"))
    uow.case_files.add_event(CaseEvent(case.id, NOW + HOUR, "read", "chen"))
    for hours, kind in ((2, "read"), (4, "applied")):
        uow.mediations.add_event(MediationEvent(mediation.id, NOW + hours * HOUR, kind, "wu"))
    for hours, kind in ((0, "read"), (3, "read"), (4, "applied")):
        uow.aid_applications.add_event(AidEvent(application.id, NOW + hours * HOUR, kind, "zheng"))
    found = [(r.reference, r.member_id, (r.at - NOW) / HOUR) for r in uow.console.list_readings(NOW)]
    assert found == [
        ("L26-READ-01", "zheng", 3), ("M26-READ-01", "wu", 2), ("F26-READ-01", "chen", 1), ("L26-READ-01", "zheng", 0),
    ]  # fmt: skip
    assert len(uow.console.list_readings(NOW + 2 * HOUR)) == 2
    assert [r.reference for r in uow.console.list_readings(NOW, 1)] == ["L26-READ-01"]


def test_answers_given_are_listed_newest_first(uow: UnitOfWork) -> None:
    client = add_client(uow)
    uow.answers.note_given(client, "labour.unpaid_wages", NOW)
    uow.answers.note_given(client, "lending.interest", NOW + HOUR)
    uow.answers.note_given(add_client(uow, "browser-2"), "tenancy.deposit", NOW)
    assert uow.console.list_answers(client) == [("lending.interest", NOW + HOUR), ("labour.unpaid_wages", NOW)]


def test_nothing_to_log_in_with_stands_there_in_plain(database: Database) -> None:
    with database.open_unit() as uow:
        uow.console_accounts.save(ACCOUNT)
        uow.console_accounts.add_invite("a", ConsoleInvite("chen", "JBSWY3DP", NOW + HOUR))
        uow.console_accounts.save_tries("address", "203.0.113.9", Tries(1, None, NOW))
        uow.commit()
    with database.engine.connect() as connection:
        for table in (console_accounts, console_invites, console_tries):
            rows = repr(connection.execute(sa.select(table)).all())
            assert "JBSWY3DP" not in rows
            assert "203.0.113.9" not in rows


@pytest.mark.parametrize(("table", "over"), [
    (console_sessions, ABSOLUTE), (console_invites, HOUR), (console_tries, FORGIVEN),
])  # fmt: skip
def test_what_is_over_is_purged(database: Database, table: sa.Table, over: timedelta) -> None:
    with database.open_unit() as uow:
        uow.console_accounts.add_session("s", ConsoleSession("chen", NOW, NOW))
        uow.console_accounts.add_invite("a", ConsoleInvite("chen", "S", NOW + HOUR))
        uow.console_accounts.save_tries("address", "x", Tries(1, None, NOW))
        uow.commit()
    for moment, left in ((NOW + over - timedelta(seconds=1), 1), (NOW + over + timedelta(seconds=1), 0)):
        with database.engine.begin() as connection:
            purge(connection, moment)
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == left
