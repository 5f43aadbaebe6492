"""The console as people use it: at a desk and on a phone, from the invitation to a closed case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

from bot.domain.messages import Attachment
from bot.domain.roster import Absence
from bot.services.console_accounts import invite_to_console, log_out_everywhere
from bot.services.handoff import accept_case
from tests.channels.webchat_server import until
from tests.console.server import ConsoleServer, serving

pytestmark = pytest.mark.browser
PASSWORD = "moluo-4-xiang-wan"
QUESTION = "老板欠我三个月工资不给，说工地没结账，我该咋个办嘛？我手上有考勤的照片，也有微信上他答应给钱的记录。"
Open = Callable[..., Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ConsoleServer]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def at_desk(new_phone: Open, server: ConsoleServer) -> Open:
    """A page of somebody who is logged in, as wide as a desk's screen unless told otherwise."""

    def open_page(member: str, path: str = "/console/", width: int = 1280, height: int = 800) -> Any:
        page = new_phone(width, height, touch=width < 600)
        cookies = [{"name": n, "value": v, "url": f"{server.url}/console"} for n, v in server.session(member).items()]
        page.context.add_cookies(cookies)
        page.goto(path)
        return page

    return open_page


def assert_no_overflow(page: Any) -> None:
    """Nothing sticks out to the right."""
    wide = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("body *:not(.hidden, .hidden *, .skip)")]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1
                || e.tagName === "HTML" && e.scrollWidth > innerWidth + 1)
            .map(e => `${e.tagName}.${e.className}#${e.id}`)"""
    )
    assert wide == []


def fill_street(server: ConsoleServer) -> dict[str, Any]:
    """A morning: cases of all kinds."""
    scene = server.scene
    for name in ("chen", "zhou"):
        scene.member(name)
    wang, li = scene.resident("baima"), scene.resident("baima")
    waiting = scene.open_case(li, "楼上漏水，天花板都泡烂了", "tenancy", "urgent")
    talked = scene.open_case(wang, QUESTION, "labour")
    scene.open_case(scene.resident("qinggang"), "朋友借钱不还", "lending")
    late = scene.open_case(scene.resident("qinggang"), "房东不退押金", "tenancy")

    def break_promise(work: Any) -> None:
        case = work.uow.cases.get(late.id)
        case.promised_at = work.now - timedelta(minutes=50)
        work.uow.cases.save(case)
        work.uow.cases.book(talked.id, "chen", work.now + timedelta(minutes=1))
        work.uow.answers.note_given(wang.client_id, "labour.unpaid_wages", work.now - timedelta(minutes=9))

    scene.work(break_promise)
    scene.work(accept_case, talked.id, "chen")
    return {"wang": wang, "waiting": waiting, "talked": talked, "late": late}


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_from_the_invitation_to_the_queue(
    new_phone: Open, server: ConsoleServer, screenshot: Callable[..., None], width: int, height: int
) -> None:
    def invite(work: Any) -> str:
        return invite_to_console(work.uow, work.library.street, "chen", work.now)

    page = new_phone(width, height, touch=width < 600)
    page.goto(f"/console/join/{server.scene.work(invite)}")
    page.get_by_text("陈律师，您好").wait_for()
    assert_no_overflow(page)
    screenshot(page, f"console-1-join-{width}")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("密码", exact=False).first.fill(PASSWORD)
    page.get_by_label("再输一次").fill(PASSWORD)
    page.get_by_label("六位数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="开通").click()
    page.get_by_text("账号已开通").wait_for()
    assert page.locator(".codes li").count() == 8
    recovery = page.locator(".codes li").first.inner_text()
    assert_no_overflow(page)
    screenshot(page, f"console-2-recovery-{width}")
    page.get_by_role("link", name="去登录").click()
    page.get_by_label("编号").fill("chen")
    page.get_by_label("密码").fill("falsch-und-lang")
    page.get_by_label("验证码").fill(recovery)
    screenshot(page, f"console-3-login-{width}")
    page.keyboard.press("Enter")
    page.get_by_text("编号、密码或验证码不对").wait_for()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    page.get_by_text("现在没有人在等").wait_for()
    page.get_by_role("link", name="陈律师").click()
    page.get_by_text("还剩 7 个").wait_for()
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_role("button", name="登录").wait_for()
    page.goto("/console/")
    page.get_by_role("button", name="登录").wait_for()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_the_queue_and_a_case(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], tmp_path: Path, width: int, height: int
) -> None:
    street = fill_street(server)
    boss = at_desk("wu", width=width, height=height)
    boss.get_by_text("1 个案件超过了承诺的时间").wait_for()
    assert_no_overflow(boss)
    screenshot(boss, f"console-4-queue-supervisor-{width}")
    page = at_desk("chen", width=width, height=height)
    assert_no_overflow(page)
    screenshot(page, f"console-5-queue-adviser-{width}")
    page.get_by_role("link").filter(has_text=street["talked"].reference).first.click()
    page.get_by_text(QUESTION).wait_for()
    page.get_by_label("写给居民").fill("您好，考勤照片和聊天记录都留好，先别删。请发一张工资条看看。")
    page.wait_for_load_state()  # the key works once the page's script runs, and a test is quicker than a hand
    page.keyboard.press("Control+Enter")
    page.get_by_text("已发出。").wait_for()
    attachment = Attachment("telegram", "iou.png", "photo", "工资条.png", "image/png", 1000, "工资条在这里")
    make_picture(page, tmp_path / "iou.png")
    street["wang"].send(file="photo", attachment=attachment)
    page.get_by_text("工资条在这里").wait_for()
    wait_for_picture(page, "client")
    assert_no_overflow(page)
    page.locator("input[type=file]").set_input_files(str(tmp_path / "iou.png"))
    page.get_by_role("button", name="发送").click()
    wait_for_picture(page, "member")
    assert_no_overflow(page)
    screenshot(page, f"console-6b-case-written-{width}")
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, f"console-6-case-{width}")
    page.get_by_text("结案", exact=True).first.click()
    page.get_by_label("找现成的答复").fill("拖欠工资")
    page.get_by_role("button", name="找", exact=True).click()
    page.get_by_text("老板拖欠工资怎么办").last.click()
    page.get_by_role("link", name="填到回复里").click()
    assert page.get_by_label("写给居民").input_value().startswith("单位要按时发工资。")
    page.evaluate("document.getElementById('look').scrollIntoView()")
    screenshot(page, f"console-7-case-search-{width}")
    page.get_by_text("结案", exact=True).first.click()
    page.get_by_label("已解答").check()
    screenshot(page, f"console-8-case-close-{width}")
    page.get_by_role("button", name="结案").click()
    page.get_by_text("已结案。").wait_for()
    assert_no_overflow(page)
    screenshot(page, f"console-9-case-closed-{width}")


def wait_for_picture(page: Any, author: str) -> None:
    """Until the author's first picture is there with its bytes."""
    picture = page.locator(f".message.{author} img.photo").first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("image => image.naturalWidth > 0"))


def make_picture(page: Any, path: Path) -> None:
    """A photo-like picture, drawn by the browser itself."""
    page.locator(".head").first.screenshot(path=str(path))


def test_pages_change_by_themselves_and_leave_what_is_being_written(at_desk: Open, server: ConsoleServer) -> None:
    street = fill_street(server)
    queue = at_desk("chen")
    assert queue.locator(".unread").count() == 0
    case = at_desk("chen", f"/console/cases/{street['talked'].reference}")
    case.get_by_label("写给居民").fill("正在写的半句")
    case.get_by_text("转给同事").click()
    case.get_by_label("原因").first.fill("半个原因")
    street["wang"].send("我找到工资条了")
    case.get_by_text("我找到工资条了").wait_for()
    assert case.get_by_label("写给居民").input_value() == "正在写的半句"
    assert case.get_by_label("原因").first.input_value() == "半个原因"
    server.scene.open_case(server.scene.resident("baima"), "新来的", "labour")
    queue.locator("section[aria-label=等待接手] .card").nth(1).wait_for()


def test_what_was_written_survives_an_expired_session(at_desk: Open, server: ConsoleServer) -> None:
    street = fill_street(server)
    page = at_desk("chen", f"/console/cases/{street['talked'].reference}")
    page.get_by_label("写给居民").press_sequentially("写了很久的话")
    server.scene.work(lambda work: log_out_everywhere(work.uow, "chen"))
    page.get_by_role("button", name="发送").click()
    page.get_by_text("登录已经过期，没有保存").wait_for()
    cookies = [{"name": n, "value": v, "url": f"{server.url}/console"} for n, v in server.session("chen").items()]
    page.context.add_cookies(cookies)
    page.goto(f"/console/cases/{street['talked'].reference}")
    assert page.get_by_label("写给居民").input_value() == "写了很久的话"


def test_two_take_over_at_once_and_the_second_is_told(at_desk: Open, server: ConsoleServer) -> None:
    street = fill_street(server)
    path = f"/console/cases/{street['waiting'].reference}"
    chen, wu = at_desk("chen", path), at_desk("wu", path)
    chen.get_by_role("button", name="接手").click()
    chen.get_by_text("已接手。").wait_for()
    wu.locator("#acts").get_by_role("button", name="接手").wait_for(state="detached")
    assert server.scene.case(street["waiting"]).adviser_id == "chen"


def test_without_javascript_everything_but_live_updates_works(
    chromium: Any, server: ConsoleServer
) -> None:
    street = fill_street(server)
    context = chromium.new_context(java_script_enabled=False, base_url=server.url, locale="zh-CN")
    context.add_cookies([{"name": n, "value": v, "url": f"{server.url}/console"} for n, v in server.session("chen").items()])
    page = context.new_page()
    page.goto(f"/console/cases/{street['waiting'].reference}")
    page.get_by_role("button", name="接手").click()
    page.get_by_label("找现成的答复").fill("押金")
    page.get_by_role("button", name="找", exact=True).click()
    page.get_by_text("房东不退押金").click()
    page.get_by_role("link", name="填到回复里").click()
    page.get_by_label("写给居民").fill("您好，我是陈律师。")
    page.get_by_role("button", name="发送").click()
    page.get_by_text("您好，我是陈律师。").wait_for()
    page.get_by_text("结案", exact=True).first.click()
    page.get_by_label("已解决").check()
    page.get_by_role("button", name="结案").click()
    page.get_by_text("已结案。").wait_for()
    context.close()


def test_the_keyboard_reaches_everything(at_desk: Open, server: ConsoleServer) -> None:
    street = fill_street(server)
    page = at_desk("chen", f"/console/cases/{street['waiting'].reference}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "接手":
            break
    page.keyboard.press("Enter")
    page.get_by_text("已接手。").wait_for()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
def test_pages_of_the_supervisor_and_of_staff(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], width: int, height: int
) -> None:
    street = fill_street(server)
    today = server.scene.now.date()
    server.scene.work(lambda work: work.uow.members.add_absence(Absence("zhou", today, today + timedelta(days=3))))
    page = at_desk("wu", f"/console/cases/{street['late'].reference}", width, height)
    assert_no_overflow(page)
    screenshot(page, f"console-a-case-supervisor-{width}")
    for number, path in enumerate(("/console/members", "/console/audit", "/console/referred"), 1):
        page.goto(path)
        assert_no_overflow(page)
        screenshot(page, f"console-b{number}-{path.split('/')[-1]}-{width}")
    page.goto("/console/members")
    page.get_by_role("button", name="邀请").first.click()
    page.get_by_text("这一页只显示这一次").wait_for()
    assert_no_overflow(page)
    screenshot(page, f"console-c-invited-{width}")
    staff = at_desk("zheng", f"/console/cases/{street['talked'].reference}", width, height)
    assert staff.get_by_text(QUESTION).count() == 0
    assert_no_overflow(staff)
    screenshot(staff, f"console-d-case-staff-{width}")
