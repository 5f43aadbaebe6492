"""What every implementation of the ports does: the fake in memory, SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from bot.domain.buttons import SIGNATURE
from bot.domain.cases import Case
from bot.domain.errors import NotFound
from bot.domain.messages import Attachment, Button, Inbound, Reply
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.builders import NOW, make_case, make_inbound, make_ledger_entry

CLAIM = timedelta(seconds=60)
WHOLE = Reply(
    "答\n{复} 👍", ((Button("甲", "intent:menu"), Button("拨打", url="tel:110")), (Button("乙", "entry:a.b"),)),
    Attachment("telegram", "file-7", "photo", "借条.jpg", "image/jpeg", 12_345, "借条在此"),
)


def add_client(uow: UnitOfWork, key: str = "browser-1", channel: str = "webchat") -> int:
    return uow.clients.find_or_add(channel, key, NOW).id


def texts(replies: list) -> list[str]:
    return [outgoing.reply.text for outgoing in replies]


# the unit of work


def test_what_was_not_committed_never_happened(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        client_id = add_client(uow)
        uow.commit()
    with open_unit() as uow:
        uow.ledger.add(make_ledger_entry(key="a"))
        uow.outbox.add(client_id, Reply("答"), NOW)
        uow.inbox.add(client_id, make_inbound(update_id="u"), NOW)
        uow.cases.add(make_case(client_id))
        uow.conversations.save(client_id, {"slots": {}}, NOW)
    with open_unit() as uow:
        assert uow.ledger.add(make_ledger_entry(key="a"))
        assert uow.outbox.list_after(client_id, 0) == []
        assert uow.inbox.next_unhandled(client_id) is None
        assert uow.cases.list_for_client(client_id) == []
        assert uow.conversations.find(client_id) is None


def test_an_error_rolls_back(open_unit: UnitOfWorkFactory) -> None:
    def fail() -> None:
        with open_unit() as uow:
            uow.ledger.add(make_ledger_entry(key="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with open_unit() as uow:
        assert uow.ledger.add(make_ledger_entry(key="a"))


def test_a_reading_unit_sees_what_was_committed(open_unit: UnitOfWorkFactory) -> None:
    with open_unit() as uow:
        client_id = add_client(uow)
        uow.commit()
    with open_unit(read_only=True) as uow:
        assert uow.clients.find("webchat", "browser-1") == client_id


# clients


def test_an_address_is_one_client_per_channel(uow: UnitOfWork) -> None:
    first = uow.clients.find_or_add("webchat", "42", NOW)
    assert uow.clients.find_or_add("webchat", "42", NOW) == first
    others = [uow.clients.find_or_add("telegram", "42", NOW), uow.clients.find_or_add("webchat", "43", NOW)]
    assert len({first.id, *(other.id for other in others)}) == 3
    assert len({first.pseudonym, *(other.pseudonym for other in others)}) == 3
    assert (first.channel, first.key, first.registered, first.session) == ("webchat", "42", False, 0)


def test_looking_for_an_address_adds_nobody(uow: UnitOfWork) -> None:
    assert uow.clients.find("webchat", "42") is None
    assert uow.clients.find("webchat", "42") is None
    client_id = add_client(uow, "42")
    assert uow.clients.find("webchat", "42") == client_id
    assert uow.clients.find("telegram", "42") is None


def test_a_client_is_saved(uow: UnitOfWork) -> None:
    client = uow.clients.find_or_add("webchat", "42", NOW)
    client.community, client.kind, client.consented_at = "baima", "enterprise", NOW
    client.session, client.session_at = 3, NOW
    uow.clients.save(client)
    assert uow.clients.get(client.id) == client


def test_an_unknown_client_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        uow.clients.get(999)


def test_locking_a_client_twice_in_one_transaction_does_no_harm(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    uow.clients.lock(client_id)
    uow.clients.lock(client_id)


# inbox


@pytest.mark.parametrize(
    "inbound",
    [
        Inbound("webchat", "u1", "browser-1", NOW, text="老板 \n不发工资👍", edited=True),
        Inbound("webchat", "u1", "browser-1", NOW, choice="sigentry:a.b"),
        Inbound(
            "webchat", "u1", "browser-1", datetime(2026, 12, 31, 23, 59, 59, 999_999, timezone.utc), file="voice"
        ),
    ],
)
def test_an_update_comes_back_as_it_was_stored(uow: UnitOfWork, inbound: Inbound) -> None:
    client_id = add_client(uow)
    inbox_id = uow.inbox.add(client_id, inbound, NOW)
    assert uow.inbox.next_unhandled(client_id) == (inbox_id, inbound)


def test_an_update_is_stored_once_per_channel_and_id(uow: UnitOfWork) -> None:
    web, telegram = add_client(uow), add_client(uow, channel="telegram")
    assert uow.inbox.add(web, make_inbound("一", update_id="7"), NOW)
    assert uow.inbox.add(web, make_inbound("二", update_id="7"), NOW) is None
    assert uow.inbox.add(telegram, make_inbound("三", update_id="7", channel="telegram"), NOW)
    found = uow.inbox.next_unhandled(web)
    assert found
    assert found[1].text == "一"


def test_a_repeat_after_the_answer_is_still_known(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    inbox_id = uow.inbox.add(client_id, make_inbound(update_id="7"), NOW)
    assert inbox_id
    uow.inbox.mark_handled(inbox_id, NOW)
    assert uow.inbox.add(client_id, make_inbound(update_id="7"), NOW) is None
    assert uow.inbox.next_unhandled(client_id) is None


def test_messages_wait_in_order(uow: UnitOfWork) -> None:
    client_id, other = add_client(uow), add_client(uow, "browser-2")
    for text in ("一", "二"):
        uow.inbox.add(client_id, make_inbound(text), NOW)
    assert uow.inbox.list_waiting_clients() == [client_id]
    for text in ("一", "二"):
        found = uow.inbox.next_unhandled(client_id)
        assert found
        assert found[1].text == text
        uow.inbox.mark_handled(found[0], NOW)
    assert uow.inbox.list_waiting_clients() == []
    assert uow.inbox.next_unhandled(other) is None


def test_attempts_are_counted_for_the_oldest_message(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    assert uow.inbox.count_attempt(client_id) == 0
    first = uow.inbox.add(client_id, make_inbound("一"), NOW)
    uow.inbox.add(client_id, make_inbound("二"), NOW)
    assert [uow.inbox.count_attempt(client_id) for _ in range(3)] == [1, 2, 3]
    assert first
    uow.inbox.mark_handled(first, NOW)
    assert uow.inbox.count_attempt(client_id) == 1


# outbox


def test_a_reply_comes_back_as_it_was_queued(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    inbox_id = uow.inbox.add(client_id, make_inbound(update_id="u9"), NOW)
    uow.outbox.add(client_id, WHOLE, NOW, inbox_id)
    uow.outbox.add(client_id, Reply("又"), NOW)
    first, second = uow.outbox.list_after(client_id, 0)
    unsigned = first.reply.with_payloads(lambda payload: payload[SIGNATURE:])
    assert (unsigned, first.in_reply_to, first.channel, first.client_key) == (
        WHOLE,
        "u9",
        "webchat",
        "browser-1",
    )
    assert (second.reply, second.in_reply_to, second.attempts) == (Reply("又"), "", 0)
    assert second.id > first.id


def test_a_reply_knows_which_delivered_message_it_replaces(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    first = uow.outbox.add(client_id, Reply("原话"), NOW)
    uow.outbox.mark_delivered(first, NOW, ("501", "502"))
    uow.outbox.add(client_id, Reply("改过的话", replaces=first), NOW)
    [edit] = uow.outbox.list_after(client_id, first)
    assert (edit.reply.replaces, edit.replaces_message) == (first, "501")


def test_a_reply_can_be_replaced_again_wherever_it_stands_now(uow: UnitOfWork) -> None:
    client_id = add_client(uow, "7", "telegram")
    first = uow.outbox.add(client_id, Reply("原话"), NOW)
    uow.outbox.mark_delivered(first, NOW, ["9", "10", "11"])
    for before, after in ((("9", "10", "11"), ["9", "10", "11"]), (("9", "10", "11"), ["15"]), (("15",), ["15"])):
        edit = uow.outbox.add(client_id, Reply("改", replaces=first), NOW)
        [outgoing] = uow.outbox.claim_due("telegram", NOW, NOW, 1)
        assert outgoing.replaces_messages == before
        uow.outbox.mark_delivered(edit, NOW, after)


def test_a_button_that_no_platform_carries_is_not_queued(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    with pytest.raises(ValueError, match="too long"):
        uow.outbox.add(client_id, Reply("答", ((Button("甲", "x" * 55),),)), NOW)


def test_only_what_a_client_may_not_have_seen_is_listed(uow: UnitOfWork) -> None:
    client_id, other = add_client(uow), add_client(uow, "browser-2")
    ids = [uow.outbox.add(client_id, Reply(text), NOW) for text in "一二三"]
    uow.outbox.add(other, Reply("别人的"), NOW)
    assert texts(uow.outbox.list_after(client_id, ids[0])) == ["二", "三"]
    uow.outbox.acknowledge(client_id, ids[1], NOW)
    assert texts(uow.outbox.list_after(client_id, 0)) == ["一", "二", "三"]  # a browser may reload
    assert texts(uow.outbox.claim_due("webchat", NOW, NOW + CLAIM, 10)) == ["三", "别人的"]


def test_news_name_each_client_once_with_the_newest_reply(uow: UnitOfWork) -> None:
    first, second = add_client(uow), add_client(uow, "browser-2")
    old = uow.outbox.add(first, Reply("旧"), NOW)
    assert uow.outbox.list_clients_after(0) == {first: old}
    middle = uow.outbox.add(second, Reply("乙"), NOW)
    newest = uow.outbox.add(first, Reply("新"), NOW)
    assert uow.outbox.list_clients_after(old) == {second: middle, first: newest}
    assert uow.outbox.list_clients_after(newest) == {}


def test_the_first_reply_holds_up_only_its_own_client(uow: UnitOfWork) -> None:
    first, second = add_client(uow, "1", "telegram"), add_client(uow, "2", "telegram")
    for client_id, text in ((first, "甲一"), (first, "甲二"), (second, "乙一"), (second, "乙二")):
        uow.outbox.add(client_id, Reply(text), NOW)
    blocked, open_ = uow.outbox.claim_due("telegram", NOW, NOW + CLAIM, 10)
    assert texts([blocked, open_]) == ["甲一", "乙一"]
    uow.outbox.postpone(blocked.id, NOW + timedelta(hours=1))
    uow.outbox.mark_delivered(open_.id, NOW)
    soon = NOW + timedelta(minutes=30)
    assert texts(uow.outbox.claim_due("telegram", soon, soon + CLAIM, 10)) == ["乙二"]
    later = NOW + timedelta(hours=1)
    (again,) = uow.outbox.claim_due("telegram", later, later + CLAIM, 1)
    assert (again.reply.text, again.attempts) == ("甲一", 1)
    uow.outbox.give_up(again.id, "blocked" * 50, later)
    assert "甲二" in texts(uow.outbox.claim_due("telegram", later, later + CLAIM, 10))


def test_what_is_claimed_is_not_claimed_again_until_the_claim_expires(uow: UnitOfWork) -> None:
    uow.outbox.add(add_client(uow, "1", "telegram"), Reply("一"), NOW)
    assert len(uow.outbox.claim_due("telegram", NOW, NOW + CLAIM, 10)) == 1
    assert uow.outbox.claim_due("telegram", NOW + CLAIM - timedelta(seconds=1), NOW + 2 * CLAIM, 10) == []
    (again,) = uow.outbox.claim_due("telegram", NOW + CLAIM, NOW + 2 * CLAIM, 10)
    assert again.attempts == 1


def test_a_channel_takes_only_its_own_and_only_so_many(uow: UnitOfWork) -> None:
    for key in "abc":
        uow.outbox.add(add_client(uow, key, "telegram"), Reply(key), NOW)
    uow.outbox.add(add_client(uow), Reply("web"), NOW)
    assert texts(uow.outbox.claim_due("telegram", NOW, NOW + CLAIM, 2)) == ["a", "b"]
    assert texts(uow.outbox.claim_due("webchat", NOW, NOW + CLAIM, 10)) == ["web"]


def test_a_delivered_reply_is_gone(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    delivered, failed = (uow.outbox.add(client_id, Reply(text), NOW) for text in "一二")
    uow.outbox.mark_delivered(delivered, NOW)
    uow.outbox.give_up(failed, "blocked", NOW)
    assert uow.outbox.list_after(client_id, 0) == []
    assert uow.outbox.claim_due("webchat", NOW, NOW + CLAIM, 10) == []


# conversations, ledger


def test_a_conversation_is_replaced_and_forgotten(uow: UnitOfWork) -> None:
    client_id = add_client(uow)
    for state in ({"slots": {"last_question": "工资"}, "active_loop": "form"}, {"slots": {}, "active_loop": None}):
        uow.conversations.save(client_id, state, NOW)
        assert uow.conversations.find(client_id) == state
    uow.conversations.clear(client_id)
    assert uow.conversations.find(client_id) is None


def test_an_entry_is_counted_once(uow: UnitOfWork) -> None:
    assert uow.ledger.add(make_ledger_entry(key="a"))
    assert not uow.ledger.add(make_ledger_entry(key="a", matter="lending"))
    assert uow.ledger.add(make_ledger_entry(key="b"))


# cases and advisers


def test_cases_are_listed_newest_first(uow: UnitOfWork) -> None:
    client_id, other = add_client(uow), add_client(uow, "browser-2")
    case = uow.cases.add(make_case(client_id))
    uow.cases.add(make_case(other))
    assert case.id > 0
    assert uow.cases.list_for_client(client_id) == [case]
    assert uow.cases.find_open(client_id) == case
    assert uow.cases.find_open(999) is None


def test_a_place_in_the_queue_counts_what_the_same_adviser_takes_first(uow: UnitOfWork) -> None:
    def add(**changes: object) -> Case:
        return uow.cases.add(make_case(add_client(uow, f"browser-{len(places)}"), **changes))

    places: list[Case] = []
    for changes in (
        {}, {"urgency": "urgent"}, {"adviser_id": "zhou"}, {"accepted_at": NOW}, {"closed_at": NOW}, {},
        {"urgency": "urgent"}, {"adviser_id": None},
    ):  # fmt: skip
        places.append(add(**changes))
    waiting = [case for case in places if case.accepted_at is None and case.closed_at is None]
    assert [uow.cases.count_waiting_before(case) for case in waiting] == [2, 0, 0, 3, 1, 0]


def test_a_new_account_replaces_an_advisers_old_one(uow: UnitOfWork) -> None:
    old, new = add_client(uow, "1", "telegram"), add_client(uow, "2", "telegram")
    uow.members.add_account("chen", old, NOW)
    uow.members.add_account("chen", new, NOW)
    assert uow.members.find_account("chen") == new
    assert (uow.members.find_by_client(old), uow.members.find_by_client(new)) == (None, "chen")
    uow.members.add_account("zhou", new, NOW)
    assert (uow.members.find_account("chen"), uow.members.find_account("zhou")) == (None, new)


def test_an_invitation_is_used_up(uow: UnitOfWork) -> None:
    uow.members.add_invite("hash", "chen", NOW + CLAIM)
    assert uow.members.use_invite("unknown", NOW) is None
    assert uow.members.use_invite("hash", NOW + CLAIM) is None
    assert uow.members.use_invite("hash", NOW) == "chen"
    assert uow.members.use_invite("hash", NOW) is None


# erasure


def test_erasing_forgets_the_person_and_still_delivers_the_farewell(uow: UnitOfWork) -> None:
    client = uow.clients.find_or_add("telegram", "42", NOW)
    client.community, client.kind, client.consented_at, client.session = "baima", "resident", NOW, 4
    uow.clients.save(client)
    uow.ledger.add(make_ledger_entry(key="a", client=client.pseudonym))
    uow.cases.add(make_case(client.id))
    uow.members.add_account("chen", client.id, NOW)
    inbox_id = uow.inbox.add(client.id, make_inbound(update_id="old", channel="telegram"), NOW)
    assert inbox_id
    uow.inbox.mark_handled(inbox_id, NOW)
    uow.outbox.mark_delivered(uow.outbox.add(client.id, Reply("旧"), NOW), NOW)

    uow.clients.erase(client.id, NOW)
    uow.outbox.add(client.id, Reply("已删除"), NOW)

    erased = uow.clients.get(client.id)
    assert (erased.registered, erased.community, erased.kind, erased.session) == (False, None, None, 0)
    assert erased.pseudonym != client.pseudonym
    assert uow.cases.list_for_client(client.id) == []
    assert uow.members.find_by_client(client.id) is None
    assert not uow.ledger.add(make_ledger_entry(key="a"))
    assert uow.inbox.add(client.id, make_inbound(update_id="old", channel="telegram"), NOW) is None
    (farewell,) = uow.outbox.claim_due("telegram", NOW, NOW + CLAIM, 10)
    assert (farewell.reply.text, farewell.client_key) == ("已删除", "42")
