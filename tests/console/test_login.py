"""Invitation → account → log-in → log-out, through the pages."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from bot.console.cookies import FORM_COOKIE, SESSION_COOKIE
from bot.domain.console import ABSOLUTE, IDLE
from bot.services.console_accounts import invite_to_console
from tests.console.conftest import Browser, Console

PASSWORD = "moluo-4-xiang-wan"
STEP = timedelta(seconds=30)


def token_in(text: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', text)
    assert found
    return found[1]


def secret_in(text: str) -> str:
    found = re.search(r'<p class="code secret">([A-Z2-7 ]+)</p>', text)
    assert found
    return found[1].replace(" ", "")


def invite(console: Console, member: str = "chen") -> str:
    def make(work: Any) -> str:
        return invite_to_console(work.uow, work.library.street, member, work.now)

    return f"/console/join/{console.scene.work(make)}"


def join(console: Console, path: str, **changes: str) -> Any:
    browser = console.open_browser()
    page = browser.get(path)
    code = pyotp.TOTP(secret_in(page.text)).at(console.now)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": code, **changes}
    return browser.post(path, csrf=token_in(page.text), **fields)


def code_now(console: Console, member: str = "chen") -> str:
    return pyotp.TOTP(console.look().console_accounts[member].secret).at(console.now)


def log_in(console: Console, browser: Browser | None = None, **changes: str) -> Any:
    browser = browser or console.open_browser()
    page = browser.get("/console/login")
    fields = {"member": "chen", "password": PASSWORD, **changes}
    if "code" not in fields:
        fields["code"] = code_now(console)
    return browser.post("/console/login", csrf=token_in(page.text), **fields)


# --- joining


def test_an_invited_member_sets_a_password_binds_an_authenticator_and_gets_recovery_codes_once(console: Console) -> None:
    path = invite(console)
    page = console.open_browser().get(path)
    assert "陈律师，您好" in page.text
    assert "<svg" in page.text
    assert html.escape(f"secret={secret_in(page.text)}") in page.text
    joined = join(console, path)
    assert joined.status_code == 200
    assert len(re.findall(r'<li class="code">[A-Z2-7-]{19}</li>', joined.text)) == 8
    again = console.open_browser().get(path)
    assert again.status_code == 404
    assert "请司法所重新发一个" in again.text


@pytest.mark.parametrize(("changes", "said"), [
    ({"password": "短", "again": "短"}, "至少要十个字"),
    ({"password": "1234567890", "again": "1234567890"}, "太常见"),
    ({"again": "moluo-4-xiang-zao"}, "两次输入的密码不一样"),
    ({"code": "000000x"}, "验证码不对"),
    ({"code": ""}, "验证码不对"),
    ({"password": "x" * 5000, "again": "x" * 5000}, "太长"),
])  # fmt: skip
def test_a_faulty_form_says_what_is_wrong_and_keeps_the_invitation(
    console: Console, changes: dict[str, str], said: str
) -> None:
    path = invite(console)
    before = secret_in(console.open_browser().get(path).text)
    answer = join(console, path, **changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert secret_in(answer.text) == before
    assert console.look().console_accounts == {}


@pytest.mark.parametrize("token", ["made-up", "x" * 3000, "é", "%00"])
def test_a_made_up_invitation_is_refused(console: Console, token: str) -> None:
    assert console.open_browser().get(f"/console/join/{token}").status_code == 404


def test_joining_needs_a_form_of_our_own(console: Console) -> None:
    path = invite(console)
    assert console.open_browser().post(path, csrf="0" * 32, password=PASSWORD, again=PASSWORD).status_code == 403


# --- log-in


@pytest.fixture
def joined(console: Console) -> Console:
    join(console, invite(console))
    console.scene.now += STEP * 4
    return console


def test_logging_in_leads_to_the_page_that_was_wanted(joined: Console) -> None:
    browser = joined.open_browser()
    wanted = browser.get("/console/?urgency=urgent").headers["location"]
    assert wanted == "/console/login?next=/console/%3Furgency%3Durgent"
    page = browser.get(wanted)
    next_page = html.unescape(re.search(r'name="next" value="([^"]+)"', page.text)[1])
    answer = log_in(joined, browser, next=next_page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/?urgency=urgent")
    assert browser.get("/console/").status_code == 200
    assert browser.get("/console/login").status_code == 303, "whoever is in need not log in"


@pytest.mark.parametrize("elsewhere", [
    "https://evil.example/", "//evil.example", "/console//evil", "/\\evil", "/console/\\\\evil", "javascript:alert(1)",
    "/console/logout", "/", "/console/login?next=/console/login",
])  # fmt: skip
def test_a_log_in_leads_nowhere_else(joined: Console, elsewhere: str) -> None:
    assert log_in(joined, next=elsewhere).headers["location"] == "/console/"


def test_the_cookie_is_out_of_reach_and_secure_where_the_site_is(joined: Console, make_console: Any) -> None:
    cookie = log_in(joined).headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    for part in ("HttpOnly", "Path=/console", "SameSite=strict"):
        assert part in cookie
    assert "Secure" not in cookie
    console = make_console(base_url="https://falin.example/")
    assert "Secure" in console.open_browser().get("/console/login").headers["set-cookie"]


def test_wrong_id_wrong_password_and_wrong_code_get_the_same_answer(joined: Console) -> None:
    answers = {
        re.sub(r'value="\w*"', "", log_in(joined, **wrong).text)
        for wrong in ({"password": "falsch-und-lang"}, {"code": "000000"}, {"member": "nobody"}, {"member": "zhou"})
    }
    assert len(answers) == 1
    assert "编号、密码或验证码不对" in answers.pop()


def test_a_code_works_once(joined: Console) -> None:
    code = code_now(joined)
    assert log_in(joined, code=code).status_code == 303
    assert log_in(joined, code=code).status_code == 401


def test_after_five_wrong_tries_even_the_right_one_waits(joined: Console) -> None:
    for _ in range(5):
        assert log_in(joined, password="falsch-und-lang").status_code == 401
    blocked = log_in(joined)
    assert blocked.status_code == 429
    assert "请过几分钟再试" in blocked.text
    joined.scene.now += STEP
    assert log_in(joined).status_code == 303


def test_an_unknown_id_is_slowed_down_just_the_same(joined: Console) -> None:
    statuses = [log_in(joined, member="nobody").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_the_id_may_be_written_large_and_with_spaces(joined: Console) -> None:
    assert log_in(joined, member="  CHEN ").status_code == 303


@pytest.mark.parametrize("fields", [
    {"member": "", "password": "", "code": ""}, {"member": "x" * 9000}, {"member": "'; drop table cases"},
    {"password": "\x00"}, {"code": "１" * 3000},
])  # fmt: skip
def test_rubbish_is_simply_wrong(joined: Console, fields: dict[str, str]) -> None:
    assert log_in(joined, **fields).status_code == 401


def test_logging_in_needs_a_form_of_our_own(joined: Console) -> None:
    browser = joined.open_browser()
    fields = {"member": "chen", "password": PASSWORD, "code": code_now(joined)}
    assert browser.post("/console/login", csrf="", **fields).status_code == 403
    page = browser.get("/console/login")
    assert FORM_COOKIE in page.headers["set-cookie"]
    browser.client.headers["Origin"] = "https://evil.example"
    assert browser.post("/console/login", csrf=token_in(page.text), **fields).status_code == 403


def test_what_was_there_before_the_log_in_is_not_the_session(joined: Console) -> None:
    browser = joined.open_browser()
    browser.client.cookies.set(SESSION_COOKIE, "planted", domain="falin.example", path="/console")
    answer = log_in(joined, browser)
    assert "planted" not in answer.headers["set-cookie"]


# --- sessions


def test_an_idle_page_is_asked_to_log_in_and_fetching_itself_does_not_keep_it_alive(console: Console) -> None:
    browser = console.log_in("chen")
    live = {"X-Live": "1"}
    for _ in range(2):
        console.scene.now += IDLE / 2 - STEP
        assert browser.get("/console/", headers=live).status_code == 200
    console.scene.now += STEP * 2
    assert browser.get("/console/", headers=live).status_code == 401
    assert browser.get("/console/").status_code == 303


def test_a_page_in_use_stays_until_twelve_hours_are_over(console: Console) -> None:
    browser, begin = console.log_in("chen"), console.now
    while console.now + IDLE - STEP < begin + ABSOLUTE:
        console.scene.now += IDLE - STEP
        assert browser.get("/console/").status_code == 200
    console.scene.now = begin + ABSOLUTE
    assert browser.get("/console/").status_code == 303


def test_logging_out_here_leaves_the_other_browser(console: Console) -> None:
    one, two = console.log_in("chen"), console.log_in("chen")
    answer = one.post("/console/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    assert one.get("/console/").status_code == 303
    assert two.get("/console/").status_code == 200


def test_logging_out_everywhere_means_everywhere(console: Console) -> None:
    one, two, other = console.log_in("chen"), console.log_in("chen"), console.log_in("zhou")
    one.post("/console/logout", everywhere="1")
    assert two.get("/console/").status_code == 303
    assert other.get("/console/").status_code == 200


def test_an_expired_session_does_not_save_a_form(console: Console) -> None:
    browser = console.log_in("wu")
    console.scene.now += IDLE
    answer = browser.post("/console/members/chen/away", first="2026-11-24")
    assert answer.status_code == 401
    assert "登录已经过期，没有保存" in answer.text
    assert console.look().absences == []
