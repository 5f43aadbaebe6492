"""One message, one turn: with a scripted brain and a database in memory."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.assistant.assistant import MAX_ATTEMPTS, Assistant
from bot.assistant.reading import Reading
from bot.domain.buttons import Buttons
from bot.domain.decisions import Understanding
from bot.domain.errors import Collision
from bot.domain.messages import Reply
from bot.services.consultations import answer_entry
from bot.services.turn import Turn
from tests.builders import NOW, make_inbound, make_library, real_wording
from tests.fakes import FakeDatabase

BUTTONS = Buttons(b"k" * 32)


class Brain:
    """Answers with the reading; certain words make it fail or fall silent."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any] | None] = []

    def understand(self, text: str) -> Understanding:
        return Understanding("answer", "faq")

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        return False

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        self.states.append(state)
        if "坏" in reading.words:
            answer_entry(turn, "labour.unpaid_wages")
            raise RuntimeError(reading.words)
        if "静" not in reading.words:
            turn.replies.append(Reply(reading.words or reading.intent))
        return {"turns": (state or {}).get("turns", 0) + 1}


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def assistant(database: FakeDatabase) -> Assistant:
    return Assistant(database.open_unit, Brain(), make_library(), BUTTONS, lambda: NOW)


def heard(assistant: Assistant, client_id: int) -> list[str]:
    return [outgoing.reply.text for outgoing in assistant.list_replies(client_id, 0)]


def test_messages_are_answered_once_and_in_order(assistant: Assistant) -> None:
    first, second = make_inbound("一"), make_inbound("二")
    receipts = [assistant.receive(inbound) for inbound in (first, second, first)]
    assert [receipt.new for receipt in receipts] == [True, True, False]
    client_id = receipts[0].client_id
    assert assistant.answer(client_id) == 2
    assert assistant.answer(client_id) == 0
    assert heard(assistant, client_id) == ["一", "二"]
    assert [o.in_reply_to for o in assistant.list_replies(client_id, 0)] == [first.update_id, second.update_id]


def test_the_conversation_goes_on_where_it_was(assistant: Assistant, database: FakeDatabase) -> None:
    for text in ("一", "二"):
        client_id = assistant.receive(make_inbound(text)).client_id
        assistant.answer(client_id)
    assert database.state.conversations[client_id] == {"turns": 2}


def test_silence_of_the_brain_is_not_silence_to_the_client(assistant: Assistant) -> None:
    client_id = assistant.receive(make_inbound("静")).client_id
    assistant.answer(client_id)
    assert heard(assistant, client_id) == [real_wording().text("utter_out_of_scope")]


def test_a_turn_that_collided_with_another_is_taken_again(
    database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    brain = Brain()
    assistant = Assistant(database.open_unit, brain, make_library(), BUTTONS, lambda: NOW)
    respond, collisions = brain.respond, [Collision("deadlock")] * 2

    def collide(*arguments: Any) -> dict[str, Any]:
        if collisions:
            raise collisions.pop()
        return respond(*arguments)

    monkeypatch.setattr(brain, "respond", collide)
    client_id = assistant.receive(make_inbound("一")).client_id
    assert assistant.answer(client_id) == 1
    assert heard(assistant, client_id) == ["一"]


def test_a_failed_turn_leaves_an_apology_and_nothing_else(
    assistant: Assistant, database: FakeDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    client_id = assistant.receive(make_inbound("坏了，老板不发工资")).client_id
    assistant.receive(make_inbound("再问"))
    with caplog.at_level(logging.DEBUG):
        assert assistant.answer(client_id) == 2
    assert heard(assistant, client_id) == [real_wording().text("utter_apology"), "再问"]
    assert database.state.ledger == []
    assert "RuntimeError" in caplog.text
    assert "工资" not in caplog.text


def test_what_cannot_be_read_never_reaches_the_brain(assistant: Assistant) -> None:
    client_id = assistant.receive(make_inbound(None, file="voice")).client_id
    assistant.answer(client_id)
    assert heard(assistant, client_id) == [real_wording().text("utter_cannot_read_voice")]
    assert assistant._brain.states == []


def test_buttons_are_signed_for_the_client_who_gets_them(assistant: Assistant) -> None:
    client_id = assistant.receive(make_inbound(None, file="photo")).client_id
    assistant.answer(client_id)
    (row,) = assistant.list_replies(client_id, 0)[0].reply.buttons
    assert BUTTONS.check("webchat", "browser-1", row[0].payload) == "intent:request_adviser"
    assert BUTTONS.check("webchat", "browser-2", row[0].payload) is None


def test_acknowledged_replies_are_not_listed_again(assistant: Assistant) -> None:
    client_id = assistant.receive(make_inbound("一")).client_id
    assistant.answer(client_id)
    last = assistant.list_replies(client_id, 0)[-1].id
    assistant.acknowledge(client_id, last)
    assert assistant.list_replies(client_id, last) == []


def test_an_address_is_one_client(assistant: Assistant) -> None:
    client_id = assistant.receive(make_inbound("一")).client_id
    assert assistant.receive(make_inbound("二")).client_id == client_id
    assert assistant.find_client("webchat", "browser-1") == client_id
    assert assistant.find_client("telegram", "browser-1") is None


def test_looking_for_a_client_adds_nobody(assistant: Assistant, database: FakeDatabase) -> None:
    assert assistant.find_client("webchat", "browser-1") is None
    assert database.state.clients == {}


def test_news_name_each_client_and_the_newest_reply(assistant: Assistant) -> None:
    ids = [assistant.receive(make_inbound("一", client_key=key)).client_id for key in ("a", "b")]
    assistant.resume()
    newest = {client_id: assistant.list_replies(client_id, 0)[-1].id for client_id in ids}
    assert assistant.list_news(0) == newest
    assert assistant.list_news(max(newest.values())) == {}


def test_after_a_start_what_waits_is_answered(assistant: Assistant) -> None:
    receipts = [assistant.receive(make_inbound("一", client_key=key)) for key in ("a", "b")]
    assert assistant.resume() == 2
    assert [heard(assistant, receipt.client_id) for receipt in receipts] == [["一"], ["一"]]


def test_a_message_that_keeps_bringing_the_process_down_gets_an_apology(
    assistant: Assistant, database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = assistant.receive(make_inbound("崩")).client_id

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(assistant._brain, "respond", die)
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(Killed):
                assistant.resume()
        assert assistant.resume() == 0
    assert heard(assistant, client_id) == [real_wording().text("utter_apology")]
