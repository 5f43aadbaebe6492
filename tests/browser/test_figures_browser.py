"""Figures, recording and import at a desk and on a phone: from a call that was taken to the report in a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.calendar import beijing_day
from bot.domain.records import Record
from bot.services.recording import record_service
from tests.browser.test_console_browser import Open, assert_no_overflow, at_desk, server  # noqa: F401  fixtures
from tests.console.server import ConsoleServer

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])


def fill(server: ConsoleServer) -> None:  # noqa: F811
    """A day of the office: 2 calls, 7 visitors, a mediation about money."""
    member, today = server.scene.library.street.find_member("wu"), beijing_day(server.scene.now)
    assert member

    def enter(work: Any) -> None:
        for number, (kind, community, count, more) in enumerate((
            ("phone_consultation", "baima", 2, {}), ("walk_in_consultation", "qinggang", 7, {"matter": "labour"}),
            ("mediation", "baima", 1, {"people": 2, "amount": 378_120_000, "server": "laozhou"}),
        )):  # fmt: skip
            record_service(work, member, Record(kind, today, community, count=count, **more), f"fill:{number}")

    server.scene.work(enter)


@SIZES
def test_a_figure_leads_to_its_rows_and_back(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], width: int, height: int  # noqa: F811
) -> None:
    fill(server)
    page = at_desk("wu", "/console/figures", width, height)
    assert page.locator(".figure b").inner_text() == "10"
    assert_no_overflow(page)
    screenshot(page, f"figures-{width}")
    page.get_by_role("link", name="协议金额").click()
    assert "协议金额 3,781,200元" in page.locator("h1").inner_text().replace("\u3000", " ")
    assert page.locator("tbody tr").count() == 1
    screenshot(page, f"figure-rows-{width}")
    page.get_by_role("link", name="返回数字").click()
    page.get_by_text("更多条件").click()
    page.get_by_label("类别").select_option("来访咨询")
    page.get_by_role("button", name="看", exact=True).click()
    assert page.locator(".figure b").inner_text() == "7"
    assert_no_overflow(page)
    page.get_by_role("link", name="青杠社区").click()
    assert "来访咨询" in page.locator("tbody").inner_text()
    page.go_back()
    page.get_by_role("link", name="看今年全部").click()
    page.locator("dl.spans a").first.click()
    assert page.locator("tbody tr").count() == 3


@SIZES
def test_a_call_is_recorded_in_seconds_and_corrected(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], width: int, height: int  # noqa: F811
) -> None:
    page = at_desk("chen", "/console/record", width, height)
    page.get_by_label("类别").select_option("电话咨询")
    page.get_by_label("社区").select_option("白马社区")
    assert_no_overflow(page)
    screenshot(page, f"record-{width}")
    page.get_by_role("button", name="记下来").click()
    assert page.get_by_role("status").inner_text() == "记好了。"
    page.get_by_role("link", name="电话咨询").first.click()
    page.get_by_label("人数").fill("3")
    page.get_by_label("原因").fill("来了三个人")
    assert_no_overflow(page)
    page.get_by_role("button", name="更正").click()
    assert "3人" in page.locator("main").inner_text() or page.get_by_label("人数").input_value() == "3"
    page.goto("/console/figures")
    assert page.locator(".figure b").inner_text() == "1", "a correction is no second service"


def test_the_report_for_the_public_is_downloaded_and_printed_pages_hold_the_table(
    at_desk: Open, server: ConsoleServer, tmp_path: Path  # noqa: F811
) -> None:
    fill(server)
    page = at_desk("wu", "/console/figures")
    page.get_by_label("格式").select_option("网页")
    page.get_by_label("对外公布").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    download.value.save_as(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "＊" in text
    assert "378.12" not in text
    page.goto("/console/figures/rows?figure=services.total")
    page.emulate_media(media="print")
    table = page.locator("tbody")
    assert table.bounding_box()["y"] < 500, "the table begins on the first page"
    assert all(box["height"] < 30 for box in (row.bounding_box() for row in table.locator("tr").all())), "no date is broken"
    assert not page.get_by_text("返回数字").is_visible()


@SIZES
def test_a_list_is_tried_and_then_imported(
    at_desk: Open, server: ConsoleServer, screenshot: Callable[..., None], tmp_path: Path, width: int, height: int  # noqa: F811
) -> None:
    day = beijing_day(server.scene.now) - timedelta(days=1)
    path = tmp_path / "list.csv"
    path.write_text(f"日期,类别,社区,人数\n{day},来访,白马,2\n{day},来访,火星,1\n{day},调解,白马,\n", encoding="utf-8")
    page = at_desk("wu", "/console/import", width, height)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="试运行").click()
    assert "将新增 1 行，已有 0 行，不收 2 行" in page.locator("main").inner_text()
    assert_no_overflow_but_tables(page)
    why = page.locator("td.why").first
    assert "社区“火星”" in why.inner_text()
    seen = why.bounding_box()
    assert seen["x"] + seen["width"] <= width, "the reason is read without scrolling"
    assert page.get_by_text("来访咨询 白马社区 1次 2人").bounding_box()["x"] > seen["x"]
    screenshot(page, f"import-{width}")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="导入", exact=True).click()
    assert page.get_by_role("status").inner_text() == "导入了，新增 1 条。"


def assert_no_overflow_but_tables(page: Any) -> None:
    """A wide table scrolls in its own box; the page does not."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
