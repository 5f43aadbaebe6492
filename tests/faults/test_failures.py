"""What fails inside: an action, the database; and what the resident sees of it."""
from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.assistant.desk import Desk
from bot.domain.calendar import utc_now
from bot.storage.tables import inbox
from tests.agent_home import Falin
from tests.conftest import Database
from tests.faults.one_turn import Installation, Process, hold_the_database, inbound
from tests.faults.processes import CONTEXT, end, start

WORDS = "机密词乙：老板拖欠工资怎么办"


def fail(*arguments: Any, **_: Any) -> None:
    """As badly as an action can: with the person's words in the error."""
    raise RuntimeError(WORDS)


@pytest.mark.agent
def test_an_action_that_raises_leaves_an_apology_and_nothing_else(
    falin: Falin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    person = falin.visitor()
    person.send("你好")
    before = person.state()
    with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
        broken.setattr("actions.answering.answer_entry", fail)
        broken.setattr("actions.answering.offer_choice", fail)
        broken.setattr("actions.answering.refer_question", fail)
        person.send(WORDS)
    assert person.text == falin.library.wording.text("utter_apology", phone=falin.library.street.phone)
    assert list(person.buttons()) == ["转人工"]
    assert person.state() == before
    assert falin.ledger() == {}
    assert f"client {person.client_id}" in caplog.text
    assert "RuntimeError" in caplog.text
    for output in (caplog.text, *capfd.readouterr()):
        assert "机密词乙" not in output
        assert "工资" not in output
    person.send(WORDS)
    assert "【依据】" in person.text or person.buttons(), "the next message is answered as ever"
    assert person.text != falin.library.wording.text("utter_apology")


@pytest.mark.agent
def test_a_registration_that_fails_half_way_is_not_half_kept(falin: Falin, monkeypatch: pytest.MonkeyPatch) -> None:
    person = falin.visitor()
    person.send("我老公打我")
    person.press("马上转给顾问")
    person.press("白马社区")
    person.press("居民")
    before = person.state()
    with monkeypatch.context() as broken:
        broken.setattr("actions.escalating.open_case", fail)  # after the registration has been written
        person.press("同意")
    assert "出了点故障" in person.text
    assert person.row().consented_at is None
    assert person.state() == before
    assert falin.ledger() == {"bot_consultation": 1}
    person.press("同意", earlier=True)
    assert "案件已登记" in person.text
    assert falin.ledger() == {"bot_consultation": 1, "registration": 1, "escalation": 1}


def test_a_turn_waits_for_a_database_that_is_locked_for_a_moment(sqlite_database: Database, tmp_path: Path) -> None:
    shared = Installation(str(sqlite_database.engine.url), tmp_path / "sink.jsonl", "webchat")
    process = Process(shared)
    client_id = process.assistant.receive(inbound("webchat")).client_id
    held, release = CONTEXT.Event(), CONTEXT.Event()
    holder = start(hold_the_database, shared, held, release)
    assert held.wait(30)

    async def answer_meanwhile() -> None:
        turn = asyncio.create_task(asyncio.to_thread(process.assistant.answer, client_id))
        await asyncio.wait({turn}, timeout=0.3)  # long enough for the turn to meet the lock
        release.set()
        assert await turn == 1

    asyncio.run(answer_meanwhile())
    assert end(holder) == 0
    [reply] = process.assistant.list_replies(client_id, 0)
    assert "单位要按时发工资" in reply.reply.text


def test_a_message_is_answered_when_the_database_is_back(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(Installation(str(sqlite_database.engine.url), tmp_path / "sink.jsonl", "webchat"))
    away = {"times": 0}
    open_unit = process.open_unit

    def sometimes(**options: Any) -> Any:
        if away["times"]:
            away["times"] -= 1
            raise sa.exc.OperationalError(WORDS, {"text": WORDS}, Exception("away"))
        return open_unit(**options)

    monkeypatch.setattr(process.assistant, "_open_unit", sometimes)

    async def conversation() -> None:
        desk = Desk(process.assistant)
        bell = desk.bell()
        receive = process.assistant.receive

        def receive_then_lose_the_database(message: Any) -> Any:
            receipt = receive(message)
            away["times"] = 2  # the turn, and the apology for it
            return receipt

        monkeypatch.setattr(process.assistant, "receive", receive_then_lose_the_database)
        receipt = await desk.accept(inbound("webchat"))
        await asyncio.wait_for(bell.wait(), 30)
        replies = await desk.list_replies(receipt.client_id, 0)
        assert ["单位要按时发工资" in reply.reply.text for reply in replies] == [True]
        await desk.close()

    asyncio.run(conversation())
    assert "OperationalError" in caplog.text
    assert "工资" not in caplog.text


def test_an_update_that_could_not_be_stored_is_not_acknowledged(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(Installation(str(sqlite_database.engine.url), tmp_path / "sink.jsonl", "webchat"))
    with monkeypatch.context() as broken:
        broken.setattr(process.assistant, "_open_unit", fail)
        with pytest.raises(RuntimeError):
            process.assistant.receive(inbound("webchat"))
    assert process.assistant.receive(inbound("webchat")).new, "the platform's repeat is taken as new"


def test_a_sent_time_survives_the_database(sqlite_database: Database, tmp_path: Path) -> None:
    """The inbox gives back what it was given: a restart must not change what a message says."""
    process = Process(Installation(str(sqlite_database.engine.url), tmp_path / "sink.jsonl", "webchat"))
    message = inbound("webchat", "一\n二 \u4e09")
    process.assistant.receive(message)
    with process.open_unit() as uow:
        found = uow.inbox.next_unhandled(1)
    assert found
    assert (found[1].text, found[1].client_key) == (message.text, message.client_key)
    assert abs((found[1].sent_at - message.sent_at).total_seconds()) < 1e-3
    with process.engine.connect() as connection:
        assert connection.execute(sa.select(inbox.c.received_at)).scalar_one() <= utc_now()
