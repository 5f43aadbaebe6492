"""Polling: what a resident writes is answered once, whatever happens in between."""
from __future__ import annotations

import logging

import pytest

from bot.assistant.reading import Reading
from bot.domain.messages import Button, Reply
from tests.botapi import BotApi, message
from tests.channels.conftest import NewFalin
from tests.channels.process import run, settle, until


def test_message_is_answered_once(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            api.say(7, "拖欠工资怎么办")
            await until(lambda: api.sent)
            await settle(falin)
        assert api.texts(7) == ["答：拖欠工资怎么办"]
        assert api.waiting == []  # confirmed to Telegram before falin stopped

    run(work())


def test_messages_of_one_client_are_answered_in_order(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running():
            for number in range(12):
                api.say(7 + number % 2, f"问{number}")
            await until(lambda: len(api.sent) == 12)
        assert api.texts(7) == [f"答：问{number}" for number in range(0, 12, 2)]
        assert api.texts(8) == [f"答：问{number}" for number in range(1, 12, 2)]

    run(work())


def test_repeated_update_is_answered_once(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            update_id = api.say(7, "在吗")
            await until(lambda: api.sent)
            await until(lambda: not api.waiting)
        again = new_falin()
        async with again.running() as falin:  # a new process asks from the beginning
            api.waiting.append({"update_id": update_id, "message": message(7, text="在吗")})
            api.say(7, "还在吗")
            await until(lambda: len(api.sent) > 1)
            await settle(falin)
        assert api.texts() == ["答：在吗", "答：还在吗"]
        assert falin.count("inbox") == 2

    run(work())


def test_update_is_confirmed_only_after_it_is_stored(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        async with falin.running():
            await until(lambda: api.count("getUpdates"))
            falin.database_away = True
            update_id = api.say(7, "在吗")
            await until(lambda: api.count("getUpdates") >= 2)  # asked again, with the old offset
            assert [update["update_id"] for update in api.waiting] == [update_id]
            falin.database_away = False
            await until(lambda: api.sent)
            await settle(falin)
            await until(lambda: not api.waiting)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_failure_within_a_batch_repeats_no_answer(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        receive, failed = falin.assistant.receive, []

        def receive_second_time(inbound):
            if inbound.text == "二" and not failed:
                failed.append(inbound)
                raise OSError("disk full")
            return receive(inbound)

        falin.assistant.receive = receive_second_time
        for text in ("一", "二", "三"):
            api.say(7, text)
        async with falin.running():
            await until(lambda: len(api.sent) >= 3)
            await settle(falin)
        assert failed
        assert api.texts() == ["答：一", "答：二", "答：三"]

    run(work())


def test_restart_between_receipt_and_answer_loses_nothing(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        dying = new_falin()
        dying.assistant.answer = lambda client_id: 0
        async with dying.running():
            api.say(7, "在吗")
            await until(lambda: dying.count("inbox") and not api.waiting)
        assert api.sent == []
        async with new_falin().running() as falin:
            await until(lambda: api.sent)
            await settle(falin)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_stop_waits_for_a_reply_on_its_way(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("sendMessage", delay=0.5)
        async with falin.running():
            api.say(7, "在吗")
            await until(lambda: not [fault for fault in api.faults if fault.times])
        assert api.texts() == ["答：在吗"]
        assert falin.count("outbox", "delivered_at is null") == 0

    run(work())


def test_pressed_button_reaches_the_brain(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        falin.brain.replies["选项"] = [Reply("哪一个？", ((Button("拖欠工资", "entry:labour.unpaid_wages"),),))]
        async with falin.running():
            api.say(7, "选项")
            await until(lambda: api.sent)
            button = api.sent[0]["reply_markup"]["inline_keyboard"][0][0]
            api.press(7, button["callback_data"])
            await until(lambda: len(api.sent) == 2)
            await until(lambda: api.count("answerCallbackQuery") == 1)
        assert button["text"] == "拖欠工资"
        assert falin.brain.readings[-1] == Reading(
            intent="choose_entry", slots={"chosen_entry": "labour.unpaid_wages"}
        )

    run(work())


def test_forged_or_stolen_button_is_refused(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        stolen = falin.buttons.sign("telegram", "8", "intent:forget_me")
        async with falin.running():
            for data in ("intent:forget_me", stolen, "x", "\ud800"):
                api.press(7, data)
            await until(lambda: len(api.sent) == 4)
        assert api.texts(7) == ["utter_stale_button"] * 4
        assert falin.brain.readings == []

    run(work())


def test_unacknowledged_press_is_answered_all_the_same(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("answerCallbackQuery", status=400, description="Bad Request: query is too old")
        async with falin.running():
            api.press(7, falin.buttons.sign("telegram", "7", "intent:menu"))
            await until(lambda: api.sent)
        assert api.texts() == ["答：menu"]

    run(work())


def test_link_on_a_poster_reaches_the_brain(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        async with falin.running():
            api.say(7, "/start baima")
            await until(lambda: api.sent)
        assert falin.brain.readings == [Reading(intent="start", slots={"start_parameter": "baima"})]

    run(work())


def test_update_that_cannot_be_read_blocks_nobody(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            api.push(message={"chat": {"id": 7}, "text": "无日期"})
            api.push(callback_query={"id": "1", "data": "x"})
            api.push(message=message(7, text="年份太远") | {"date": 10**15})
            api.push(brand_new_kind={"text": "?"})
            api.push(my_chat_member={"chat": {"id": 7}})
            api.say(7, "在吗")
            await until(lambda: api.sent)
            await settle(falin)
            await until(lambda: not api.waiting)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_server_away_at_start_is_found_later(
    api: BotApi, new_falin: NewFalin, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        api.go_down()
        async with new_falin().running():
            await until(lambda: caplog.text.count("not connected") >= 2)
            api.come_up()
            api.say(7, "在吗")
            await until(lambda: api.sent)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_server_that_never_comes_does_not_hinder_stopping(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        api.go_down()
        async with new_falin().running():
            pass

    run(work(), seconds=5)


def test_server_away_while_polling_is_found_again(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            await until(lambda: api.count("getUpdates"))
            api.go_down()
            api.say(7, "在吗")
            api.come_up()
            await until(lambda: api.sent)
            await settle(falin)
        assert api.texts() == ["答：在吗"]

    run(work())


@pytest.mark.parametrize(
    "how",
    [{"status": 401, "description": "Unauthorized"}, {"status": 404, "description": "Not Found"},
     {"status": 409, "description": "Conflict: terminated by other getUpdates request"},
     {"status": 429, "retry_after": 1}, {"status": 502, "body": b"<html>bad gateway</html>"}, {"status": 0},
     {"status": 200, "body": b"<html>"}],
    ids=["401", "404", "409", "429", "502", "cut", "garbage"],
)  # fmt: skip
def test_polling_survives(api: BotApi, new_falin: NewFalin, how: dict[str, object]) -> None:
    async def work() -> None:
        api.fault("getUpdates", **how)
        async with new_falin().running():
            api.say(7, "在吗")
            await until(lambda: api.sent)
        assert api.texts() == ["答：在吗"]

    run(work())


def test_command_menu_is_offered(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running():
            await until(lambda: api.count("setMyCommands"))
        commands = next(given for method, given in api.calls if method == "setMyCommands")["commands"]
        assert [one["command"] for one in commands] == ["start", "help", "menu", "human", "status", "forget"]

    run(work())


def test_refused_command_menu_does_not_silence_the_bot(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        api.fault("setMyCommands", status=404, description="Not Found", times=9)
        async with new_falin().running():
            api.say(7, "在吗")
            await until(lambda: api.sent)

    run(work())


def test_log_holds_neither_token_nor_words(
    api: BotApi, new_falin: NewFalin, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        async with new_falin(telegram_token="1234567:AAE-wrong_and_never_logged").running():
            await until(lambda: api.count("getMe") >= 2)
        api.fault("sendMessage", status=400, description="Bad Request: 秘密 is wrong", chat=8)
        api.fault("sendMessage", status=502, body="秘密 <html>".encode(), chat=7)
        api.fault("getUpdates", status=200, body="秘密".encode())
        async with new_falin().running() as falin:
            api.push(message={"chat": {"id": 7}, "text": "秘密"})
            api.say(7, "秘密")
            api.say(8, "秘密")
            await until(lambda: api.texts(7))
            await settle(falin)
            api.go_down()
            await until(lambda: "polling failed" in caplog.text)

    caplog.set_level(logging.DEBUG)
    run(work())
    everything = caplog.text + "".join(capfd.readouterr())
    assert "FALIN_TELEGRAM_TOKEN" in everything
    for secret in (api.token, "AAE-", "秘密"):
        assert secret not in everything
