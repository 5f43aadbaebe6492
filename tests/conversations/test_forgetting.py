"""After “忘记我” nothing personal remains: looked up in every table, and in the bytes of the database."""
from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import NotFound
from bot.storage.message_tables import purge
from bot.storage.tables import (
    aid_applications,
    answers_given,
    case_events,
    case_messages,
    cases,
    clients,
    conversations,
    drafts,
    files,
    inbox,
    ledger,
    mediation_events,
    mediations,
    member_accounts,
    metadata,
    outbox,
)
from tests.agent_home import Falin, Visitor

pytestmark = pytest.mark.agent


def forget(person: Visitor) -> None:
    person.send("忘记我")
    person.press("确认删除")


def test_being_forgotten_leaves_only_pseudonymous_counts(falin: Falin) -> None:
    person, other = falin.visitor(), falin.visitor()
    other.register()
    person.send("老板拖欠工资怎么办")
    person.register()
    person.ask_for_adviser()
    pseudonym = person.row().pseudonym
    assert [row.client_id for row in falin.rows(answers_given)] == [person.client_id]
    forget(person)
    assert falin.rows(answers_given) == [], "which answers somebody was given is personal"
    assert person.state() in (None, {"slots": {}, "active_loop": None})
    assert len(falin.rows(conversations)) <= 2, "one each, at most"
    [case] = falin.rows(cases)
    assert (case.client_id, case.question_sealed) == (None, None)
    assert case.closed_at is not None
    row = person.row()
    assert (row.community, row.kind, row.consented_at, row.session_at) == (None, None, None, None)
    assert [r.content_sealed for r in falin.rows(inbox)] == [None] * len(falin.rows(inbox))
    counted = [r.client for r in falin.rows(ledger)]
    assert counted.count(pseudonym) == 3
    assert pseudonym not in [r.pseudonym for r in falin.rows(clients)], "the ledger must not lead back to the address"


def test_what_was_said_to_an_adviser_is_forgotten_too(falin: Falin) -> None:
    from bot.services.handoff import accept_case
    from bot.services.members import invite_member
    from bot.services.turn import Work

    adviser, person = falin.visitor("telegram"), falin.visitor()
    with falin.open_unit() as uow:
        token = invite_member(uow, falin.library.street, "chen", falin.now())
        uow.commit()
    adviser.send(f"/start member_{token}")
    person.register()
    person.ask_for_adviser()
    with falin.open_unit() as uow:
        accept_case(Work(uow, falin.library, falin.now()), uow.cases.list_open()[0].id, "chen")
        uow.drafts.save(person.client_id, "mediation", {"facts": "秘密"}, falin.now())
        ref = uow.files.add(person.client_id, b"\xff\xd8\xff", falin.now())
        uow.commit()
    person.send("借条在我妈妈那里放着")
    adviser.fetch()
    assert "借条在我妈妈那里放着" in adviser.text
    forget(person)
    assert falin.rows(case_messages) == falin.rows(drafts) == falin.rows(files) == []
    with falin.open_unit(read_only=True) as uow, pytest.raises(NotFound):
        uow.files.read(ref)
    assert [event.detail_sealed for event in falin.rows(case_events)] == [None] * len(falin.rows(case_events))
    adviser.fetch()
    assert "撤回" in adviser.text, "the adviser knows that it is over"


def test_what_was_told_to_a_mediator_is_forgotten_too(falin: Falin) -> None:
    person = falin.visitor()
    person.register()
    person.send("申请调解")
    person.press("邻里纠纷")
    for answer in ("张桂芳", "13800001111", "李强", "不知道", "他家漏水泡坏我家天花板", "赔钱", "3000", "发完了"):
        person.send(answer)
    person.press("提交")
    person.send("申请调解")
    person.press("物业纠纷")
    forget(person)
    [row] = falin.rows(mediations)
    assert (row.client_id, row.content_sealed, row.terms_sealed, row.place_sealed) == (None, None, None, None)
    assert row.withdrawn_at is not None
    assert {event.detail_sealed for event in falin.rows(mediation_events)} == {None}
    assert falin.rows(drafts) == []
    assert falin.ledger()["mediation"] == 1, "it is counted as withdrawn"


def test_an_application_for_legal_aid_is_forgotten_too(falin: Falin) -> None:
    from tests.aid_builders import make_application

    person = falin.visitor()
    person.register()
    with falin.open_unit() as uow:
        uow.aid_applications.add(make_application(person.client_id))
        uow.commit()
    forget(person)
    [row] = falin.rows(aid_applications)
    assert (row.client_id, row.content_sealed) == (None, None)
    assert row.withdrawn_at is not None


def test_the_address_goes_once_the_farewell_has_arrived(falin: Falin) -> None:
    person = falin.visitor()
    person.register()
    forget(person)
    falin.assistant.acknowledge(person.client_id, person.last_id)
    with falin.engine.begin() as connection:
        purge(connection, falin.now() + timedelta(minutes=11))
    assert falin.rows(clients) == []
    assert [row for row in falin.rows(outbox) if row.client_id == person.client_id] == []
    assert falin.ledger() == {"registration": 1}


def test_a_forgotten_adviser_gets_no_more_cards(falin: Falin) -> None:
    from bot.services.members import invite_member

    adviser = falin.visitor("telegram")
    with falin.open_unit() as uow:
        token = invite_member(uow, falin.library.street, "chen", falin.now())
        uow.commit()
    adviser.send(f"/start member_{token}")
    forget(adviser)
    assert falin.rows(member_accounts) == []
    resident = falin.visitor()
    resident.register()
    resident.ask_for_adviser()
    assert "案件 F" not in "\n".join(o.reply.text for o in adviser.fetch())
    assert "案件已登记" in resident.text, "nobody has seen it, and the resident is told to call"


def test_what_people_write_and_where_they_are_is_sealed_in_the_database(falin: Falin) -> None:
    person = falin.visitor()
    person.register()
    person.send("机密词甲：老板拖欠工资怎么办")
    person.ask_for_adviser()
    assert b"question_sealed" in (falin.home / "falin.db").read_bytes(), "the file holds the tables"
    falin.close()
    for file in falin.home.glob("falin.db*"):
        content = file.read_bytes()
        for secret in ("机密词甲", person.key):
            assert secret.encode() not in content, f"{secret} stands in {file.name}"


def test_every_table_is_looked_at_here() -> None:
    """A new table may hold something personal: extend the tests above."""
    known = {
        answers_given, clients, inbox, outbox, conversations, ledger, cases, member_accounts, case_messages,
        case_events, drafts, mediations, mediation_events, aid_applications, files,
    }  # fmt: skip
    # Assignments, appointments, parties (keyed hashes) and copies name a case, which names nobody any more.
    of_cases = {"assignments", "appointments", "case_parties", "case_copies", "aid_events"}
    # The console's tables are about those who serve, not about clients (docs/console.md).
    of_members = {name for name in metadata.tables if name.startswith("console_")}
    public = {"member_invites", "absences", "timers", "law_files", "law_articles", "withdrawals", *of_cases, *of_members}
    public |= {"enterprises", "closed_years", "closed_reports", "tallies", "rollups", "tally_people"}  # of firms and of sums, not of clients
    public |= {"sent_messages"}  # message ids of the platform, gone with the outbox
    public |= {"aid_events"}  # codes and members' ids, no words: they name an application, which names nobody any more
    # Members' log-in, and up to which message they have seen a case.
    public |= {f"console_{name}" for name in ("accounts", "invites", "marks", "recovery_codes", "sessions", "tries")}
    assert {table.name for table in metadata.sorted_tables} - {table.name for table in known} == public
