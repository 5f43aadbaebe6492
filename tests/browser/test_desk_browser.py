"""Mediations and legal aid at the desk and on a phone: from the queue to an agreement, and to the complete file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.calendar import BEIJING
from bot.domain.messages import Attachment
from tests.aid_builders import make_application, make_photo
from tests.browser.test_console_browser import Open, assert_no_overflow, at_desk, server  # noqa: F401  fixtures
from tests.builders import make_content, make_mediation
from tests.channels.webchat_server import until
from tests.console.mediations import AGREED, path_of
from tests.console.server import ConsoleServer
from tests.console.test_mediation_page import words_of

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
FACTS = "楼上卫生间漏水，把我家天花板和衣柜都泡坏了，找了他三次，他说不是他家漏的。物业来看过，说就是楼上的防水层坏了。"


def add_mediation(server: ConsoleServer, home: Path, **changes: Any) -> Any:  # noqa: F811
    """A neighbours' dispute with a photo of the ceiling."""
    now, resident = server.scene.now, server.scene.resident()
    photos = tuple(Attachment("telegram", "ceiling.png", "photo", f"天花板{n}.png", "image/png", 1000) for n in (1, 2))
    content = make_content(facts=FACTS, evidence=photos)
    values = {"content": content, "applied_at": now, "due_at": now + timedelta(hours=9), **changes}
    return server.scene.work(
        lambda work: work.uow.mediations.add(make_mediation(resident.client_id, reference="M26-K7WQ-3M", **values))
    )


def draw(page: Any, path: Path) -> None:
    """A picture, drawn by the browser itself."""
    page.screenshot(path=str(path))


def wait_for_pictures(page: Any) -> None:
    for picture in page.locator("img.photo").all():
        picture.scroll_into_view_if_needed()
        until(lambda picture=picture: picture.evaluate("image => image.naturalWidth > 0"))


def assert_nothing_leaves_its_box(page: Any) -> None:
    """Fields and buttons end where the box they stand in ends."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".acts *, .words *")]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().right
                > e.closest(".acts, .words").getBoundingClientRect().right)
            .map(e => `${e.tagName}.${e.className} ${e.name || ""}`)"""
    )
    assert wide == []


def next_workday(server: ConsoleServer) -> str:  # noqa: F811
    calendar, now = server.scene.library.calendar, server.scene.now
    slots = calendar.list_slots(now + timedelta(days=1), timedelta(hours=1), 40)
    return next(s for s in slots if s.astimezone(BEIJING).hour == 14).astimezone(BEIJING).strftime("%Y-%m-%d")


@SIZES
def test_a_mediation_from_the_queue_to_the_agreement(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], tmp_path: Path, width: int, height: int,  # noqa: F811
) -> None:  # fmt: skip
    mediation = add_mediation(server, tmp_path)
    page = at_desk("laozhou", width=width, height=height)
    draw(page, tmp_path / "ceiling.png")
    assert_no_overflow(page)
    screenshot(page, f"desk-1-queue-{width}")
    page.get_by_role("link").filter(has_text=mediation.reference).click()
    page.locator("#facts").get_by_text(FACTS).wait_for()
    wait_for_pictures(page)
    assert_no_overflow(page)
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, f"desk-2-mediation-{width}")
    page.get_by_role("button", name="联系过对方了").click()
    page.get_by_text("已记下：联系过对方").wait_for()
    page.get_by_role("button", name="对方同意调解").click()
    page.get_by_text("已记下：对方同意").wait_for()
    page.get_by_label("日期").first.fill(next_workday(server))
    page.get_by_label("时间", exact=True).fill("23:30")
    page.get_by_role("button", name="定下来").click()
    page.get_by_text("那时不是办公时间").wait_for()
    assert page.get_by_label("时间", exact=True).input_value() == "23:30"
    in_sight = "e => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom < innerHeight"
    until(lambda: page.get_by_role("alert").evaluate(in_sight))
    assert_no_overflow(page)
    assert_nothing_leaves_its_box(page)
    screenshot(page, f"desk-3-wrong-time-{width}")
    page.get_by_label("时间", exact=True).fill("14:30")
    page.get_by_role("button", name="定下来").click()
    page.get_by_text("时间已定").wait_for()
    page.get_by_text("记录结果、写协议书").click()
    page.get_by_label("协议内容").fill("一、李强三天内修好卫生间防水。\n二、李强赔偿张桂芳三千元。")
    page.get_by_label("履行方式和期限").fill("11月30日前微信转账。")
    page.get_by_label("协议金额").fill("三千多")
    with page.expect_download() as download:
        page.get_by_label("协议金额").fill("三千")
        page.get_by_role("button", name="先下载协议书").click()
    text = words_of(Path(download.value.path()).read_bytes())
    assert "二、李强赔偿张桂芳三千元。" in text
    page.get_by_label("达成协议", exact=True).check()
    assert_no_overflow(page)
    assert_nothing_leaves_its_box(page)
    page.get_by_label("协议内容").scroll_into_view_if_needed()
    screenshot(page, f"desk-4-result-{width}")
    page.get_by_role("button", name="记录结果").click()
    page.get_by_text("结果已记录。").wait_for()
    assert_no_overflow(page)
    page.get_by_role("link", name="下载调解协议书").scroll_into_view_if_needed()
    screenshot(page, f"desk-5-agreed-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载司法确认申请书").click()
    assert download.value.suggested_filename == f"司法确认申请书-{mediation.reference}.docx"


def test_typed_terms_survive_an_error_and_a_lost_page(at_desk: Open, server: ConsoleServer, tmp_path: Path) -> None:  # noqa: F811
    mediation = add_mediation(server, tmp_path, respondent_consented_at=server.scene.now)
    page = at_desk("laozhou", path_of(mediation))
    page.get_by_text("记录结果、写协议书").click()
    page.get_by_label("协议内容").press_sequentially("李强修好漏水")
    page.reload()
    assert page.get_by_label("协议内容").input_value() == "李强修好漏水"
    page.get_by_text("记录结果、写协议书").click()
    page.get_by_role("button", name="记录结果").click()
    page.get_by_text("请选有没有达成协议").wait_for()
    assert page.get_by_label("协议内容").input_value() == "李强修好漏水"
    page.get_by_label("没有达成", exact=True).check()
    page.get_by_role("button", name="记录结果").click()
    page.get_by_text("结果已记录。").wait_for()
    assert page.evaluate("sessionStorage.length") == 0


def test_an_open_page_changes_when_somebody_else_acts(at_desk: Open, server: ConsoleServer, tmp_path: Path) -> None:  # noqa: F811
    mediation = add_mediation(server, tmp_path)
    queue, page = at_desk("zheng"), at_desk("wu", path_of(mediation))
    acting = at_desk("laozhou", path_of(mediation))
    acting.get_by_role("button", name="对方同意调解").click()
    page.locator("#timeline").get_by_text("对方同意").wait_for()
    page.locator("#acts").get_by_role("button", name="受理", exact=True).wait_for()
    queue.get_by_text("双方同意，等老周书记定时间").wait_for()


@SIZES
def test_staff_give_it_to_a_mediator_and_see_what_was_agreed(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], tmp_path: Path, width: int, height: int,  # noqa: F811
) -> None:  # fmt: skip
    mediation = add_mediation(server, tmp_path, mediator_id=None, community="qinggang")
    taker = at_desk("qin", path_of(mediation), width, height)
    assert taker.get_by_text(FACTS).count() == 0
    assert_no_overflow(taker)
    screenshot(taker, f"desk-6-nobodys-{width}")
    page = at_desk("zheng", path_of(mediation), width, height)
    draw(page, tmp_path / "ceiling.png")
    page.get_by_label("交给").select_option("qin")
    page.get_by_role("button", name="安排", exact=True).click()
    page.get_by_text("已安排调解员。").wait_for()
    page.get_by_text("请对方自己答复").click()
    page.get_by_role("button", name="生成链接").click()
    page.get_by_text("这一页只显示这一次").wait_for()
    assert_no_overflow(page)
    screenshot(page, f"desk-7-link-{width}")


def test_a_mediation_without_javascript(chromium: Any, server: ConsoleServer, tmp_path: Path) -> None:  # noqa: F811
    mediation = add_mediation(server, tmp_path, **{**AGREED, "followup_at": server.scene.now})
    context = chromium.new_context(java_script_enabled=False, base_url=server.url, locale="zh-CN")
    cookies = server.session("laozhou").items()
    context.add_cookies([{"name": n, "value": v, "url": f"{server.url}/console"} for n, v in cookies])
    page = context.new_page()
    page.goto(path_of(mediation))
    page.get_by_label("履行得怎样").select_option("yes")
    page.locator("form[action*=follow_up] button").click()
    page.get_by_text("回访已记录。").wait_for()
    context.close()


@SIZES
def test_an_application_for_legal_aid_to_the_decision(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], tmp_path: Path, width: int, height: int,  # noqa: F811
) -> None:  # fmt: skip
    resident = server.scene.resident()
    photo = type(make_photo())("identity", Attachment("telegram", "id.png", "photo", "证.png", "image/png", 1000))

    def apply(work: Any) -> Any:
        facts = "去年在工地做工，欠我两万元，包工头电话打不通，想要回工钱。"
        values = {"reference": "L26-K7WQ-3M", "photos": [photo], "applied_at": work.now, "facts": facts}
        return work.uow.aid_applications.add(make_application(resident.client_id, **values))

    application = server.scene.work(apply)
    page = at_desk("zheng", width=width, height=height)
    draw(page, tmp_path / "id.png")
    page.locator("section[aria-label=法律援助]").scroll_into_view_if_needed()
    assert_no_overflow(page)
    screenshot(page, f"desk-8-queue-office-{width}")
    page.get_by_role("link").filter(has_text=application.reference).click()
    wait_for_pictures(page)
    page.evaluate("scrollTo(0, 0)")
    assert_no_overflow(page)
    screenshot(page, f"desk-9-aid-{width}")
    page.get_by_text("加一份材料").click()
    page.get_by_label("哪一种").select_option("case")
    page.get_by_label("照片或文件").set_input_files(str(tmp_path / "id.png"))
    page.get_by_role("button", name="加进去").click()
    page.get_by_text("材料已加进去。").wait_for()
    wait_for_pictures(page)
    page.locator("#papers").scroll_into_view_if_needed()
    screenshot(page, f"desk-a-aid-papers-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载整套材料").click()
    with zipfile.ZipFile(download.value.path()) as folder:
        assert len(folder.namelist()) == 3
    page.get_by_role("button", name="已转交法律援助机构").click()
    page.get_by_text("已记下：转交法律援助机构").wait_for()
    page.get_by_label("给予援助", exact=True).check()
    page.get_by_label("备注").fill("承办律师：李律师")
    assert_no_overflow(page)
    page.get_by_label("备注").scroll_into_view_if_needed()
    screenshot(page, f"desk-b-aid-decision-{width}")
    page.get_by_role("button", name="记录决定").click()
    page.get_by_text("决定已记录").wait_for()
    page.get_by_text("备注：承办律师：李律师").wait_for()
