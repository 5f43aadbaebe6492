"""Replies reach Telegram later, in order and once, or are given up with a reason."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.assistant.delivery import RetryLater
from bot.channels.telegram import client, sending
from bot.channels.telegram.sending import translate
from bot.domain.messages import Button, Outgoing, Reply
from tests.botapi import BotApi
from tests.channels.conftest import NewFalin
from tests.channels.process import run, settle, until

LONG = "\n\n".join(f"第{number}条 " + "长" * 2_400 for number in (1, 2, 3))


@pytest.mark.parametrize(
    "how",
    [{"status": 429, "retry_after": 1}, {"status": 500}, {"status": 502, "body": b"<html>"}, {"status": 0},
     {"status": 401}, {"status": 200, "body": b"<html>"}, {"delay": 1.5}],
    ids=["429", "500", "502", "cut", "401", "garbage", "slow"],
)  # fmt: skip
def test_replies_arrive_later_in_order_and_once(api: BotApi, new_falin: NewFalin, how: dict[str, Any]) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            api.fault("sendMessage", chat=7, **how)
            for text in ("一", "二", "三"):
                api.say(7, text)
                api.say(8, text)
            await until(lambda: len(api.sent) == 6)
            await settle(falin)
        assert api.texts(7) == api.texts(8) == ["答：一", "答：二", "答：三"]

    run(work())


def test_429_is_waited_out_by_the_outbox_for_as_long_as_asked(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("sendMessage", status=429, retry_after=37)
        with pytest.raises(RetryLater) as caught:
            await falin.channel._sending.send(Outgoing(1, "telegram", "7", Reply("答")))
        assert caught.value.seconds == 37
        assert api.count("sendMessage") == 1
        await falin.channel._bot.shutdown()

    run(work())


def test_server_down_between_question_and_reply(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        async with falin.running():
            falin.assistant.answer, answer = (lambda client_id: 0), falin.assistant.answer
            for text in ("一", "二"):
                api.say(7, text)
            await until(lambda: falin.count("inbox") == 2 and not api.waiting)
            api.go_down()
            falin.assistant.answer = answer
            await falin.desk.resume()
            await until(lambda: falin.count("outbox", "attempts > 0"))
            api.come_up()
            await until(lambda: len(api.sent) == 2)
            await settle(falin)
        assert api.texts() == ["答：一", "答：二"]

    run(work())


def test_server_slower_than_patience_is_asked_again(
    api: BotApi, new_falin: NewFalin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_TIMEOUT", 0.3)

    async def work() -> None:
        async with new_falin().running():
            api.fault("sendMessage", delay=1, status=0)
            api.say(7, "在吗")
            await until(lambda: api.sent)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_accepted_message_with_unreadable_answer_is_not_repeated(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        body = b'{"ok": true, "result": {"message_id": 1, "date": 1700000000000, "chat": {"id": 7}}}'
        api.fault("sendMessage", status=200, body=body, taken=True)
        async with new_falin().running() as falin:
            api.say(7, "在吗")
            await until(lambda: api.sent)
            await settle(falin)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_client_who_blocked_the_bot_is_given_up_and_others_are_served(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        api.blocked.add(7)
        api.gone.add(8)
        async with new_falin().running() as falin:
            for chat in (7, 8, 9):
                api.say(chat, "在吗")
            await until(lambda: api.sent)
            await settle(falin)
            assert sorted(falin.failures()) == ["blocked", "chat_not_found"]
        assert [(one["chat_id"], one["text"]) for one in api.sent] == [("9", "答：在吗")]

    run(work())


def test_refused_reply_does_not_hold_up_the_next(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["一"] = [Reply(" \n")]
        api.fault("sendMessage", status=400, description="Bad Request: something else")
        async with falin.running():
            for text in ("零", "一", "二"):
                api.say(7, text)
            await until(lambda: api.sent)
            await settle(falin)
            assert falin.failures() == ["bad_request", "empty"]
        assert api.texts() == ["答：二"]

    run(work())


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (RetryAfter(5), "RetryLater 5.0"),
        (RetryAfter(timedelta(seconds=7)), "RetryLater 7.0"),
        (TimedOut(), "RetryLater None"),
        (NetworkError("x"), "RetryLater None"),
        (InvalidToken("x"), "RetryLater None"),
        (TelegramError("Invalid server response"), "RetryLater None"),
        (Forbidden("Forbidden: user is deactivated"), "Undeliverable blocked"),
        (ChatMigrated(-5), "Undeliverable chat_not_found"),
        (BadRequest("Chat not found"), "Undeliverable chat_not_found"),
        (BadRequest("Bad Request: user is deactivated"), "Undeliverable chat_not_found"),
        (BadRequest("Message is too long"), "Undeliverable bad_request"),
    ],
)
def test_every_error_has_a_meaning(error: TelegramError, means: str) -> None:
    meant = translate(error)
    said = meant.seconds if isinstance(meant, RetryLater) else meant
    assert f"{type(meant).__name__} {said}" == means


@pytest.mark.parametrize("timedeltas", ["0", "1"])
def test_retry_after_may_be_seconds_or_a_timedelta(monkeypatch: pytest.MonkeyPatch, timedeltas: str) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", timedeltas)
    meant = translate(RetryAfter(5))
    assert isinstance(meant, RetryLater)
    assert meant.seconds == 5.0


def test_long_answer_comes_in_parts_with_the_buttons_below_the_last(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["长"] = [Reply(LONG, ((Button("菜单", "intent:menu"),),)), Reply("完")]
        async with falin.running():
            api.say(7, "长")
            await until(lambda: len(api.sent) == 4)
        assert [text[:3] for text in api.texts()] == ["第1条", "第2条", "第3条", "完"]
        assert ["inline_keyboard" in one.get("reply_markup", {}) for one in api.sent] == [False, False, True, False]
        assert ["reply_markup" in one for one in api.sent] == [False, False, True, True]

    run(work())


def test_retry_goes_on_with_the_part_that_failed(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["长"] = [Reply(LONG)]
        async with falin.running():
            api.fault("sendMessage", times=0)
            original = api.do_sendMessage

            def fail_twice_on_the_second(given: dict[str, Any]) -> Any:
                if given["text"].startswith("第2条") and api.count("sendMessage") < 4:
                    api.fault("sendMessage", status=500)
                return original(given)

            api.do_sendMessage = fail_twice_on_the_second
            api.say(7, "长")
            await until(lambda: len(api.sent) == 3)
            await settle(falin)
        assert [text[:3] for text in api.texts()] == ["第1条", "第2条", "第3条"]
        assert falin.channel._sending._parts_sent == {}

    run(work())


def test_memory_of_half_sent_replies_is_bounded(
    api: BotApi, new_falin: NewFalin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "REMEMBERED", 3)

    async def work() -> None:
        falin = new_falin()
        for number in range(1, 6):
            api.faults.clear()
            api.do_sendMessage = one_part_only(api)
            with pytest.raises(RetryLater):
                await falin.channel._sending.send(Outgoing(number, "telegram", "7", Reply(LONG)))
        sent = falin.channel._sending._parts_sent
        assert {number: len(ids) for number, ids in sent.items()} == {3: 1, 4: 1, 5: 1}
        await falin.channel._bot.shutdown()

    run(work())


def one_part_only(api: BotApi) -> Any:
    """sendMessage that works once and then orders a fault for the next call."""

    def send(given: dict[str, Any]) -> Any:
        api.fault("sendMessage", status=500)
        return BotApi.do_sendMessage(api, given)

    return send


def test_reply_without_buttons_brings_the_standing_keys(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["打电话"] = [Reply("请打12348", ((Button("拨打12348", url="tel:12348"),),))]
        async with falin.running():
            api.say(7, "打电话")
            await until(lambda: api.sent)
        keys = api.sent[0]["reply_markup"]
        assert [[key["text"] for key in row] for row in keys["keyboard"]] == [["转人工", "我的案件"], ["菜单"]]
        assert keys["resize_keyboard"]
        assert keys["is_persistent"]

    run(work())


def test_links_become_buttons_and_numbers_to_dial_do_not(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        row = (Button("拨打", url="tel:12348"), Button("打开", url="https://falin.example/a"))
        falin.brain.replies["链接"] = [Reply("看 https://falin.example/a <b>*", (row, (Button("菜单", "intent:menu"),)))]
        async with falin.running():
            api.say(7, "链接")
            await until(lambda: api.sent)
        (link,), (menu,) = api.sent[0]["reply_markup"]["inline_keyboard"]
        assert link == {"text": "打开", "url": "https://falin.example/a"}
        assert menu["callback_data"].endswith("intent:menu")
        assert api.sent[0]["text"] == "看 https://falin.example/a <b>*"
        assert api.sent[0]["link_preview_options"] == {"is_disabled": True}
        assert "parse_mode" not in api.sent[0]

    run(work())


def test_answer_is_worth_more_than_a_refused_button(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["链接"] = [Reply("看网页", ((Button("打开", url="http://localhost:8000/"),),))]
        async with falin.running():
            api.say(7, "链接")
            await until(lambda: api.sent)
            await settle(falin)
            assert falin.failures() == []
        assert api.texts() == ["看网页"]

    run(work())
