"""What is erased when somebody asks, and what goes by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.cases import CaseEvent, CaseMessage
from bot.domain.messages import Reply
from bot.storage.message_tables import (
    CASE_WORDS_KEPT,
    CONVERSATION_KEPT,
    FAREWELL_KEPT,
    KEYS_KEPT,
    WEBCHAT_KEPT,
    purge,
)
from bot.storage.tables import (
    case_events,
    case_messages,
    cases,
    clients,
    conversations,
    inbox,
    ledger,
    metadata,
    outbox,
)
from tests.builders import NOW, make_case, make_inbound, make_ledger_entry
from tests.conftest import Database

MINUTE = timedelta(minutes=1)


def rows(database: Database, table: sa.Table) -> list:
    with database.engine.connect() as connection:
        return connection.execute(sa.select(table)).all()


def purge_at(database: Database, moment) -> None:
    with database.engine.begin() as connection:
        purge(connection, moment)


@pytest.fixture
def forgotten(database: Database) -> int:
    """A client with a history who was erased and has a farewell waiting."""
    with database.open_unit() as uow:
        client = uow.clients.find_or_add("telegram", "42", NOW)
        uow.ledger.add(make_ledger_entry(key="a", client=client.pseudonym))
        uow.cases.add(make_case(client.id))
        uow.conversations.save(client.id, {"slots": {}}, NOW)
        uow.members.add_account("chen", client.id, NOW)
        handled = uow.inbox.add(client.id, make_inbound(update_id="old", channel="telegram"), NOW)
        assert handled
        uow.inbox.mark_handled(handled, NOW)
        farewell_to = uow.inbox.add(client.id, make_inbound(update_id="forget", channel="telegram"), NOW)
        uow.clients.erase(client.id, NOW)
        uow.outbox.add(client.id, Reply("已删除"), NOW, farewell_to)
        assert farewell_to
        uow.inbox.mark_handled(farewell_to, NOW)
        uow.commit()
    return client.id


def test_an_erased_case_is_closed_and_speechless(database: Database, forgotten: int) -> None:
    (case,) = rows(database, cases)
    assert (case.client_id, case.question_sealed) == (None, None)
    assert case.closed_at == NOW
    assert case.matter == "labour"  # what was done still counts


def test_what_was_said_in_a_case_goes_400_days_after_it_was_closed(database: Database) -> None:
    with database.open_unit() as uow:
        client = uow.clients.find_or_add("telegram", "42", NOW)
        case = uow.cases.add(make_case(client.id, closed_at=NOW, outcome="advised"))
        uow.case_files.add_message(CaseMessage(0, case.id, "client", NOW, "只说给律师听"))
        uow.case_files.add_event(CaseEvent(case.id, NOW, "closed", "chen", "advised"))
        uow.commit()
    purge_at(database, NOW + CASE_WORDS_KEPT)
    assert len(rows(database, case_messages)) == 1
    purge_at(database, NOW + CASE_WORDS_KEPT + MINUTE)
    assert rows(database, case_messages) == []
    assert [event.detail_sealed for event in rows(database, case_events)] == [None]
    (case,) = rows(database, cases)
    assert (case.question_sealed, case.outcome, case.matter) == (None, "advised", "labour")


def test_an_erased_client_goes_once_the_farewell_is_delivered(database: Database, forgotten: int) -> None:
    purge_at(database, NOW + 11 * MINUTE)
    assert len(rows(database, clients)) == 1
    with database.open_unit() as uow:
        (farewell,) = uow.outbox.claim_due("telegram", NOW, NOW + MINUTE, 10)
        assert (farewell.client_key, farewell.in_reply_to) == ("42", "forget")
        uow.outbox.mark_delivered(farewell.id, NOW)
        uow.commit()
    purge_at(database, NOW + 9 * MINUTE)
    assert len(rows(database, clients)) == 1
    purge_at(database, NOW + 11 * MINUTE)
    left = {table.name for table in metadata.sorted_tables if rows(database, table)}
    assert left == {"ledger", "cases", "inbox", "rollups"}  # rollups: a number of an entry
    assert [(row.client_id, row.content_sealed) for row in rows(database, inbox)] == [(None, None)] * 2


def test_a_farewell_that_nobody_fetches_does_not_keep_the_address(database: Database, forgotten: int) -> None:
    purge_at(database, NOW + FAREWELL_KEPT + MINUTE)
    assert rows(database, clients) == []
    assert rows(database, outbox) == []


def test_the_ledger_outlives_its_client(database: Database, forgotten: int) -> None:
    purge_at(database, NOW + timedelta(days=400))
    assert [row.key for row in rows(database, ledger)] == ["a"]
    with database.open_unit() as uow:
        assert not uow.ledger.add(make_ledger_entry(key="a"))


def test_whoever_comes_back_in_time_stays_but_as_somebody_new(database: Database, forgotten: int) -> None:
    with database.open_unit() as uow:
        again = uow.clients.find_or_add("telegram", "42", NOW + MINUTE)
        uow.commit()
    (entry,) = rows(database, ledger)
    assert again.id == forgotten
    assert again.pseudonym != entry.client
    purge_at(database, NOW + timedelta(days=30))
    assert len(rows(database, clients)) == 1


def test_idle_conversations_and_old_web_replies_are_forgotten(database: Database) -> None:
    with database.open_unit() as uow:
        client_id = uow.clients.find_or_add("webchat", "1", NOW).id
        uow.conversations.save(client_id, {"slots": {}}, NOW)
        seen, unseen = (uow.outbox.add(client_id, Reply(text), NOW) for text in ("见过", "没见过"))
        uow.outbox.acknowledge(client_id, seen, NOW)
        uow.commit()
    purge_at(database, NOW + WEBCHAT_KEPT)
    assert len(rows(database, conversations)) == 1
    assert [bool(row.reply_sealed) for row in rows(database, outbox)] == [True, True]
    purge_at(database, NOW + max(WEBCHAT_KEPT, CONVERSATION_KEPT) + MINUTE)
    assert rows(database, conversations) == []
    with database.open_unit() as uow:
        assert [outgoing.id for outgoing in uow.outbox.list_after(client_id, 0)] == [unseen]
    assert len(rows(database, clients)) == 1


def test_keys_of_old_updates_and_replies_go_but_never_what_still_waits(database: Database) -> None:
    with database.open_unit() as uow:
        client_id = uow.clients.find_or_add("telegram", "1", NOW).id
        handled = uow.inbox.add(client_id, make_inbound(update_id="handled", channel="telegram"), NOW)
        uow.inbox.add(client_id, make_inbound(update_id="waiting", channel="telegram"), NOW)
        assert handled
        uow.inbox.mark_handled(handled, NOW)
        uow.outbox.mark_delivered(uow.outbox.add(client_id, Reply("到了"), NOW, handled), NOW)
        waiting = uow.outbox.add(client_id, Reply("没到"), NOW, handled)
        uow.commit()
    purge_at(database, NOW + KEYS_KEPT - MINUTE)
    assert (len(rows(database, inbox)), len(rows(database, outbox))) == (2, 2)
    purge_at(database, NOW + KEYS_KEPT + MINUTE)
    assert [row.update_id for row in rows(database, inbox)] == ["waiting"]
    assert [row.id for row in rows(database, outbox)] == [waiting]


def test_what_was_handled_is_not_kept(database: Database) -> None:
    with database.open_unit() as uow:
        client_id = uow.clients.find_or_add("telegram", "1", NOW).id
        inbox_id = uow.inbox.add(client_id, make_inbound(channel="telegram"), NOW)
        assert inbox_id
        uow.inbox.mark_handled(inbox_id, NOW)
        uow.outbox.mark_delivered(uow.outbox.add(client_id, Reply("答"), NOW), NOW)
        uow.commit()
    assert [row.content_sealed for row in rows(database, inbox)] == [None]
    assert [row.reply_sealed for row in rows(database, outbox)] == [None]
