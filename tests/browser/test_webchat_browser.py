"""The web chat as people use it: on a phone, with a keyboard, with large text, on a bad network."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.channels.webchat.identity import Identity
from tests.channels.webchat_server import Server

pytestmark = pytest.mark.browser
NewPhone = Callable[..., Any]
Screenshot = Callable[..., None]
QUESTION = "老板欠我三个月工资不给，我该咋个办嘛？"


def open_chat(page: Any, path: str = "/") -> Any:
    """Open the chat and wait for the greeting."""
    page.goto(path)
    page.get_by_text("您好，我是法邻").wait_for()
    return page


def say(page: Any, words: str) -> None:
    page.get_by_label("把您遇到的事写在这里").fill(words)
    page.get_by_role("button", name="发送", exact=True).click()


def wait_for_reply(page: Any, text: str) -> Any:
    found = page.locator(".message.falin").filter(has_text=text)
    found.first.wait_for()
    return found


def texts(page: Any, who: str) -> list[str]:
    bubbles = page.locator(f".message.{who} .bubble")
    lines = "all => all.map(b => [...b.querySelectorAll('p')].map(p => p.innerText).join('\\n'))"
    return list(bubbles.evaluate_all(lines))


def assert_no_overflow(page: Any) -> None:
    """Nothing sticks out to the right, of the page or of the conversation; the quick bar may be swiped."""
    wide = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("body *:not(.quick, .quick *)")]
            .filter(e => e.tagName !== "TEXTAREA" && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1
                || e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => `${e.tagName}.${e.className}#${e.id} ${e.scrollWidth}>${e.clientWidth}`)"""
    )
    assert wide == [], "\n".join(wide)


# --- a conversation ---


def test_conversation_on_a_phone(new_phone: NewPhone, screenshot: Screenshot, server: Server) -> None:
    page = open_chat(new_phone())
    screenshot(page, "1-greeting")
    say(page, QUESTION)
    answer = wait_for_reply(page, "依据")
    assert answer.locator(".lead").inner_text().startswith("老板拖欠工资")
    assert answer.locator(".step").count() == 3
    assert answer.locator("p a").get_attribute("href") == "tel:12333"
    assert answer.locator("a.call").get_attribute("href") == "tel:12333"
    page.wait_for_timeout(300)
    assert answer.locator(".lead").bounding_box()["y"] > 0, "the conclusion is out of sight"
    screenshot(page, "2-answer")
    answer.get_by_role("button", name="找法律顾问").click()
    wait_for_reply(page, "您选了：request_adviser")
    screenshot(page, "3-pressed")
    page.get_by_role("button", name="转人工").click()
    wait_for_reply(page, "收到：转人工")
    assert texts(page, "me") == [QUESTION, "找法律顾问", "转人工"]
    assert page.locator("#typing").is_hidden()
    assert_no_overflow(page)


def test_button_works_once_per_message_and_shows_which(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    page.get_by_role("button", name="邻里纠纷").click()
    wait_for_reply(page, "您选了：choose_entry")
    first = page.locator(".message.falin").first
    assert [b.get_attribute("aria-disabled") for b in first.locator(".choice").all()] == ["true"] * 3
    assert first.locator(".chosen").inner_text().startswith("邻里纠纷")
    first.get_by_role("button", name="劳动纠纷").click(force=True)
    page.wait_for_timeout(500)
    assert server.count_inbox() == 2  # /start and the first press


def test_whitespace_of_messages_is_kept_and_markup_is_text(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    words = "第一行\n  <b>第二行</b><img src=x onerror=alert(1)>"
    say(page, words)
    wait_for_reply(page, "收到：")
    assert texts(page, "me") == [words]
    assert page.locator("#log img, #log b").count() == 0


def test_reload_shows_the_transcript_and_greets_only_once(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    say(page, "你好")
    wait_for_reply(page, "收到：你好")
    before = texts(page, "falin")
    page.reload()
    wait_for_reply(page, "收到：你好")
    page.wait_for_timeout(1500)
    assert texts(page, "falin") == before
    assert server.count_inbox() == 2


def test_poster_link_greets_with_its_community_once(new_phone: NewPhone, server: Server) -> None:
    page = new_phone()
    for _ in range(2):
        page.goto("/?c=baima")
        wait_for_reply(page, "我是法邻（baima）")
        page.wait_for_timeout(500)
    assert len(texts(page, "falin")) == 1
    page.goto("/?c=<script>")
    page.wait_for_timeout(500)
    assert server.count_inbox() == 1


def test_two_tabs_show_the_same_conversation(new_phone: NewPhone) -> None:
    one = open_chat(new_phone())
    two = open_chat(one.context.new_page())
    say(one, "从第一页说")
    wait_for_reply(two, "收到：从第一页说")
    say(two, "从第二页说")
    wait_for_reply(one, "收到：从第二页说")
    one.wait_for_timeout(1200)
    assert texts(one, "falin") == texts(two, "falin")
    assert len(texts(one, "falin")) == 3


def test_long_answer_begins_at_its_conclusion(new_phone: NewPhone) -> None:
    page = open_chat(new_phone(360, 560))
    say(page, QUESTION)
    lead = wait_for_reply(page, "依据").locator(".lead")
    page.wait_for_timeout(300)
    box, top = lead.bounding_box(), page.locator("#scroller").bounding_box()
    assert top["y"] <= box["y"] < top["y"] + 60


def test_reader_of_older_messages_is_not_pulled_down(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone(360, 560))
    for _ in range(2):
        say(page, QUESTION)
        page.wait_for_timeout(500)
    page.locator("#scroller").evaluate("box => box.scrollTop = 0")
    server.push("您的案件有进展")
    page.get_by_role("button", name="有新消息").click()
    page.locator("#newer").wait_for(state="hidden")
    assert page.get_by_text("您的案件有进展").is_visible()


# --- a bad network ---


def test_message_written_offline_is_sent_once_when_back(
    new_phone: NewPhone, server: Server, screenshot: Screenshot
) -> None:
    page = open_chat(new_phone())
    page.context.set_offline(True)
    say(page, "没有网的时候写的")
    page.get_by_text("未送达，连上网络后自动发送").wait_for()
    page.get_by_text("网络断开了").wait_for()
    screenshot(page, "4-offline")
    assert server.count_inbox() == 1
    page.context.set_offline(False)
    wait_for_reply(page, "收到：没有网的时候写的")
    page.get_by_text("未送达").wait_for(state="detached")
    assert page.locator("#banner").inner_text() == ""
    assert server.count_inbox() == 2


def test_messages_survive_a_server_restart_in_order(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    server.stop()
    for words in ("一", "二", "三"):
        say(page, words)
    assert page.locator(".message.me[data-state=waiting]").count() == 3
    server.start()
    wait_for_reply(page, "收到：三")
    assert texts(page, "falin")[1:] == ["收到：一", "收到：二", "收到：三"]
    assert server.count_inbox() == 4


def test_queue_survives_closing_the_page(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    server.stop()
    say(page, "关掉以前写的")
    page.close()
    server.start()
    again = page.context.new_page()
    again.goto("/")
    wait_for_reply(again, "收到：关掉以前写的")
    assert server.count_inbox() == 2


def test_message_from_long_ago_waits_for_a_tap(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    server.stop()
    say(page, "昨天写的")
    page.evaluate(
        """() => {
            const state = JSON.parse(localStorage.falin);
            state.entries[state.entries.length - 1].at -= 13 * 3600 * 1000;
            localStorage.falin = JSON.stringify(state);
        }"""
    )
    server.start()
    page.reload()
    again = page.get_by_role("button", name="重新发送")
    again.wait_for()
    page.wait_for_timeout(500)
    assert server.count_inbox() == 1
    again.click()
    wait_for_reply(page, "收到：昨天写的")
    assert server.count_inbox() == 2


def test_fault_of_the_server_is_said_above_the_composer(
    new_phone: NewPhone, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_chat(new_phone())

    async def broken(_inbound: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(server.desk, "accept", broken)
        say(page, "你好")
        page.get_by_role("status").filter(has_text="系统正忙").wait_for()
    wait_for_reply(page, "收到：你好")
    assert texts(page, "me") == ["你好"]


def test_reply_sent_while_the_page_was_closed_is_there_on_return(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    page.close()
    server.push("您的案件有进展")
    again = open_chat(page.context.new_page())
    wait_for_reply(again, "您的案件有进展")


def test_lost_cookie_is_replaced_by_loading_once_more(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    page.context.clear_cookies()
    with page.expect_navigation():
        page.context.set_offline(True)
        page.context.set_offline(False)
    say(page, "还在吗")
    wait_for_reply(page, "收到：还在吗")


def test_browser_that_refuses_cookies_is_told_so(new_phone: NewPhone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Identity, "give", lambda *_: None)
    page = new_phone()
    page.goto("/")
    page.get_by_text("允许本网站使用 Cookie").wait_for()


# --- privacy of the device ---


def test_leaving_shows_a_blank_page_and_empties_the_record(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    say(page, "他打我")
    wait_for_reply(page, "收到：他打我")
    page.get_by_role("button", name="离开").click()
    page.wait_for_url("about:blank")
    page.go_back()
    assert "他打我" not in page.content()
    open_chat(page)
    assert len(texts(page, "falin")) == 1
    assert "他打我" not in page.evaluate("JSON.stringify(localStorage)")


def test_answer_on_its_way_does_not_show_up_after_leaving(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    page.evaluate(
        """() => {
            document.getElementById("text").value = "他打我";
            document.getElementById("send").click();
            document.getElementById("leave").click();
        }"""
    )
    page.wait_for_url("about:blank")
    open_chat(page)
    page.wait_for_timeout(1500)
    assert all("他打我" not in text for text in texts(page, "falin"))


def test_leaving_takes_other_tabs_along(new_phone: NewPhone) -> None:
    one = open_chat(new_phone())
    two = open_chat(one.context.new_page())
    one.get_by_role("button", name="离开").click()
    two.wait_for_url("about:blank")


def test_local_record_is_emptied_on_request(new_phone: NewPhone, screenshot: Screenshot) -> None:
    page = open_chat(new_phone())
    page.get_by_role("button", name="更多").click()
    screenshot(page, "5-menu")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#clear").click()
    page.get_by_text("本机记录已清空").wait_for()
    assert page.locator(".message").count() == 0
    say(page, "你好")
    wait_for_reply(page, "收到：你好")


def test_record_keeps_the_last_hundred_messages(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    page.evaluate(
        """() => {
            const state = JSON.parse(localStorage.falin);
            for (let i = 0; i < 150; i++)
                state.entries.push({ id: `old${i}`, who: "falin", text: `旧${i}`, buttons: [], at: Date.now() });
            localStorage.falin = JSON.stringify(state);
        }"""
    )
    page.reload()
    say(page, "你好")
    wait_for_reply(page, "收到：你好")
    assert page.locator(".message").count() == 100


def test_full_storage_does_not_lose_the_conversation(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    page.evaluate(
        """() => {
            let block = "x".repeat(1 << 20);
            for (let i = 0; block; i++) {
                try { localStorage[`other${i}`] = block; } catch { block = block.slice(1 + block.length / 2); }
            }
        }"""
    )
    for words in ("一" * 50, "二" * 50):
        say(page, words)
        wait_for_reply(page, f"收到：{words}")
    assert texts(page, "me") == ["一" * 50, "二" * 50]


def test_browser_without_storage_can_still_chat(new_phone: NewPhone) -> None:
    page = new_phone()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    open_chat(page)
    say(page, "你好")
    wait_for_reply(page, "收到：你好")


# --- everybody can use it ---


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_large_text_fits_the_width(
    new_phone: NewPhone, screenshot: Screenshot, width: int, dark: bool
) -> None:
    page = open_chat(new_phone(width, 740, color_scheme="dark" if dark else "light"))
    page.get_by_role("button", name="大字").click()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 22
    say(page, QUESTION + "https://example.com/" + "a" * 80)
    wait_for_reply(page, "依据")
    assert_no_overflow(page)
    screenshot(page, f"6-large-{width}{'-dark' if dark else ''}")
    page.reload()
    wait_for_reply(page, "依据")
    assert page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("size", ["17px", "34px", "46px"], ids=["normal", "200 %", "large at 200 %"])
def test_text_zoom_does_not_cut_anything_off(new_phone: NewPhone, screenshot: Screenshot, size: str) -> None:
    page = open_chat(new_phone(320, 700))
    page.evaluate("size => document.documentElement.style.fontSize = size", size)
    say(page, QUESTION)
    wait_for_reply(page, "依据")
    assert_no_overflow(page)
    screenshot(page, f"7-zoom-{size}")


def test_page_zoom_of_200_percent_fits(new_phone: NewPhone, screenshot: Screenshot) -> None:
    page = open_chat(new_phone(180, 370))
    say(page, QUESTION)
    wait_for_reply(page, "依据")
    assert_no_overflow(page)
    screenshot(page, "8-page-zoom")


@pytest.mark.parametrize("width", [320, 1024])
def test_privacy_notice_is_readable(new_phone: NewPhone, screenshot: Screenshot, width: int) -> None:
    page = new_phone(width, 740)
    page.goto("/privacy")
    assert_no_overflow(page)
    screenshot(page, f"9-privacy-{width}")
    page.get_by_role("link", name="回到聊天").first.click()
    wait_for_reply(page, "您好，我是法邻")


def test_everything_works_with_the_keyboard_alone(new_phone: NewPhone, screenshot: Screenshot) -> None:
    page = open_chat(new_phone(1024, 740, touch=False))
    focused = "document.activeElement.id || document.activeElement.textContent"
    assert page.evaluate(focused) == "text"
    page.keyboard.type(QUESTION)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("急")
    page.keyboard.press("Enter")
    answer = wait_for_reply(page, "依据")
    assert texts(page, "me") == [f"{QUESTION}\n急"]
    assert page.evaluate(focused) == "text"
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(focused) == "找法律顾问":
            break
    page.keyboard.press("Enter")
    wait_for_reply(page, "您选了：request_adviser")
    assert page.evaluate(focused).startswith("找法律顾问"), "pressing a button lost the focus"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    screenshot(page, "10-keyboard")
    assert answer.get_by_role("button", name="算一算").get_attribute("tabindex") == "-1"
    page.locator("#more").focus()
    page.keyboard.press("Enter")
    assert page.locator("#menu").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#menu").is_hidden()
    assert page.evaluate(focused) == "more"


def test_skip_link_leads_to_the_composer(new_phone: NewPhone) -> None:
    page = open_chat(new_phone(1024, 740, touch=False))
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"


def test_enter_that_picks_a_character_does_not_send(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone(1024, 740, touch=False))
    page.locator("#text").fill("ni")
    page.locator("#text").evaluate(
        "box => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    page.wait_for_timeout(300)
    assert texts(page, "me") == []


def test_enter_on_a_phone_makes_a_new_line(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    page.locator("#text").tap()
    height = page.locator("#text").bounding_box()["height"]
    page.keyboard.type("一")
    page.keyboard.press("Enter")
    page.keyboard.type("二")
    assert page.locator("#text").input_value() == "一\n二"
    assert page.locator("#text").bounding_box()["height"] > height + 10


def test_empty_message_is_not_sent_but_explained(new_phone: NewPhone, server: Server) -> None:
    page = open_chat(new_phone())
    say(page, " \n ")
    page.get_by_text("先写几个字").wait_for()
    assert server.count_inbox() == 1


def test_touch_targets_are_large_enough(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    say(page, QUESTION)
    wait_for_reply(page, "依据")
    page.get_by_role("button", name="更多").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .choice, .menu a, textarea")]
            .filter(e => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44))
            .map(e => e.outerHTML)"""
    )
    assert small == []


def test_screen_readers_get_names_roles_and_news(new_phone: NewPhone) -> None:
    page = open_chat(new_phone())
    say(page, QUESTION)
    wait_for_reply(page, "依据")
    log = page.get_by_role("log")
    assert (log.get_attribute("aria-live"), log.get_attribute("aria-busy")) == ("polite", None)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("h1").count() == 1
    assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, textarea")]
            .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels && e.labels.length))
            .map(e => e.outerHTML)"""
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert page.locator(".message.falin .bubble").first.inner_text().startswith("法邻说：")


CONTRAST = """() => {
    const channels = (text) => text.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (e) => {
        for (; e; e = e.parentElement) {
            const c = channels(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !e.offsetParent || e.closest(".hidden")) continue;
        const [a, b] = [luminance(channels(getComputedStyle(e).color)), luminance(ground(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) faint.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
    }
    return faint;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_at_least_aa(new_phone: NewPhone, screenshot: Screenshot, scheme: str) -> None:
    page = open_chat(new_phone(color_scheme=scheme))
    page.get_by_role("button", name="劳动纠纷").click()
    say(page, QUESTION)
    wait_for_reply(page, "依据")
    page.wait_for_timeout(200)
    screenshot(page, f"11-{scheme}")
    page.get_by_role("button", name="大字").click()
    page.get_by_role("button", name="更多").click()
    page.context.set_offline(True)
    say(page, "没有网")
    page.get_by_text("网络断开了").wait_for()
    page.get_by_role("button", name="更多").click()
    assert page.evaluate(CONTRAST) == []
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto("/privacy")
    assert page.evaluate(CONTRAST) == []


def test_reduced_motion_stops_the_dots(new_phone: NewPhone) -> None:
    page = open_chat(new_phone(reduced_motion="reduce"))
    names = page.evaluate(
        "[...document.querySelectorAll('.dots i')].map(e => getComputedStyle(e).animationName)"
    )
    assert set(names) == {"none"}


def test_page_shows_a_telephone_number_when_it_cannot_connect(new_phone: NewPhone) -> None:
    page = new_phone()
    page.route("**/static/chat.js", lambda route: route.abort())
    page.goto("/")
    assert page.get_by_role("link", name="023-6301 0000").first.is_visible()
