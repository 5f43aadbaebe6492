"""Files, replies and edits through Telegram, in both directions."""
from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Update

from bot.assistant.delivery import RetryLater, Undeliverable
from bot.channels.files import FileAway, FileGone
from bot.channels.telegram.splitting import CAPTION, LIMIT, count_units, split_caption
from bot.channels.telegram.updates import read_update
from bot.domain.calendar import utc_now
from bot.domain.messages import MAX_FILE, Attachment, Button, Outgoing, Reply
from tests.botapi import BotApi, message
from tests.channels.conftest import NewFalin
from tests.channels.process import Falin, run, settle, until

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
PDF = b"%PDF-1.7 " + b"d" * 100
LONG = "\n\n".join(f"第{number}条 " + "长" * 2_400 for number in (1, 2, 3))
MENU = ((Button("菜单", "intent:menu"),),)


def read(**kind: Any) -> Any:
    update = Update.de_json({"update_id": 9, **kind}, None)
    assert update is not None
    return read_update(update)


def sizes(**largest: Any) -> dict[str, Any]:
    small = {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60}
    return {"photo": [small, {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960, **largest}]}


def queue(falin: Falin, chat: int, *replies: Reply) -> list[int]:
    """falin speaks first; the outbox ids."""
    with falin.open_unit() as uow:
        client = uow.clients.find_or_add("telegram", str(chat), utc_now())
        ids = [uow.outbox.add(client.id, reply, utc_now()) for reply in replies]
        uow.commit()
    return ids


def keep(falin: Falin, content: bytes, kind: str, **about: Any) -> Attachment:
    """A file of a web chat resident."""
    with falin.open_unit() as uow:
        ref = uow.files.add(uow.clients.find_or_add("webchat", "b", utc_now()).id, content, utc_now())
        uow.commit()
    return Attachment("local", ref, kind, size=len(content), **about)


def message_ids(falin: Falin, outbox_id: int) -> list[str]:
    with falin.engine.connect() as connection:
        query = "select message_id from sent_messages where outbox_id = ? order by message_id"
        return [row[0] for row in connection.exec_driver_sql(query, (outbox_id,))]


# --- in ---


def test_a_photo_comes_in_its_largest_size_with_its_caption() -> None:
    inbound = read(message=message(7, **sizes(file_size=500_000), caption="借条\x00 在此"))
    assert inbound.attachment == Attachment("telegram", "large", "photo", "", "image/jpeg", 500_000, "借条 在此")
    assert (inbound.file, inbound.too_large, inbound.message_id, inbound.reply_to) == ("photo", False, "1", "")


@pytest.mark.parametrize(
    ("name", "kind", "mime"),
    [("voice", "voice", "audio/ogg"), ("video", "video", "video/mp4"), ("video_note", "video", "video/mp4"),
     ("animation", "video", "video/mp4"), ("audio", "document", ""), ("document", "document", "")],
)  # fmt: skip
def test_every_kind_that_carries_a_file_is_carried(name: str, kind: str, mime: str) -> None:
    file = {"file_id": "f", "file_unique_id": "u", "duration": 1, "width": 1, "height": 1, "length": 1}
    inbound = read(message=message(7, **{name: file}))
    assert (inbound.file, inbound.attachment) == (kind, Attachment("telegram", "f", kind, mime=mime))


def test_a_document_keeps_its_name_and_type() -> None:
    file = {"file_id": "f", "file_unique_id": "u", "file_name": "../../etc/借 条\n.pdf", "mime_type": "application/pdf"}
    attachment = read(message=message(7, document=file)).attachment
    assert (attachment.name, attachment.mime) == ("借 条.pdf", "application/pdf")


@pytest.mark.parametrize("kind", ["sticker", "location", "contact", "dice"])
def test_what_carries_no_file_has_no_attachment(kind: str) -> None:
    content = {
        "sticker": {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "is_animated": False,
                    "is_video": False, "type": "regular"},
        "location": {"longitude": 1, "latitude": 1}, "contact": {"phone_number": "1", "first_name": "a"},
        "dice": {"emoji": "🎲", "value": 3},
    }[kind]  # fmt: skip
    assert read(message=message(7, **{kind: content})).attachment is None


@pytest.mark.parametrize(("size", "carried"), [(MAX_FILE, True), (MAX_FILE + 1, False), (50_000_000, False)])
def test_a_file_beyond_the_limit_is_known_but_not_carried(size: int, carried: bool) -> None:
    inbound = read(message=message(7, **sizes(file_size=size)))
    assert (inbound.file, inbound.attachment is not None, inbound.too_large) == ("photo", carried, not carried)


def test_a_reply_names_the_message_it_answers() -> None:
    answered = message(7, text="原话") | {"message_id": 41}
    inbound = read(message=message(7, text="对", reply_to_message=answered) | {"message_id": 42})
    assert (inbound.message_id, inbound.reply_to) == ("42", "41")


def test_an_edited_caption_keeps_the_number_and_the_file() -> None:
    edited = message(7, **sizes(), caption="改了", edit_date=1_900_000_000) | {"message_id": 41}
    inbound = read(edited_message=edited)
    assert (inbound.edited, inbound.message_id, inbound.attachment.caption) == (True, "41", "改了")


def test_half_an_emoji_in_a_caption_is_dropped() -> None:
    assert read(message=message(7, **sizes(), caption="好\ud83d吧")).attachment.caption == "好吧"


def test_a_fifty_megabyte_file_gets_one_sentence(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            api.send_file(7, b"x", file_size=50_000_000)
            await until(lambda: api.sent)
            await settle(falin)
        assert api.texts() == ["utter_file_too_large"]

    run(work())


# --- out ---


@pytest.mark.parametrize(("kind", "method"), [("photo", "Photo"), ("voice", "Voice"), ("video", "Video"),
                                              ("document", "Document")])  # fmt: skip
def test_a_file_of_telegrams_goes_out_by_its_id_without_a_download(
    api: BotApi, new_falin: NewFalin, kind: str, method: str
) -> None:
    async def work() -> None:
        falin = new_falin()
        file = Attachment("telegram", api.add_file(kind, PNG), kind)
        [outbox_id] = queue(falin, 7, Reply("张律师：请看", MENU, file))
        async with falin.running():
            await until(lambda: api.sent)
            await settle(falin)
            assert message_ids(falin, outbox_id) == ["1"]
        assert api.count(f"send{method}") == 1
        assert api.count("getFile") == 0
        assert api.texts() == ["张律师：请看"]
        assert api.sent[0]["reply_markup"]["inline_keyboard"]

    run(work())


@pytest.mark.parametrize("was", ["animation", "video_note"])
def test_a_file_that_came_in_as_another_type_is_uploaded_anew(api: BotApi, new_falin: NewFalin, was: str) -> None:
    async def work() -> None:
        falin = new_falin()
        queue(falin, 7, Reply("看", attachment=Attachment("telegram", api.add_file(was, b"film"), "video")))
        async with falin.running():
            await until(lambda: api.sent)
        assert api.sent[0]["video"][1] == b"film"

    run(work())


def test_a_file_of_falins_own_is_uploaded_under_its_name(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        queue(falin, 7, Reply("居民：合同", attachment=keep(falin, PDF, "document", name="../合同.pdf")))
        queue(falin, 7, Reply("", attachment=keep(falin, PNG, "photo", mime="image/png")))
        queue(falin, 7, Reply("", attachment=keep(falin, b"heic", "photo", mime="image/heic")))
        async with falin.running():
            await until(lambda: len(api.sent) == 3)
        assert api.sent[0]["document"] == ("合同.pdf", PDF)
        assert api.sent[1]["photo"] == ("photo.png", PNG)
        assert api.sent[2]["document"][1] == b"heic"
        assert "caption" not in api.sent[1]

    run(work())


def test_a_picture_telegram_cannot_show_goes_as_a_document(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
        queue(falin, 7, Reply("看", attachment=keep(falin, PNG, "photo", mime="image/png")))
        async with falin.running():
            await until(lambda: api.sent)
        assert api.sent[0]["document"][1] == PNG

    run(work())


@pytest.mark.parametrize("how", [{"status": 429, "retry_after": 1}, {"status": 500}, {"status": 0}])
def test_a_photo_that_is_not_taken_now_arrives_later_and_once(
    api: BotApi, new_falin: NewFalin, how: dict[str, Any]
) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("sendPhoto", **how)
        queue(falin, 7, Reply("一", attachment=keep(falin, PNG, "photo", mime="image/png")), Reply("二"))
        async with falin.running():
            await until(lambda: len(api.sent) == 2)
            await settle(falin)
        assert api.texts() == ["一", "二"]

    run(work())


@pytest.mark.parametrize("source", ["local", "telegram"])
def test_a_file_that_is_gone_does_not_take_its_words_along(
    api: BotApi, new_falin: NewFalin, source: str
) -> None:
    async def work() -> None:
        falin = new_falin()
        gone = Attachment(source, "A" * 24, "photo")
        queue(falin, 7, Reply("请看", MENU, gone), Reply("", (), gone), Reply("二"))
        async with falin.running():
            await until(lambda: len(api.sent) == 2)
            await settle(falin)
            assert falin.failures() == ["file_gone"]
        assert api.texts() == ["请看", "二"]
        assert api.sent[0]["reply_markup"]["inline_keyboard"]

    run(work())


def test_words_beyond_a_caption_go_before_the_file(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        file = Attachment("telegram", api.add_file("photo", PNG), "photo")
        [outbox_id] = queue(falin, 7, Reply(LONG, MENU, file))
        async with falin.running():
            await until(lambda: any("photo" in one for one in api.sent))
            await settle(falin)
            assert message_ids(falin, outbox_id) == [str(n + 1) for n in range(len(api.sent))]
        assert ["photo" in one for one in api.sent] == [False] * (len(api.sent) - 1) + [True]
        assert "".join(api.texts()).count("长") == LONG.count("长")
        assert count_units(api.texts()[-1]) <= CAPTION

    run(work())


@pytest.mark.parametrize("text", ["", "短", "长" * 999, "长" * 1_001, "好😀" * 800, "长" * (LIMIT + 5), LONG])
def test_a_caption_fits_and_nothing_is_lost(text: str) -> None:
    before, caption = split_caption(text)
    assert count_units(caption) <= CAPTION
    assert all(0 < count_units(piece) <= LIMIT for piece in before)
    assert "".join([*before, caption]) == text.replace("\n\n", "")


def test_parts_sent_before_a_fault_are_remembered_with_their_numbers(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        sending = falin.channel._sending
        outgoing = Outgoing(1, "telegram", "7", Reply(LONG, (), keep(falin, PNG, "photo", mime="image/png")))
        api.fault("sendPhoto", status=500)
        with pytest.raises(RetryLater):
            await sending.send(outgoing)
        texts_sent = api.count("sendMessage")
        assert await sending.send(outgoing) == [str(n + 1) for n in range(texts_sent + 1)]
        assert api.count("sendMessage") == texts_sent
        await falin.channel._bot.shutdown()

    run(work())


# --- edits ---


def deliver_edit(
    api: BotApi, new_falin: NewFalin, original: Reply, edit: Reply, between: Any = lambda: None
) -> Falin:
    """Send `original`, then `edit` in its place."""
    falin: Falin = new_falin()

    async def work() -> None:
        async with falin.running():
            [first] = queue(falin, 7, original)
            await until(lambda: falin.count("outbox", "delivered_at is not null") == 1)
            between()
            queue(falin, 7, Reply(edit.text, edit.buttons, edit.attachment, replaces=first))
            await until(lambda: falin.count("outbox", "delivered_at is not null") == 2)

    run(work())
    return falin


def test_an_edit_changes_the_message_where_it_stands(api: BotApi, new_falin: NewFalin) -> None:
    falin = deliver_edit(api, new_falin, Reply("明天来"), Reply("后天来", MENU))
    assert api.shown(7) == ["后天来"]
    assert api.messages[7][1]["reply_markup"]["inline_keyboard"]
    assert message_ids(falin, 1) == ["1"]


def test_an_edit_that_changes_nothing_counts_as_delivered(api: BotApi, new_falin: NewFalin) -> None:
    falin = deliver_edit(api, new_falin, Reply("明天来"), Reply("明天来"))
    assert api.shown(7) == ["明天来"]
    assert falin.failures() == []


@pytest.mark.parametrize("kind", ["photo", "video", "document", "voice"])
def test_words_below_a_file_are_changed_there(api: BotApi, new_falin: NewFalin, kind: str) -> None:
    file = Attachment("telegram", api.add_file(kind, PNG), kind)
    deliver_edit(api, new_falin, Reply("旧", (), file), Reply("新", (), file))
    assert api.shown(7) == ["新"]
    assert kind in api.messages[7][1]


def test_words_below_a_file_of_falins_own_are_changed_there(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        file = keep(falin, PDF, "document", name="合同.pdf")
        [first] = queue(falin, 7, Reply("旧", (), file))
        queue(falin, 7, Reply("新", (), file, replaces=first))
        async with falin.running():
            await until(lambda: api.shown(7) == ["新"])
        assert api.count("sendDocument") == 1

    run(work())


def test_a_file_that_was_taken_back_goes_with_its_words(api: BotApi, new_falin: NewFalin) -> None:
    file = Attachment("telegram", api.add_file("photo", PNG), "photo")
    deliver_edit(api, new_falin, Reply("旧", (), file), Reply("对方撤回了一条消息"))
    assert api.shown(7) == ["对方撤回了一条消息"]
    assert not any("photo" in shown for shown in api.messages[7].values())


def test_what_was_edited_can_be_edited_again(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        [first] = queue(falin, 7, Reply("一"))
        async with falin.running():
            await until(lambda: api.shown(7) == ["一"])
            for text in ("二", LONG, "三", "四"):
                queue(falin, 7, Reply(text, replaces=first))
            await settle(falin)
            assert message_ids(falin, first) == [str(api.last_id(7))]
        assert api.shown(7) == ["四"]

    run(work())


def test_an_edit_with_another_picture_changes_the_picture(api: BotApi, new_falin: NewFalin) -> None:
    old, new = (Attachment("telegram", api.add_file("photo", PNG), "photo") for _ in range(2))
    deliver_edit(api, new_falin, Reply("旧", (), old), Reply("新", (), new))
    assert (api.shown(7), api.messages[7][1]["media"]) == (["新"], new.ref)


@pytest.mark.parametrize(
    "refusal", ["message can't be edited", "message to edit not found", "MESSAGE_ID_INVALID", "anything else"]
)
def test_an_edit_that_is_refused_is_sent_as_a_new_message(
    api: BotApi, new_falin: NewFalin, refusal: str
) -> None:
    def order() -> None:
        api.fault("editMessageText", status=400, description=f"Bad Request: {refusal}")

    falin = deliver_edit(api, new_falin, Reply("明天来"), Reply("后天来"), order)
    assert api.shown(7) == ["后天来"]
    assert message_ids(falin, 1) == ["2"]


def test_an_edit_arrives_even_when_the_old_words_cannot_be_taken_away(api: BotApi, new_falin: NewFalin) -> None:
    def order() -> None:
        for method in ("editMessageText", "deleteMessage"):
            api.fault(method, status=400, description="Bad Request: message can't be touched")

    deliver_edit(api, new_falin, Reply("明天来"), Reply("后天来"), order)
    assert api.shown(7) == ["明天来", "后天来"]


def test_an_edit_of_a_deleted_message_is_sent_as_a_new_message(api: BotApi, new_falin: NewFalin) -> None:
    deliver_edit(api, new_falin, Reply("明天来"), Reply("后天来"), lambda: api.messages[7].clear())
    assert api.shown(7) == ["后天来"]


@pytest.mark.parametrize("how", [{"status": 429, "retry_after": 1}, {"status": 502}, {"status": 0}])
def test_an_edit_that_is_not_taken_now_is_made_later(
    api: BotApi, new_falin: NewFalin, how: dict[str, Any]
) -> None:
    deliver_edit(api, new_falin, Reply("旧"), Reply("新"), lambda: api.fault("editMessageText", **how))
    assert api.shown(7) == ["新"]


def test_an_edit_of_a_reply_in_parts_changes_every_part(api: BotApi, new_falin: NewFalin) -> None:
    deliver_edit(api, new_falin, Reply(LONG), Reply(LONG.replace("条", "款")))
    assert [text[:3] for text in api.shown(7)] == ["第1款", "第2款", "第3款"]


@pytest.mark.parametrize(("old", "new"), [(LONG, "一句话"), ("一句话", LONG)])
def test_an_edit_with_another_number_of_parts_takes_the_old_ones_away(
    api: BotApi, new_falin: NewFalin, old: str, new: str
) -> None:
    deliver_edit(api, new_falin, Reply(old), Reply(new))
    assert "".join(api.shown(7)) == new.replace("\n\n", "")


def test_an_edit_before_its_original_is_delivered_follows_it(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("sendMessage", status=500)
        [first] = queue(falin, 7, Reply("明天来"))
        queue(falin, 7, Reply("后天来", replaces=first))
        async with falin.running():
            await until(lambda: api.shown(7) == ["后天来"])
            await settle(falin)
        assert (api.count("sendMessage"), api.count("editMessageText")) == (2, 1)

    run(work())


def test_an_edit_of_what_never_arrived_is_a_new_message(api: BotApi, new_falin: NewFalin) -> None:
    def refuse() -> None:
        api.fault("sendMessage", status=400, description="Bad Request: something else")

    refuse()
    deliver_edit(api, new_falin, Reply("旧"), Reply("新"))
    assert api.shown(7) == ["新"]


def test_an_edit_for_whoever_blocked_the_bot_is_given_up(api: BotApi, new_falin: NewFalin) -> None:
    falin = deliver_edit(api, new_falin, Reply("旧"), Reply("新"), lambda: api.blocked.add(7))
    assert falin.failures() == ["blocked"]


# --- reading what lies with Telegram ---


def read_file(falin: Falin, file_id: str) -> bytes:
    async def work() -> bytes:
        try:
            return await falin.channel.read_file(file_id)
        finally:
            await falin.channel._bot.shutdown()

    return asyncio.run(work())


def test_a_file_is_fetched_from_telegram_when_somebody_looks(api: BotApi, new_falin: NewFalin) -> None:
    assert read_file(new_falin(), api.add_file("photo", PNG)) == PNG


@pytest.mark.parametrize("size", [0, MAX_FILE + 1])
def test_a_file_telegram_does_not_give_out_is_gone(api: BotApi, new_falin: NewFalin, size: int) -> None:
    file_id = api.add_file("document", b"x" * size) if size else "unknown"
    with pytest.raises(FileGone):
        read_file(new_falin(), file_id)


@pytest.mark.parametrize("method", ["getFile", "download"])
@pytest.mark.parametrize("status", [500, 0, 429])
def test_a_file_is_away_while_telegram_is(
    api: BotApi, new_falin: NewFalin, caplog: pytest.LogCaptureFixture, method: str, status: int
) -> None:
    api.fault(method, status=status, retry_after=3)
    with pytest.raises(FileAway):
        read_file(new_falin(), api.add_file("photo", PNG))
    assert api.token not in caplog.text


def test_sending_waits_while_a_file_is_away(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        falin = new_falin()
        api.fault("getFile", status=500)
        file = Attachment("telegram", api.add_file("audio", b"la"), "document", "歌.mp3")
        with pytest.raises(RetryLater):
            await falin.channel._sending.send(Outgoing(1, "telegram", "7", Reply("", (), file)))
        assert await falin.channel._sending.send(Outgoing(1, "telegram", "7", Reply("", (), file))) == ["1"]
        with pytest.raises(Undeliverable):
            await falin.channel._sending.send(Outgoing(2, "telegram", "7", Reply(" ")))
        await falin.channel._bot.shutdown()

    run(work())
