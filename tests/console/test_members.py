"""Members page and referred disputes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from bot.domain.roster import Absence
from bot.services.handoff import accept_case
from tests.console.conftest import Console


def row(text: str, member_id: str) -> str:
    found = re.search(rf'<li class="panel">(?:(?!<li).)*?<span class="code">{member_id}</span>.*?</li>', text, re.DOTALL)
    assert found
    return found[0]


def test_the_page_shows_duty_load_and_accounts(console: Console) -> None:
    console.scene.member("chen")
    console.scene.work(accept_case, console.case().id, "chen")
    page = console.log_in("wu").get("/console/members").text
    assert "值班" in row(page, "chen")
    assert "手上 1 件，能办 10 件" in row(page, "chen")
    assert "聊天已绑定，工作台没有开通" in row(page, "chen")
    assert "聊天没有绑定" in row(page, "zhou")


def test_on_a_day_that_is_not_worked_nobody_is_on_duty(console: Console) -> None:
    console.scene.now += timedelta(days=5)  # a Saturday
    page = console.log_in("wu").get("/console/members").text
    assert "值班<" not in page


def test_an_absence_is_noted_and_ended(console: Console) -> None:
    wu = console.log_in("wu")
    assert wu.post("/console/members/chen/away", first="2026-11-23", last="2026-11-25").headers["location"].endswith("done=away")
    assert console.look().absences == [Absence("chen", date(2026, 11, 23), date(2026, 11, 25))]
    page = wu.get("/console/members").text
    assert "不在岗" in row(page, "chen")
    assert "2026-11-23 至 2026-11-25" in row(page, "chen")
    wu.post("/console/members/chen/back")
    assert "不在岗" not in row(wu.get("/console/members").text, "chen")


def test_an_absence_from_today_passes_waiting_cases_on(console: Console) -> None:
    for name in ("chen", "zhou"):
        console.scene.member(name)
    case = console.case()
    assert case.adviser_id == "chen"
    console.log_in("wu").post("/console/members/chen/away", first="2026-11-23")
    assert console.state(case).adviser_id == "zhou"


@pytest.mark.parametrize(("fields", "said"), [
    ({}, "请填开始的日期"), ({"first": "明天"}, "请填开始的日期"), ({"first": "2026-02-30"}, "请填开始的日期"),
    ({"first": "2026-11-24", "last": "2026-11-23"}, "不能早于"), ({"first": "2026-11-24", "last": "x"}, "不能早于"),
    ({"first": "0000-00-00"}, "请填开始的日期"), ({"first": "x" * 5000}, "请填开始的日期"),
])  # fmt: skip
def test_a_wrong_date_gets_one_sentence_and_changes_nothing(
    console: Console, fields: dict[str, str], said: str
) -> None:
    wu = console.log_in("wu")
    answer = wu.post("/console/members/chen/away", **fields)
    assert said in wu.get(answer.headers["location"]).text
    assert console.look().absences == []


def test_an_invitation_is_shown_once_and_both_links_work(make_console: Any) -> None:
    console = make_console(telegram_name="falin_bot")
    wu = console.log_in("wu")
    page = wu.post("/console/members/zhou/invite").text
    chat = re.search(r"https://t\.me/falin_bot\?start=member_([\w-]+)", page)
    link = re.search(r"http://falin\.example(/console/join/[\w-]+)", page)
    assert chat
    assert link
    assert console.open_browser().get(link[1]).status_code == 200
    assert "邀请有效到" in row(wu.get("/console/members").text, "zhou")
    assert link[1] not in wu.get("/console/members").text
    person = console.scene.resident()
    person.send(f"/start member_{chat[1]}")
    listed = repr(console.look().invites)
    assert chat[1] not in listed


def test_without_the_bots_name_the_line_to_send_is_shown(console: Console) -> None:
    page = console.log_in("wu").post("/console/members/zhou/invite").text
    assert re.search(r"/start member_[\w-]{20,}", page)


def test_a_removed_member_is_out_at_once_and_the_cases_ask_somebody_else(console: Console) -> None:
    for name in ("chen", "zhou"):
        console.scene.member(name)
    case = console.case()
    console.scene.work(accept_case, case.id, "chen")
    chen, wu = console.log_in("chen"), console.log_in("wu")
    assert wu.post("/console/members/chen/remove").headers["location"].endswith("done=removed")
    assert chen.get("/console/").status_code == 303
    assert "chen" not in console.look().accounts
    assert console.state(case).adviser_id == "zhou"


def test_nobody_removes_themselves_or_somebody_unknown(console: Console) -> None:
    wu = console.log_in("wu")
    answer = wu.post("/console/members/wu/remove")
    assert "不能移除自己" in wu.get(answer.headers["location"]).text
    for act in ("remove", "invite", "away", "back"):
        assert wu.post(f"/console/members/nobody/{act}", first="2026-11-24").status_code == 404
