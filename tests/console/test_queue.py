"""The queue: who sees which cards, in which order, with what on them, and nothing that was said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.services.handoff import accept_case, transfer_case
from tests.console.conftest import Console

SECRET = "我家楼上天天半夜吵"


def references(text: str) -> list[str]:
    return re.findall(r'href="/console/cases/([\w-]+)"', text)


def section(text: str, title: str) -> str:
    found = re.search(rf'aria-label="{title}">(.*?)</section>', text, re.DOTALL)
    return found[1] if found else ""


def test_urgent_cases_come_first_then_the_earliest_promise(console: Console) -> None:
    console.scene.member("chen")
    first = console.case()
    console.scene.now += timedelta(minutes=5)
    second, urgent = console.case(), console.case(urgency="urgent")
    page = console.log_in("wu").get("/console/").text
    assert references(section(page, "等待接手")) == [urgent.reference, first.reference, second.reference]
    assert page.count('<b class="mark">紧急</b>') == 1


def test_a_card_says_matter_community_holder_and_time_left_but_not_what_was_said(console: Console) -> None:
    console.scene.member("chen")
    case = console.case(question=SECRET)
    for member in ("chen", "zheng", "wu"):
        card = section(console.log_in(member).get("/console/").text, "等待接手")
        for part in (case.reference, "劳动用工", "白马社区", "陈律师（还没接手）", "今天中午12:00前答复", "还有2小时"):
            assert part in card, part
        assert SECRET not in card


def test_an_adviser_sees_waiting_cases_of_the_own_communities_and_the_own_cases_only(console: Console) -> None:
    console.scene.member("chen")
    console.scene.member("zhou")
    baima, qinggang = console.case(), console.case(console.scene.resident("qinggang"))
    assert references(console.log_in("chen").get("/console/").text) == [baima.reference]
    assert references(console.log_in("zhou").get("/console/").text) == [qinggang.reference]
    assert references(console.log_in("laozhou").get("/console/").text) == []
    console.scene.work(accept_case, baima.id, "chen")
    assert references(section(console.log_in("chen").get("/console/").text, "我的案件")) == [baima.reference]
    page = console.log_in("wu").get("/console/").text
    assert references(section(page, "办理中")) == [baima.reference]
    assert references(section(page, "等待接手")) == [qinggang.reference]


def test_a_case_passed_on_moves_to_the_past_and_can_still_be_read(console: Console) -> None:
    for name in ("chen", "zhou"):
        console.scene.member(name)
    case = console.case(question=SECRET)
    console.scene.work(accept_case, case.id, "chen")
    console.scene.work(transfer_case, case.id, "chen", "zhou", "更懂这个")
    console.scene.work(accept_case, case.id, "zhou")
    chen = console.log_in("chen")
    page = chen.get("/console/").text
    assert "您手上没有案件" in section(page, "我的案件")
    assert references(page) == [case.reference]
    assert SECRET in chen.get(f"/console/cases/{case.reference}").text


def test_new_messages_are_counted_until_the_case_is_opened(console: Console) -> None:
    console.scene.member("chen")
    resident = console.scene.resident()
    case = console.case(resident)
    console.scene.work(accept_case, case.id, "chen")
    for text in ("在吗", "工资条找到了"):
        resident.send(text)
    chen = console.log_in("chen")
    assert '<b class="unread" title="没看过的消息">2' in chen.get("/console/").text
    chen.get(f"/console/cases/{case.reference}")
    assert 'class="unread"' not in chen.get("/console/").text


def test_the_supervisors_look_does_not_make_the_advisers_messages_read(console: Console) -> None:
    console.scene.member("chen")
    resident = console.scene.resident()
    case = console.case(resident)
    console.scene.work(accept_case, case.id, "chen")
    resident.send("在吗")
    console.log_in("wu").get(f"/console/cases/{case.reference}")
    assert '<b class="unread"' in console.log_in("chen").get("/console/").text


def test_a_broken_promise_is_red_and_counted(console: Console) -> None:
    console.scene.member("chen")
    case = console.case()
    console.case(console.scene.resident(), urgency="urgent")
    wu = console.log_in("wu")
    assert "超过了承诺的时间" not in wu.get("/console/").text
    console.scene.now = case.promised_at + timedelta(minutes=35)
    wu = console.log_in("wu")
    page = wu.get("/console/?late=1").text
    assert "2 个案件超过了承诺的时间" in page
    assert page.count('<li class="card late">') == 1
    assert page.count('<li class="card urgent late">') == 1
    assert "已超35分钟" in page


@pytest.mark.parametrize(("query", "found"), [
    ("community=baima", "一"), ("community=qinggang", "二"), ("matter=labour", "一"), ("matter=lending", "二"),
    ("urgency=urgent", "二"), ("adviser=zhou", "二"), ("adviser=chen&community=qinggang", ""), ("late=1", ""),
    ("community=nowhere", ""), ("community=" + "x" * 500, ""), ("urgency=", "一二"), ("colour=red", "一二"),
])  # fmt: skip
def test_filters_stand_in_the_address(console: Console, query: str, found: str) -> None:
    for name in ("chen", "zhou"):
        console.scene.member(name)
    named = {
        "一": console.case(), "二": console.case(console.scene.resident("qinggang"), matter="lending", urgency="urgent"),
    }  # fmt: skip
    page = console.log_in("wu").get(f"/console/?{query}").text
    assert set(references(page)) == {named[name].reference for name in found}


def test_a_filter_opens_nothing_that_the_role_does_not(console: Console) -> None:
    console.scene.member("zhou")
    console.case(console.scene.resident("qinggang"))
    assert references(console.log_in("chen").get("/console/?community=qinggang&adviser=zhou").text) == []


def test_appointments_of_the_day_in_china_are_listed(console: Console) -> None:
    console.scene.member("chen")
    case = console.case()
    today, late = console.now + timedelta(hours=5), console.now + timedelta(hours=15)  # 15:00, 01:00 in Beijing

    def book(work: object, at: object) -> None:
        work.uow.cases.book(case.id, "chen", at)  # type: ignore[attr-defined]

    console.scene.work(book, today)
    console.scene.work(book, late)
    for member, times in (("chen", 1), ("wu", 1), ("zhou", 0)):
        shelf = section(console.log_in(member).get("/console/").text, "今天的预约")
        assert shelf.count("今天下午3:00") == times
        assert "明天" not in shelf


def test_two_hundred_open_cases_are_shown(console: Console) -> None:
    console.scene.member("chen")
    console.scene.open_many(200)
    page = console.log_in("wu").get("/console/").text
    assert len(set(references(page))) == 200


def test_an_adviser_with_only_a_console_account_is_asked_and_promised_for(console: Console) -> None:
    from bot.domain.console import ConsoleAccount

    console.scene.work(lambda work: work.uow.console_accounts.save(ConsoleAccount("chen", "h", "S", work.now)))
    case = console.case()
    assert case.adviser_id == "chen"
    assert console.state(case).promised_at is not None
