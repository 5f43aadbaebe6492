from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.assistant import delivery
from bot.assistant.assistant import Assistant
from bot.assistant.delivery import CLAIM, LONGEST_PAUSE, Delivery, RetryLater, Undeliverable, pause_before
from bot.assistant.desk import Desk
from bot.domain.buttons import Buttons
from bot.domain.messages import Outgoing, Reply
from tests.builders import NOW, make_library
from tests.fakes import FakeDatabase


@pytest.mark.parametrize(
    ("attempts", "asked", "pause"),
    [
        (0, None, 1), (1, None, 1), (2, None, 2), (3, None, 4), (9, None, 256), (10, None, LONGEST_PAUSE),
        (1_000_000, None, LONGEST_PAUSE), (5, 17.5, 17.5), (1, 3_600, 3_600), (3, 0, 0),
    ],
)  # fmt: skip
def test_pauses_double_up_to_the_longest_unless_the_platform_asks(attempts, asked, pause) -> None:
    assert pause_before(attempts, asked) == pause


class Platform:
    """Takes what it is given; `answers` holds errors by text."""

    def __init__(self, **answers: Exception) -> None:
        self.answers, self.got = answers, []

    async def send(self, outgoing: Outgoing) -> list[str]:
        if error := self.answers.get(outgoing.reply.text):
            raise error
        self.got.append(outgoing.reply.text)
        return [f"m{len(self.got)}"]


def deliver(database: FakeDatabase, platform: Platform, *moments: timedelta) -> None:
    """One round of delivery at each moment."""

    async def rounds() -> None:
        desk = Desk(Assistant(database.open_unit, None, make_library(), Buttons(b"k" * 32)))
        for moment in moments:
            await Delivery("telegram", database.open_unit, desk, platform.send, lambda: NOW + moment).deliver_due()  # noqa: B023
        await desk.close()

    asyncio.run(rounds())


def queued(**texts: list[str]) -> FakeDatabase:
    database = FakeDatabase()
    with database.open_unit() as uow:
        for key, replies in texts.items():
            client = uow.clients.find_or_add("telegram", key, NOW)
            for text in replies:
                uow.outbox.add(client.id, Reply(text), NOW)
        uow.commit()
    return database


ROUNDS = [timedelta(seconds=n) for n in range(4)]


def test_replies_are_delivered_once_and_in_order() -> None:
    database, platform = queued(a=["1", "2", "3"]), Platform()
    deliver(database, platform, *ROUNDS, *ROUNDS)
    assert platform.got == ["1", "2", "3"]


def test_a_refused_reply_holds_up_only_its_own_client() -> None:
    database, platform = queued(a=["1", "2"], b=["3", "4"]), Platform(**{"1": RetryLater(30)})
    deliver(database, platform, *ROUNDS)
    assert platform.got == ["3", "4"]
    platform.answers.clear()
    deliver(database, platform, timedelta(seconds=29), timedelta(seconds=30), timedelta(seconds=31))
    assert platform.got == ["3", "4", "1", "2"]


def test_an_undeliverable_reply_is_given_up_and_the_next_follows() -> None:
    database, platform = queued(a=["1", "2"]), Platform(**{"1": Undeliverable("blocked")})
    deliver(database, platform, *ROUNDS)
    assert platform.got == ["2"]
    assert [row.failure for row in database.state.outbox] == ["blocked", None]


def test_a_fault_of_our_own_is_tried_again() -> None:
    database, platform = queued(a=["1"], b=["2"]), Platform(**{"1": ZeroDivisionError()})
    deliver(database, platform, timedelta(0))
    assert platform.got == ["2"]
    platform.answers.clear()
    deliver(database, platform, timedelta(seconds=1))
    assert platform.got == ["2", "1"]


def test_the_platforms_message_ids_are_noted() -> None:
    database = queued(a=["1", "2"])
    deliver(database, Platform(), *ROUNDS)
    assert set(database.state.sent) == {(1, "m1"), (1, "m2")}


def test_a_reply_that_takes_long_to_send_is_not_claimed_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CLAIM", timedelta(seconds=0.2))
    database, got = queued(a=["1"]), []

    async def send(outgoing: Outgoing) -> list[str]:
        got.append(outgoing.reply.text)
        await asyncio.sleep(1)
        return []

    async def work() -> None:
        desk = Desk(Assistant(database.open_unit, None, make_library(), Buttons(b"k" * 32)))
        running = Delivery("telegram", database.open_unit, desk, send)
        slow = asyncio.create_task(running.deliver_due())
        while not slow.done():
            await asyncio.sleep(0.05)
            await running.deliver_due()
        await desk.close()

    asyncio.run(work())
    assert got == ["1"]
    assert database.state.outbox[0].delivered_at is not None


def test_what_a_stopped_process_had_claimed_falls_due_again() -> None:
    database = queued(a=["1"])
    with database.open_unit() as uow:
        assert uow.outbox.claim_due("telegram", NOW, NOW + CLAIM, 10)
        uow.commit()
    platform = Platform()
    deliver(database, platform, CLAIM - timedelta(seconds=1))
    assert platform.got == []
    deliver(database, platform, CLAIM)
    assert platform.got == ["1"]
