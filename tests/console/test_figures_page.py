"""Figures, records, corrections and enterprises in the console: on a real database, with what each may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timezone
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.applications import Starlette

from bot.assistant.desk import Desk
from bot.console import Site, console_routes
from bot.console.cookies import csrf_of
from bot.domain.buttons import Buttons
from bot.domain.figures import Selection
from bot.domain.records import Record
from bot.domain.reporting_periods import Period
from bot.reports.desk import FigureDesk
from bot.reports.entries import value_of
from bot.services.handoff import accept_case
from bot.services.recording import record_service
from tests.builders import NOW, make_ledger_entry
from tests.conftest import Database
from tests.console.conftest import BASE, Browser, Console, make_console_library
from tests.handoff.scene import Scene


@pytest.fixture
def console(sqlite_database: Database) -> Iterator[Console]:
    database = sqlite_database
    scene = Scene(database.open_unit, make_console_library(), Buttons(database.keys.derive("buttons")), NOW)
    figures = FigureDesk(database.engine, scene.library.street, scene.library.matters)
    site = Site(Desk(scene.assistant), scene.open_unit, scene.library, f"{BASE}/", now=lambda: scene.now, figures=figures)
    made = Console(scene, site, Starlette(routes=console_routes(site)))
    yield made
    site.desk._thread.shutdown()
    database.engine.dispose()


def fill(console: Console) -> None:
    wu = console.site.street.find_member("wu")
    assert wu

    def enter(work: Any) -> None:
        for number, values in enumerate((
            {"kind": "phone_consultation", "community": "baima", "people": 2},
            {"kind": "walk_in_consultation", "community": "qinggang"},
            {"kind": "mediation", "community": "qinggang", "people": 2, "amount": 350_000, "server": "laozhou"},
            {"kind": "law_education", "community": "baima", "people": 80, "leaflets": 300, "title": "=1+1"},
        )):  # fmt: skip
            made = Record(**{"day": date(2026, 11, 3), **values})  # type: ignore[arg-type]
            record_service(work, wu, made, f"fill:{number}")

    console.scene.work(enter)


def figure(text: str) -> str:
    found = re.search(r'class="figure"><a[^>]*><b>([^<]*)</b>', text)
    assert found, text[:400]
    return found[1]


def value(console: Console, **terms: Any) -> int:
    assert console.site.figures
    with console.site.figures.engine.connect() as connection:
        return value_of(connection, Period(2026), "count", Selection(services=True, **terms))


def test_the_dashboard_shows_what_the_rows_add_up_to(console: Console) -> None:
    fill(console)
    page = console.log_in("wu").get("/console/figures")
    assert figure(page.text) == str(value(console)) == "3"
    one = console.log_in("wu").get("/console/figures?community=qinggang&month=11")
    assert figure(one.text) == str(value(console, communities=("qinggang",))) == "2"
    assert figure(console.log_in("wu").get("/console/figures?year=2025").text) == "0"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("year=abc", "没有“abc”这样的年份"), ("year=9999", "没有“9999”这样的年份"), ("year=1999", "没有“1999”这样的年份"),
        ("year=-1", "没有“-1”这样的年份"), ("year=２０２６", "没有“２０２６”这样的年份"), ("month=13", "没有“13”这样的月份"),
        ("quarter=9", "没有“9”这样的月份"), ("community='--", "没有“&#39;--”这个社区"), ("community=<script>", "没有“&lt;script&gt;”这个社区"),
        ("kind=x", "没有“x”这样的条件"), ("from=2026-11-09&to=2026-11-01", "不是能统计的日期"), ("from=x", "不是能统计的日期"),
        ("from=0001-01-01", "不是能统计的日期"), ("to=2026-02-30", "不是能统计的日期"), ("served_by=adviser:chen", "没有“adviser:chen”这样的条件"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_says_so_and_shows_what_one_may_see(console: Console, query: str, says: str) -> None:
    fill(console)
    page = console.log_in("wu").get(f"/console/figures?{query}")
    assert page.status_code == 200
    assert says in page.text
    assert figure(page.text) == "3"
    assert "<script>" not in page.text.replace('<script src="/console/static/console.js" defer></script>', "")
    assert console.log_in("wu").get("/console/figures?year=2026&quarter=4&month=11&kind=").text.count('class="fault"') == 0


@pytest.mark.parametrize(
    ("query", "services", "amount"),
    [
        ("kind=mediation", 1, "0.35"), ("kind=phone_consultation", 1, ""), ("kind=mediation&community=baima", 0, ""),
        ("served_by=human", 3, "0.35"), ("served_by=bot", 0, ""), ("subject=enterprise", 0, ""), ("matter=labour", 0, ""),
        ("from=2026-11-03&to=2026-11-03", 3, "0.35"), ("from=2026-11-04", 0, "0.00"), ("to=2026-11-02", 0, "0.00"),
        ("from=2025-12-30&to=2026-11-03&kind=walk_in_consultation", 1, ""), ("kind=law_education&community=baima", 1, ""),
    ],
)  # fmt: skip
def test_the_figures_are_narrowed_by_kind_matter_server_subject_and_days(
    console: Console, query: str, services: int, amount: str
) -> None:
    fill(console)
    wu = console.log_in("wu")
    page = wu.get(f"/console/figures?{query}").text
    assert figure(page) == str(services)
    tile = re.search(r"协议金额</span><span class=\"keep\"><b>([^<]*)", page)
    assert (tile[1] if tile else "") == amount
    link = re.search(r'class="figure"><a href="([^"]*)"', page)
    assert link
    rows = wu.get(link[1].replace("&amp;", "&")).text
    assert rows.count("<tr>") == (services + 1 if services else 0)
    assert ("只看：" in page) == any(name in query for name in ("kind", "served_by", "subject", "matter"))
    back = re.search(r'href="(/console/figures\?[^"]*)">返回数字', rows)
    assert back
    assert figure(wu.get(back[1].replace("&amp;", "&")).text) == str(services)


def test_another_year_says_nothing_of_today(console: Console) -> None:
    fill(console)
    wu = console.log_in("wu")
    assert "<dt>今天</dt>" in wu.get("/console/figures").text
    assert "<dt>今天</dt>" not in wu.get("/console/figures?year=2025").text
    assert "<h2>普法活动</h2>" in wu.get("/console/figures?kind=law_education").text


def test_today_this_week_and_this_month_lead_to_their_rows(console: Console) -> None:
    fill(console)
    console.scene.now = datetime(2026, 11, 5, 4, tzinfo=timezone.utc)  # a Thursday
    wu = console.log_in("wu")
    page = wu.get("/console/figures").text
    links = dict(re.findall(r'<dt>(\w+)</dt><dd><a href="([^"]*)"><b>', page))
    counts = {name: wu.get(link.replace("&amp;", "&")).text.count("<tr>") - 1 for name, link in links.items()}
    assert counts == {"今天": -1, "本周": 3, "本月": 3}


def test_an_adviser_sees_the_figures_of_the_own_communities_only(console: Console) -> None:
    fill(console)
    chen = console.log_in("chen")
    assert figure(chen.get("/console/figures").text) == "1"
    denied = chen.get("/console/figures?community=qinggang").text
    assert (figure(denied), "看不到青杠社区的数" in denied, "没有记录" in denied) == ("0", True, False)
    for address in ("figure=services.total", "figure=services.total@community=qinggang", "figure=services.total&community=qinggang"):
        rows = chen.get(f"/console/figures/rows?{address}").text
        assert "人民调解" not in rows, address
        assert "来访咨询" not in rows, address
    assert "电话咨询" in chen.get("/console/figures/rows?figure=services.total").text
    for path in ("rows.csv?figure=services.total", "report?format=md"):
        assert chen.get(f"/console/figures/{path}").status_code == 403


def test_the_rows_behind_a_figure_are_listed_and_exported_without_a_living_formula(console: Console) -> None:
    fill(console)
    wu = console.log_in("wu")
    page = wu.get("/console/figures/rows?figure=mediation.amount").text
    assert "3,500" in page
    assert "老周书记" in page
    exported = wu.get("/console/figures/rows.csv?figure=education.leaflets")
    assert exported.headers["content-disposition"].startswith("attachment")
    assert "'=1+1" in exported.content.decode("utf-8-sig")
    assert wu.get("/console/figures/rows?figure=no.such").status_code == 404
    assert wu.get("/console/figures/rows.csv?figure=no.such").status_code == 404
    book = load_workbook(BytesIO(wu.get("/console/figures/rows.xlsx?figure=education.leaflets").content))
    head, line = book.active.iter_rows(values_only=True)
    assert dict(zip(head, line, strict=True))["宣传资料"] == 300
    assert "'=1+1" in line


@pytest.mark.parametrize("name", ["docx", "xlsx", "html", "md", "json"])
def test_the_report_is_downloaded(console: Console, name: str) -> None:
    fill(console)
    answer = console.log_in("zheng").get(f"/console/figures/report?year=2026&format={name}&compare=2025")
    assert answer.status_code == 200
    assert f"falin-report-2026-vs-2025.{name}" in answer.headers["content-disposition"]
    assert answer.content[:2] == b"PK" if name in ("docx", "xlsx") else "3件次" in answer.text.replace('"', "") or name == "json"


def test_a_page_of_many_rows_says_that_it_is_a_part(console: Console) -> None:
    entries = [make_ledger_entry(kind="phone_consultation", community="baima") for _ in range(101)]
    console.scene.work(lambda work: [work.uow.ledger.add(entry) for entry in entries])
    wu = console.log_in("wu")
    page = wu.get("/console/figures/rows?figure=services.total").text
    assert "这一页是其中的 100 条：条目 1 到 100" in page
    more = re.search(r'href="([^"]*after=100[^"]*)"', page)
    assert more
    assert "这一页是其中的 1 条：条目 101 到 101" in wu.get(more[1].replace("&amp;", "&")).text


def test_a_cell_that_cannot_be_is_not_shown_as_nought(console: Console) -> None:
    fill(console)
    wu = console.log_in("wu")
    for cell in ("community=nowhere", "month=2022-13", "month=2025-03", "kind=x"):
        assert wu.get(f"/console/figures/rows?figure=services.total@{cell}").status_code == 404, cell
    for cell in ("community=qinggang&kind=notary", "month=2026-03", "served_by=human"):
        assert wu.get("/console/figures/rows", params={"figure": f"services.total@{cell}"}).status_code == 200, cell


def test_a_report_for_the_public_hides_small_numbers(console: Console) -> None:
    fill(console)
    zheng = console.log_in("zheng")
    whole = zheng.get("/console/figures/report?year=2026&format=md").text
    published = zheng.get("/console/figures/report?year=2026&format=md&published=1")
    assert "0.35万元" in whole
    assert "0.35万元" not in published.text
    assert "＊" in published.text
    assert "falin-report-2026-published.md" in published.headers["content-disposition"]


@pytest.mark.parametrize("query", ["year=1999", "compare=9999", "compare=x", "compare=2026", "from=2026-11-01", "month=13"])
def test_a_report_that_cannot_be_is_not_printed_as_another(console: Console, query: str) -> None:
    answer = console.log_in("zheng").get(f"/console/figures/report?format=md&{query}")
    assert (answer.status_code, answer.headers["location"].startswith("/console/figures?fault=report")) == (303, True)
    assert "没有下载" in console.log_in("zheng").get(answer.headers["location"]).text


def form(console: Console, browser: Browser, **changes: str) -> Any:
    fields = {"kind": "phone_consultation", "day": "2026-11-20", "community": "baima", "matter": "labour", "people": "2",
              "count": "1", "key": "k1"}  # fmt: skip
    return browser.post("/console/record", **{**fields, **changes})


def test_a_form_that_is_sent_twice_is_recorded_once_and_remembered(console: Console) -> None:
    chen = console.log_in("chen")
    assert form(console, chen).headers["location"].endswith("done=recorded")
    assert form(console, chen).headers["location"].endswith("done=recorded_before")
    assert value(console) == 1
    page = chen.get("/console/record").text
    assert '<option value="phone_consultation" selected>' in page
    assert '<option value="labour" selected>' in page
    assert "11月20日 电话咨询 白马社区" in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "bot_consultation"}, "哪一类"), ({"day": "2026-13-01"}, "日期不对"), ({"day": "2027-01-01"}, "日期不对"),
        ({"community": "qinggang"}, "只能记您服务的社区"), ({"people": "-2"}, "人数不对"), ({"people": "1e3"}, "人数不对"),
        ({"count": "0"}, "数量不对"), ({"amount": "abc"}, "不记金额"), ({"amount": "500"}, "不记金额"),
        ({"kind": "mediation", "people": ""}, "调解、培训要写明人数"), ({"kind": "training", "people": ""}, "要写明人数"),
        ({"kind": "mediation", "people": "0"}, "人数不对"), ({"people": "0"}, "人数不对"),
        ({"kind": "duty_day", "people": "3"}, "不记人数"), ({"kind": "mediation", "amount": "1,2,3"}, "金额不对"),
        ({"kind": "mediation", "amount": "500", "outcome": "not_agreed"}, "没有达成协议的调解不记金额"),
        ({"enterprise": "没有这家"}, "没有这家企业"), ({"matter": "x'--"}, "法律事项"), ({"people": "9" * 40}, "人数不对"),
    ],
)  # fmt: skip
def test_a_faulty_form_comes_back_with_one_sentence_and_records_nothing(
    console: Console, changes: dict[str, str], says: str
) -> None:
    answer = form(console, console.log_in("chen"), **changes)
    assert answer.status_code == 422
    assert says in answer.text
    assert value(console) == 0


def test_who_writes_no_number_of_people_counts_one_where_one_is_enough(console: Console) -> None:
    chen = console.log_in("chen")
    assert 'name="people" value=""' in chen.get("/console/record").text
    assert form(console, chen, people="").status_code == 303
    assert console.scene.work(lambda work: work.uow.ledger.get(1).people) == 1


def test_the_form_offers_no_community_that_it_would_refuse(console: Console) -> None:
    def offered(member: str) -> list[str]:
        page = console.log_in(member).get("/console/record").text
        (choice,) = re.findall(r'<select name="community".*?</select>', page, re.S)
        return re.findall(r'<option value="(\w*)"', choice)

    assert offered("chen") == ["baima"]
    assert offered("wu")[0] == ""
    form(console, console.log_in("chen"))
    assert "全街道" not in console.log_in("chen").get("/console/entries/1").text


def test_users_registered_by_hand_are_counted_and_corrected_by_their_number(console: Console) -> None:
    chen, wu = console.log_in("chen"), console.log_in("wu")
    form(console, chen, kind="registration", people="300")
    assert "登记用户 白马社区 劳动用工 300人" in chen.get("/console/record").text
    page = wu.get("/console/entries/1").text
    given = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("people", "count")}  # type: ignore[index]
    assert given == {"people": "300", "count": "1"}
    form_of = {"kind": "registration", "day": "2026-11-20", "community": "baima", "matter": "other", "reason": "数错", "key": "a"}
    wu.post("/console/entries/1", **{**given, **form_of, "people": "280"})
    entry = console.scene.work(lambda work: work.uow.ledger.get(2))
    assert (entry.count, entry.people) == (280, 280)


def test_what_takes_no_people_is_corrected_as_its_form_stands(console: Console) -> None:
    chen, wu = console.log_in("chen"), console.log_in("wu")
    form(console, chen, kind="duty_day", people="", count="3")
    assert 'name="people" value=""' in wu.get("/console/entries/1").text


def test_an_entry_is_corrected_and_the_correction_corrected(console: Console) -> None:
    form(console, console.log_in("chen"))
    wu = console.log_in("wu")
    fields = {"kind": "phone_consultation", "day": "2026-11-20", "community": "baima", "matter": "labour", "count": "1"}
    no_reason = wu.post("/console/entries/1", **fields, people="3", key="a")
    assert (no_reason.status_code, "更正要写原因" in no_reason.text) == (422, True)
    wu.post("/console/entries/1", **fields, people="3", key="a", reason="少记一人")
    wu.post("/console/entries/2", **fields, people="1", key="b", reason="重复登记", void="1")
    assert value(console) == 0
    again = wu.post("/console/entries/1", **fields, people="9", key="c", reason="再来")
    assert (again.status_code, "已经更正过" in again.text) == (422, True)
    page = wu.get("/console/entries/3").text
    assert all(text in page for text in ("少记一人", "重复登记", "作废", "吴所长"))
    assert console.log_in("chen").get("/console/entries/1").status_code == 200, "it is chen's own"
    zhou = console.log_in("zhou")
    assert zhou.get("/console/entries/1").status_code == 404
    assert zhou.post("/console/entries/3", **fields, people="1", key="d", reason="x").status_code in (404, 422)


def resubmit(browser: Browser, entry_id: int, **changes: str) -> Any:
    """Open the form of an entry and send it as it stands."""
    return browser.post(f"/console/entries/{entry_id}", **{**fill_in(browser, entry_id), **changes})


def fill_in(browser: Browser, entry_id: int) -> dict[str, str]:
    """What the form of an entry would send, untouched but for the reason."""
    return {**read_form(browser.get(f"/console/entries/{entry_id}").text), "key": "same", "reason": "看看"}


def read_form(page: str) -> dict[str, str]:
    """What the form on a page would send as it stands."""
    found = dict(re.findall(r'<input(?: type="date")? name="(\w+)" value="([^"]*)"', page))
    for name, inner in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', inner)[0]
    return found


@pytest.mark.parametrize("fen", [1_234_567, 123_456_700, 5, 0, 378_120_000, None])
def test_a_correction_that_changes_nothing_changes_nothing(console: Console, fen: int | None) -> None:
    outcome, kind = "not_agreed" if fen is None else "agreed", "mediation"
    entry = make_ledger_entry(kind=kind, outcome=outcome, channel="telegram", subject="unknown", client="p1", amount=fen,
                              people=2, community="baima", matter="labour", served_by="member:wu")  # fmt: skip

    def add(work: Any) -> None:
        assert work.uow.ledger.add(entry)

    console.scene.work(add)
    wu = console.log_in("wu")
    given = fill_in(wu, 1)
    assert wu.post("/console/entries/1", **given).headers["location"] == "/console/entries/2?done=corrected"
    assert wu.post("/console/entries/1", **given).status_code == 303, "the same form once more is no fault"

    def look(work: Any) -> Any:
        return work.uow.ledger.get(2), work.uow.ledger.find_correction(2)

    fresh, more = console.scene.work(look)
    assert more is None
    for name in ("kind", "outcome", "channel", "subject", "client", "amount", "people", "community", "matter", "served_by", "count"):
        assert getattr(fresh, name) == getattr(entry, name), name


def test_what_falin_counted_itself_can_be_voided_only(console: Console) -> None:
    entry = make_ledger_entry(kind="bot_consultation", community="baima")
    console.scene.work(lambda work: work.uow.ledger.add(entry))
    wu = console.log_in("wu")
    page = wu.get("/console/entries/1").text
    assert "只能作废" in page
    assert 'name="kind"' not in page
    assert wu.post("/console/entries/1", key="v", reason="误记", void="1").status_code == 303


def test_a_reason_given_in_another_community_is_not_read_here(console: Console) -> None:
    chen = console.log_in("chen")
    form(console, chen)
    resubmit(console.log_in("wu"), 1, community="qinggang", reason="青杠的私事")
    page = chen.get("/console/entries/1")
    assert page.status_code == 200
    assert "青杠" not in page.text
    assert chen.get("/console/entries/2").status_code == 404


def test_an_enterprise_that_was_wrong_can_be_taken_out(console: Console) -> None:
    wu = console.log_in("wu")
    wu.post("/console/enterprises", name="梨树面馆", community="baima")
    form(console, wu, kind="visit", enterprise="梨树面馆", matter="other")
    resubmit(wu, 2, enterprise="")
    assert console.scene.work(lambda work: work.uow.ledger.get(3)).client == ""


def test_an_enterprise_is_registered_once_and_counted_as_assigned(console: Console) -> None:
    zheng = console.log_in("zheng")
    added = zheng.post("/console/enterprises", name="梨树 面馆", community="baima", choice_contract_review="1", contact="李老板")
    assert added.status_code == 303
    page = zheng.get(added.headers["location"]).text
    assert all(text in page for text in ("梨树 面馆", "李老板", 'name="choice_contract_review" value="1" checked'))
    twice = zheng.post("/console/enterprises", name="梨树面馆", community="qinggang")
    assert (twice.status_code, "已经登记过" in twice.text) == (422, True)
    console.log_in("chen").post("/console/enterprises/1", name="梨树面馆", community="baima", adviser="zhou")
    assert form(console, zheng, kind="visit", enterprise="梨树面馆", matter="other").status_code == 303
    assert console.site.figures
    with console.site.figures.engine.connect() as connection:
        assert value_of(connection, Period(2026), "count", Selection(kinds=("enterprise_assigned",))) == 1
        assert value_of(connection, Period(2026), "clients", Selection(kinds=("visit",))) == 1
    assert "走访企业" in zheng.get("/console/enterprises/1").text
    zhou = console.log_in("zhou")
    assert "梨树面馆" not in zhou.get("/console/enterprises").text
    assert zhou.get("/console/enterprises/1").status_code == 409
    zheng.post("/console/enterprises/1", name="梨树面馆", community="baima", end="1")
    assert "已注销或迁走" in zheng.get("/console/enterprises").text


@pytest.mark.parametrize("kind", ["visit", "contract_review"])
def test_a_visit_is_recorded_from_the_page_of_the_enterprise_as_the_form_stands(console: Console, kind: str) -> None:
    console.log_in("wu").post("/console/enterprises", name="梨树 & 面馆", community="baima", adviser="zhou")
    zheng = console.log_in("zheng")
    form(console, zheng, kind="training", people="30", community="qinggang")
    page = zheng.get("/console/enterprises/1").text
    (link,) = (address for address in map(unescape, re.findall(r'href="(/console/record[^"]*)"', page)) if f"kind={kind}" in address)
    assert "梨树" not in link, "no name in an address"
    opened = zheng.get(link).text
    assert "<details open>" in opened, "what is filled in is seen"
    given = {name: unescape(value) for name, value in read_form(opened).items()}
    assert {name: given[name] for name in ("kind", "community", "enterprise", "server", "day")} == {
        "kind": kind, "community": "baima", "enterprise": "梨树 & 面馆", "server": "zhou", "day": "2026-11-23",
    }  # fmt: skip
    assert zheng.post("/console/record", **given, key="k").headers["location"].endswith("done=recorded")
    entry = console.scene.work(lambda work: work.uow.ledger.list_recorded("zheng", 1)[0])
    assert (entry.kind, entry.community, entry.served_by, entry.subject) == (kind, "baima", "adviser:zhou", "enterprise")
    assert entry.client == console.scene.work(lambda work: work.uow.enterprises.get(1).pseudonym)


def test_the_form_is_not_begun_for_an_enterprise_one_does_not_look_after(console: Console) -> None:
    console.log_in("wu").post("/console/enterprises", name="梨树面馆", community="baima")
    for member, number, status in (("zhou", 1, 409), ("laozhou", 1, 409), ("chen", 99, 404), ("chen", 10**16, 404)):
        answer = console.log_in(member).get(f"/console/record?enterprise={number}")
        assert (answer.status_code, "梨树面馆" in answer.text) == (status, False)
    for odd in ("梨树面馆", "-1", "0", "1e3", "<script>"):
        answer = console.log_in("chen").get("/console/record", params={"enterprise": odd, "kind": odd})
        assert (answer.status_code, "梨树面馆" in answer.text) == (200, False)
    assert 'name="enterprise" value="梨树面馆"' in console.log_in("chen").get("/console/record?enterprise=1&kind=<script>").text


def test_an_adviser_grades_what_the_bot_had_answered_and_the_figures_say_so(console: Console) -> None:
    case = console.case(matter="labour")
    console.scene.work(accept_case, case.id, "chen")
    chen, path = console.log_in("chen"), f"/console/cases/{case.reference}/grade"
    assert chen.post(path, grade="wrong").headers["location"].endswith("done=graded")
    assert "fault" in chen.post(path).headers["location"]
    assert chen.post(path, grade="splendid").status_code == 409
    assert console.log_in("zhou").post(path, grade="right").status_code in (404, 409)
    page = console.log_in("wu").get("/console/figures/rows?figure=bot.grade.wrong").text
    assert "智能答复答错　1件" in page
    assert case.reference in page


def upload(browser: Browser, content: bytes, name: str = "list.csv", **fields: str) -> Any:
    data = {"csrf": csrf_of(browser.token), **fields}
    return browser.client.post("/console/import", data=data, files={"file": (name, content)})


def test_a_list_is_shown_first_and_imported_when_it_comes_again(console: Console) -> None:
    chen = console.log_in("chen")
    content = "日期,类别,社区\n2026-11-03,来访,白马\n2026-11-03,来访,青杠\n<b>,来访,白马\n".encode()
    plan = upload(chen, content)
    assert plan.status_code == 200
    assert all(text in plan.text for text in ("将新增 <b>1</b> 行", "社区“青杠”：只能记您服务的社区", "看不懂这个日期"))
    assert "日期“&lt;b&gt;”" in plan.text
    assert "2026-11-03</td><td class=\"why\">来访咨询 白马社区 1次 1人</td>" in plan.text
    assert value(console) == 0
    checksum = re.search(r'name="checksum" value="([0-9a-f]+)"', plan.text)
    assert checksum
    changed = upload(chen, content + "2026-11-04,来访,白马\n".encode(), checksum=checksum[1])
    assert "将新增 <b>2</b> 行" in changed.text, "another file is shown again first"
    assert value(console) == 0
    assert upload(chen, content, checksum=checksum[1]).headers["location"].endswith("added=1")
    assert upload(chen, content, checksum=checksum[1]).headers["location"].endswith("added=0")
    assert value(console) == 1


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.csv"), (b"PK\x03\x04", "a.xlsx"), (b"a,b\n1,2\n", "a.csv"), (b"x", "a.exe"), (b"x", "../../a.csv")]
)
def test_what_is_no_list_is_refused(console: Console, content: bytes, name: str) -> None:
    answer = upload(console.log_in("wu"), content, name)
    assert answer.status_code == 422
    assert value(console) == 0


def test_every_page_of_figures_needs_a_log_in_and_no_mediator_registers_enterprises(console: Console) -> None:
    nobody = console.open_browser()
    for path in ("figures", "figures/rows?figure=services.total", "figures/rows.csv?figure=services.total", "figures/rows.xlsx?figure=services.total", "figures/report?format=md",
                 "import", "record", "entries/1", "enterprises", "enterprises/1"):  # fmt: skip
        assert nobody.get(f"/console/{path}").headers.get("location", "").startswith("/console/login"), path
    assert console.log_in("laozhou").get("/console/enterprises").status_code == 403
