"""Files in the web chat as people send and see them."""
from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from bot.channels.webchat import notices
from bot.domain.messages import Attachment
from tests.browser.test_webchat_browser import (
    NewPhone,
    Screenshot,
    assert_no_overflow,
    open_chat,
    say,
    texts,
    wait_for_reply,
)
from tests.channels.webchat_server import Server

pytestmark = pytest.mark.browser
ANSWER = "收到您的文件了"


def picture(width: int = 900, height: int = 1200, form: str = "JPEG") -> bytes:
    """A sheet of paper with lines, as a phone would see it."""
    image = Image.new("RGB", (width, height), (235, 228, 210))
    for line in range(height // 12, height, height // 18 or 1):
        for x in range(width // 10, width - width // 8):
            image.putpixel((x, min(height - 1, line + random.Random(x).randint(0, 3))), (40, 40, 70))
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def choose(page: Any, name: str, mime: str, content: bytes) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": mime, "buffer": content})


def send(page: Any) -> None:
    page.get_by_role("button", name="发送", exact=True).click()


def wait_for_picture(page: Any, whose: str) -> None:
    """Until the picture itself is there, not only its frame."""
    image = page.locator(f"{whose} .picture img")
    for _ in range(100):
        if image.count() and image.evaluate("image => image.naturalWidth") == 900:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the picture did not come")


def stored(server: Server) -> list[bytes]:
    return [server.store.read(path.name) for path in server.files.iterdir()] if server.files.exists() else []


def test_a_photo_is_looked_at_sent_and_seen_to_have_arrived(
    new_phone: NewPhone, server: Server, screenshot: Screenshot
) -> None:
    page = open_chat(new_phone())
    assert page.get_by_role("button", name="发图片或文件").is_visible()
    choose(page, "借条.jpg", "image/jpeg", picture())
    page.locator("#tray canvas").wait_for()
    page.locator("#text").fill("这是他写的借条")
    assert_no_overflow(page)
    screenshot(page, "20-photo-chosen")
    assert stored(server) == []
    send(page)
    wait_for_reply(page, ANSWER)
    mine = page.locator(".message.me")
    assert mine.locator(".state").inner_text() == "✓ 图片已发出"
    wait_for_picture(page, ".me")
    assert texts(page, "me") == ["这是他写的借条"]
    assert page.locator("#tray").is_hidden()
    assert page.locator("#text").input_value() == ""
    assert_no_overflow(page)
    screenshot(page, "21-photo-sent")
    page.reload()
    wait_for_picture(page, ".me")
    assert server.count_inbox() == 2


def test_a_large_photo_is_made_smaller_on_the_phone(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    choose(page, "合同.png", "image/png", picture(4000, 3000, "PNG"))
    send(page)
    wait_for_reply(page, ANSWER)
    [content] = stored(server)
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (2560, 1920))
    assert page.locator(".me .picture img").get_attribute("alt").startswith("图片：合同.jpg")


def test_several_files_are_sent_in_order_and_one_can_be_taken_out(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    for number in range(3):
        choose(page, f"第{number}张.jpg", "image/jpeg", picture(200 + number, 100))
    page.get_by_role("button", name="不发：第1张.jpg").click()
    send(page)
    page.locator(".me[data-state=sent]").nth(1).wait_for()
    names = page.locator(".me .picture img").evaluate_all("all => all.map(image => image.alt)")
    assert [name[3:8] for name in names] == ["第0张.j", "第2张.j"]


def test_the_label_opens_the_choice_of_files(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="发图片或文件").click()
    assert chooser.value.is_multiple()
    page.keyboard.press("Escape")


@pytest.mark.parametrize(("event", "field"), [("paste", "clipboardData"), ("drop", "dataTransfer")])
def test_pasted_and_dropped_files_wait_in_the_tray(new_phone: NewPhone, event: str, field: str) -> None:
    page = open_chat(new_phone())
    page.evaluate(
        """([event, field]) => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "photo.png", { type: "image/png" }));
            const kind = event === "paste" ? ClipboardEvent : DragEvent;
            document.getElementById("text").dispatchEvent(
                new kind(event, { [field]: data, bubbles: true, cancelable: true }));
        }""",
        [event, field],
    )
    page.locator("#tray").get_by_text("photo.png").wait_for()
    assert texts(page, "me") == []


@pytest.mark.parametrize(
    ("name", "mime", "content", "sentence"),
    [
        ("病毒.exe", "application/octet-stream", b"MZ", notices.FILE_TYPE),
        ("空.pdf", "application/pdf", b"", notices.FILE_EMPTY),
        ("录像.mp4", "video/mp4", b"x" * 20_000_001, notices.FILE_TOO_LARGE),
        ("画.svg", "image/svg+xml", b"<svg/>", notices.FILE_TYPE),
    ],
    ids=["program", "empty", "large", "svg"],
)
def test_what_cannot_be_sent_is_said_before_anything_leaves_the_phone(
    new_phone: NewPhone, server: Server, name: str, mime: str, content: bytes, sentence: str
) -> None:
    page = open_chat(new_phone())
    choose(page, name, mime, content)
    page.get_by_role("status").filter(has_text=sentence).wait_for()
    assert page.locator("#tray").is_hidden()


def test_an_upload_the_server_refuses_stays_in_the_tray_with_the_reason(
    new_phone: NewPhone, server: Server, screenshot: Screenshot
) -> None:
    page = open_chat(new_phone())
    choose(page, "假照片.jpg", "image/jpeg", b"<html>" * 100)
    page.locator("#text").fill("请看")
    send(page)
    page.get_by_role("status").filter(has_text=notices.FILE_TYPE).wait_for()
    assert page.locator("#tray .doing").inner_text() == "没有发出去"
    assert page.locator("#text").input_value() == "请看"
    assert_no_overflow(page)
    screenshot(page, "22-upload-refused")
    assert stored(server) == []
    page.get_by_role("button", name="不发：假照片.jpg").click()
    send(page)
    wait_for_reply(page, "收到：请看")


def test_a_photo_sent_without_a_network_can_be_sent_again(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    choose(page, "借条.jpg", "image/jpeg", picture())
    page.context.set_offline(True)
    send(page)
    page.get_by_text("网络不通，没有发出去").wait_for()
    page.context.set_offline(False)
    send(page)
    wait_for_reply(page, ANSWER)
    assert server.count_inbox() == 2
    assert len(stored(server)) == 1


def test_a_photo_that_is_known_to_the_server_survives_a_restart(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    choose(page, "借条.jpg", "image/jpeg", picture())
    page.route("**/files", lambda route: (_later(page), route.continue_()))
    send(page)
    page.locator(".message.me[data-state=waiting], .message.me[data-state=sent]").wait_for()
    page.context.set_offline(False)
    wait_for_reply(page, ANSWER)
    assert server.count_inbox() == 2


def _later(page: Any) -> None:
    page.evaluate("window.dispatchEvent(new Event('offline'))")


def test_received_files_are_shown_by_what_they_are(
    new_phone: NewPhone, server: Server, screenshot: Screenshot
) -> None:
    page = open_chat(new_phone())
    server.telegram_files |= {"p": picture(), "d": b"%PDF-1.7 " + b"x" * 900_000, "v": b"OggS" + b"x" * 999}
    server.push("张律师：您看看，格式像这样写。", Attachment("telegram", "p", "photo", "", "image/jpeg", 90_000))
    wait_for_reply(page, "格式像这样写")
    wait_for_picture(page, ".falin")
    page.wait_for_timeout(300)
    screenshot(page, "23-photo-received")
    long = "劳动仲裁申请书（范本，请按自己的情况填写，打印两份）.pdf"
    server.push("", Attachment("telegram", "d", "document", long, "application/pdf", 900_009))
    server.push("张律师：路上说两句。", Attachment("telegram", "v", "voice", "", "audio/ogg", 4_000))
    wait_for_reply(page, "路上说两句")
    link = page.locator(".falin a.document")
    assert "900 KB" in link.inner_text()
    assert page.locator(".falin audio.player").get_attribute("preload") == "none"
    page.wait_for_timeout(300)
    page.locator("#scroller").evaluate("box => box.scrollTop = box.scrollHeight")
    assert_no_overflow(page)
    screenshot(page, "24-file-received")
    with page.context.expect_page() as opened:
        page.locator(".falin .picture").click()
    assert "/files/" in opened.value.url


def test_a_picture_that_is_gone_becomes_a_link(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    server.push("看", Attachment("telegram", "gone", "photo", "借条.jpg", "image/jpeg", 9))
    page.locator(".falin a.document").filter(has_text="借条.jpg").wait_for()


def test_an_edit_changes_the_message_where_it_stands(
    new_phone: NewPhone, server: Server, screenshot: Screenshot
) -> None:
    page = open_chat(new_phone())
    server.telegram_files["p"] = picture()
    photo = Attachment("telegram", "p", "photo", "", "image/jpeg", 9)
    first = server.push("张律师：明天上午九点来。", photo)
    wait_for_reply(page, "明天上午九点来")
    server.push("张律师：记得带身份证。")
    wait_for_reply(page, "记得带身份证")
    server.push("张律师：后天上午九点来。", photo, first)
    changed = wait_for_reply(page, "后天上午九点来")
    assert changed.locator(".edited").inner_text() == "已修改"
    assert changed.locator(".picture").count() == 1
    assert [text[:8] for text in texts(page, "falin")[1:]] == ["张律师：后天上午", "张律师：记得带身"]
    page.get_by_text("对方改过了").wait_for()
    screenshot(page, "25-edited")
    before = texts(page, "falin")
    page.reload()
    wait_for_reply(page, "后天上午九点来")
    assert texts(page, "falin") == before
    server.push("张律师撤回了一条消息", replaces=first)
    wait_for_reply(page, "撤回了一条消息")
    assert page.locator(".picture").count() == 0
    assert len(texts(page, "falin")) == len(before)


def test_an_edit_of_a_message_that_was_cleared_is_shown_as_a_new_one(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    first = server.push("张律师：明天来。")
    wait_for_reply(page, "明天来")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="更多").click()
    page.locator("#clear").click()
    server.push("张律师：后天来。", replaces=first)
    wait_for_reply(page, "后天来")
    server.push("张律师：大后天来。", replaces=first)
    wait_for_reply(page, "大后天来")
    assert len(texts(page, "falin")) == 1


@pytest.mark.parametrize("size", [(320, "46px"), (360, "17px")], ids=["large", "normal"])
def test_files_fit_a_narrow_phone(new_phone: NewPhone, server: Server, size: tuple[int, str]) -> None:
    page = open_chat(new_phone(size[0], 700))
    page.evaluate("size => document.documentElement.style.fontSize = size", size[1])
    choose(page, "很长的名字" * 20 + ".jpg", "image/jpeg", picture(2000, 200))
    page.locator("#tray canvas").wait_for()
    assert_no_overflow(page)
    send(page)
    wait_for_reply(page, ANSWER)
    server.push("", Attachment("telegram", "d", "document", "a" * 80, "application/pdf", 9))
    page.locator(".falin a.document").wait_for()
    assert_no_overflow(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a.document")]
            .filter(e => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44)).map(e => e.outerHTML)"""
    )
    assert small == []


def test_words_and_files_leave_nothing_behind_on_leaving(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    choose(page, "伤.jpg", "image/jpeg", picture())
    send(page)
    wait_for_reply(page, ANSWER)
    say(page, "他打我")
    page.get_by_role("button", name="离开").click()
    page.wait_for_url("about:blank")
    open_chat(page)
    assert page.locator(".picture").count() == 0
    assert "/files/" not in page.evaluate("JSON.stringify(localStorage)")
