"""Which updates become messages for falin, and as what."""
from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram.updates import read_update
from tests.botapi import BOT, BotApi, message
from tests.channels.conftest import NewFalin
from tests.channels.process import run, settle, until

FILE = {"file_id": "a", "file_unique_id": "b"}
PLACE = {"longitude": 106.5, "latitude": 29.5}
DOCUMENT = {"document": FILE}
ANIMATION = {"animation": {**FILE, "width": 1, "height": 1, "duration": 1}, **DOCUMENT}
STICKER = {"sticker": {**FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}}
PHOTO = {"photo": [{**FILE, "width": 1, "height": 1}]}

FILES = {
    "photo": PHOTO,
    "photo with caption": {**PHOTO, "caption": "这是合同"},
    "voice": {"voice": {**FILE, "duration": 3}},
    "video": {"video": {**FILE, "width": 1, "height": 1, "duration": 1}},
    "round video": {"video_note": {**FILE, "length": 1, "duration": 1}},
    "animation": ANIMATION,
    "sticker": STICKER,
    "document": DOCUMENT,
    "location": {"location": PLACE},
    "venue": {"location": PLACE, "venue": {"location": PLACE, "title": "t", "address": "a"}},
    "contact": {"contact": {"phone_number": "1", "first_name": "a"}},
    "audio": {"audio": {**FILE, "duration": 1}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "unknown content": {"hologram": {"depth": 3}},
}
KINDS = {
    "photo": "photo", "photo with caption": "photo", "voice": "voice", "video": "video", "round video": "video",
    "animation": "video", "sticker": "sticker", "document": "document", "location": "location", "venue": "location",
    "contact": "contact", "audio": "document", "dice": "other", "unknown content": "other",
}  # fmt: skip


def read(**kind: Any) -> Any:
    update = Update.de_json({"update_id": 9, **kind}, None)
    assert update is not None
    return read_update(update)


@pytest.mark.parametrize("name", FILES)
def test_anything_but_text_is_a_file_of_its_kind(name: str) -> None:
    inbound = read(message=message(7, **FILES[name]))
    assert (inbound.file, inbound.text, inbound.client_key) == (KINDS[name], None, "7")


def test_text_keeps_its_sender_time_and_number() -> None:
    written = message(7, text="老板 不发工资\n咋办")
    inbound = read(message=written)
    assert (inbound.channel, inbound.update_id, inbound.client_key) == ("telegram", "9", "7")
    assert (inbound.text, inbound.edited) == ("老板 不发工资\n咋办", False)
    assert inbound.sent_at.timestamp() == written["date"]
    assert inbound.sent_at.utcoffset() is not None


def test_edited_text_is_marked() -> None:
    inbound = read(edited_message=message(7, text="改了", edit_date=1_900_000_000))
    assert (inbound.text, inbound.edited, inbound.sent_at.timestamp()) == ("改了", True, 1_900_000_000)


def test_moving_position_is_one_message_not_hundreds() -> None:
    assert read(edited_message=message(7, location=PLACE, edit_date=1_900_000_000)) is None


GROUP = {"id": -100, "type": "supergroup", "title": "业主群"}
UNANSWERED = {
    "group message": {"message": message(7, text="在吗") | {"chat": GROUP}},
    "channel post": {"channel_post": message(7, text="通知") | {"chat": {**GROUP, "type": "channel"}}},
    "other bot": {"message": message(7, text="在吗") | {"from": {**BOT, "id": 3}}},
    "pinned notice": {"message": message(7, pinned_message=message(7, text="在吗"))},
    "timer notice": {"message": message(7, message_auto_delete_timer_changed={"message_auto_delete_time": 5})},
    "press in a group": {"callback_query": {"id": "1", "from": BOT | {"id": 7}, "chat_instance": "1", "data": "x",
                                            "message": message(7, text="在吗") | {"chat": GROUP}}},
    "press without message": {"callback_query": {"id": "1", "from": BOT | {"id": 7}, "chat_instance": "1",
                                                 "inline_message_id": "1", "data": "x"}},
    "game": {"callback_query": {"id": "1", "from": BOT | {"id": 7}, "chat_instance": "1", "game_short_name": "x",
                                "message": message(7, text="在吗")}},
    "inline query": {"inline_query": {"id": "1", "from": BOT | {"id": 7}, "query": "", "offset": ""}},
    "member": {"my_chat_member": {"chat": {"id": 7, "type": "private"}, "from": {**BOT, "id": 7}, "date": 1,
                                  "old_chat_member": {"status": "member", "user": BOT},
                                  "new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0}}},
    "unknown kind": {"hologram": {}},
}  # fmt: skip


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_is_not_for_falin_is_passed_over(name: str) -> None:
    assert read(**UNANSWERED[name]) is None


def test_every_kind_gets_exactly_one_reply_or_none(api: BotApi, new_falin: NewFalin) -> None:
    async def work() -> None:
        async with new_falin().running() as falin:
            for kind in UNANSWERED.values():
                api.push(**kind)
            for content in FILES.values():
                api.push(message=message(7, **content))
            api.push(edited_message=message(7, text="改了"))
            for text in ("？！", "长" * 3000, "/nothing", "/intent{}"):
                api.say(7, text)
            await until(lambda: len(api.sent) == len(FILES) + 5)
            await settle(falin)
            await until(lambda: not api.waiting)
        files = [f"utter_cannot_read_{'voice' if kind == 'voice' else 'file'}" for kind in KINDS.values()]
        rest = ["utter_edited", "utter_empty", "utter_too_long", "utter_unknown_command", "utter_unknown_command"]
        assert api.texts() == files + rest
        assert falin.brain.readings == []

    run(work())
