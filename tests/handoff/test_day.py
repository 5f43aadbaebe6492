"""A scripted stretch of days: 40 residents, 5 advisers, 2 mediators, a supervisor, a holiday, absences, an outage and a restart.

Over the real channels: a Bot API server on loopback, a web server, headless Chromium, the real agent, a clock moved by hand.
At the end every message was delivered once and in order, every promise was kept or broken openly, and the ledger agrees
with the cases.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.channels import server as server_module
from bot.channels.telegram import runner
from bot.domain.calendar import BEIJING
from bot.storage.tables import case_events, cases, ledger, mediations
from tests.agent_home import make_home
from tests.botapi import BotApi
from tests.browser.conftest import FLAGS
from tests.handoff.day import Day, Phone

pytestmark = [pytest.mark.agent, pytest.mark.browser, pytest.mark.timeout(600)]

COMMUNITIES = ("baima", "qinggang", "shiban", "longtan", "hejia")
ADVISERS = {"chen": 901, "zhou": 902, "liu": 903, "tang": 904, "he": 905}
OWN = dict(zip(COMMUNITIES, ADVISERS, strict=True))
SUPERVISOR = 909
MEDIATORS = {"laozhou": 911, "xiangmei": 912}
MEDIATOR_OF = {"baima": "laozhou", "qinggang": "laozhou", "shiban": "laozhou", "longtan": "xiangmei", "hejia": "xiangmei"}
TELEGRAM_RESIDENTS, WEB_RESIDENTS = 36, 4
QUESTIONS = ("老板拖欠工资怎么办", "借钱没有借条怎么办", "房东不退押金怎么办", "楼上漏水怎么办")


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(runner, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(runner, "POLL_PAUSE", 0.002)
    monkeypatch.setattr(server_module, "TIMER_SECONDS", 0.05)
    with BotApi() as api:
        begins = datetime(2026, 9, 30, 9, 0, tzinfo=BEIJING).astimezone(timezone.utc)
        day = Day(make_home(tmp_path / "home"), api, begins)
        day.start()
        yield day
        day.stop()


@pytest.fixture
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        message = "needs Chromium on the PATH"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Web:
    """A resident in the web chat, on a phone."""

    def __init__(self, day: Day, browser: Any) -> None:
        self.day, self.said = day, []  # type: ignore[var-annotated]
        context = browser.new_context(
            viewport={"width": 360, "height": 740}, base_url=f"http://127.0.0.1:{day.port}", locale="zh-CN"
        )
        context.set_default_timeout(20_000)
        self.page = context.new_page()

    def open(self, path: str = "/") -> None:
        self.page.goto(path)
        self.page.wait_for_selector(".message.falin")
        self.day.settle()

    def say(self, text: str) -> None:
        self.said.append(text)
        self.page.fill("#text", text)
        self.page.click("#send")
        self._rest()

    def press(self, title: str) -> None:
        self.page.locator(f'button.choice:not([aria-disabled]):text-is("{title}")').last.click()
        self._rest()

    def register_and_ask(self, community: str, question: str) -> None:
        self.open(f"/?c={community}")
        for title in ("居民", "同意"):
            self.press(title)
        self.say(question)
        self.say("转人工")
        for title in ("跳过", "跳过", "没有或不清楚"):
            self.press(title)

    def shown(self) -> list[str]:
        return list(self.page.locator(".message.falin .bubble").all_inner_texts())

    def has(self, text: str) -> bool:
        self.page.locator(".message.falin", has_text=text).last.wait_for()
        return True

    def _rest(self) -> None:
        self.page.wait_for_timeout(150)
        self.day.settle()
        self.page.wait_for_timeout(250)


class Talk:
    """One resident's case, and what each side said in it."""

    def __init__(self, name: str, resident: Phone | Web, community: str) -> None:
        self.name, self.resident, self.community = name, resident, community
        self.reference = ""
        self.spoken: dict[str, list[str]] = {"client": [], "adviser": []}

    def ask(self, number: int) -> None:
        self.resident.register_and_ask(self.community, QUESTIONS[number % len(QUESTIONS)])
        self.reference = next(
            word for text in reversed(self.resident.shown()) if (word := find(text)) is not None
        )

    def client_says(self, words: str) -> None:
        text = f"{self.name}说{words}"
        self.spoken["client"].append(text)
        self.resident.say(text)

    def adviser_says(self, adviser: Phone, words: str) -> None:
        text = f"答{self.name}{words}"
        self.spoken["adviser"].append(text)
        adviser.say(text, reply_to=self.reference)

    def close(self, adviser: Phone, outcome: str = "已解答") -> None:
        adviser.say("/cases")
        adviser.press(self.reference)
        adviser.press("结案")
        adviser.press(outcome)


def find(text: str) -> str | None:
    from bot.domain.cases import find_reference

    return find_reference(text)


def accept(adviser: Phone, talk: Talk) -> None:
    adviser.say("/cases")
    adviser.press(talk.reference)
    adviser.press("接手")


def test_a_street_lives_through_a_holiday(day: Day, browser: Any) -> None:
    advisers = {name: day.invite(name, chat) for name, chat in ADVISERS.items()}
    supervisor = day.invite("suozhang", SUPERVISOR)
    residents: list[Phone | Web] = [Phone(day, 1_000 + number) for number in range(TELEGRAM_RESIDENTS)]
    residents += [Web(day, browser) for _ in range(WEB_RESIDENTS)]
    talks = [
        Talk(f"甲{number:02}", resident, COMMUNITIES[number % 5]) for number, resident in enumerate(residents)
    ]

    def own(talk: Talk) -> Phone:
        return advisers[OWN[talk.community]]

    # 30 September, the last workday: twenty ordinary cases, two messages each way, four of them in browsers.
    ordinary = [*talks[:16], *talks[36:]]
    for number, talk in enumerate(ordinary):
        talk.ask(number)
        accept(own(talk), talk)
        talk.client_says("第一句")
        talk.adviser_says(own(talk), "第一句")
        talk.client_says("第二句")
        talk.adviser_says(own(talk), "第二句")
        talk.close(own(talk))
    assert Counter(row.outcome for row in day.rows(cases)) == {"advised": 20}
    talks[0].resident.press("5分")

    # Nobody takes over: the next adviser is asked, then the one after, then the supervisor.
    day.at("09-30 14:00")
    silent = talks[16:18]
    for talk in silent:
        talk.ask(1)
    day.at("09-30 14:30")
    for talk in silent:
        assert talk.resident.has("接不了")
    day.at("09-30 15:30")
    for talk in silent:
        assert talk.resident.has("负责人安排")
        assert supervisor.has(talk.reference)
    supervisor.press("指派")
    supervisor.press("何律师")
    supervisor.say("今天只有他在办公室")
    accept(advisers["he"], silent[1])
    silent[1].adviser_says(advisers["he"], "我来办")

    # Declined, transferred, withdrawn, given back to the bot.
    declined, moved, withdrawn, resting = talks[18], talks[19], talks[20], talks[21]
    for talk in (declined, moved, withdrawn, resting):
        talk.ask(2)
    own(declined).say("/cases")
    own(declined).press(declined.reference)
    own(declined).press("婉拒")
    own(declined).press("不熟悉这类事")
    accept(own(moved), moved)
    own(moved).press("转给同事")
    own(moved).press("何律师" if OWN[moved.community] != "he" else "唐律师")
    moved.client_says("换人的时候写的")
    assert moved.resident.has("记下了")
    withdrawn.resident.say("我的案件")
    withdrawn.resident.press("撤回")
    withdrawn.resident.press("确认撤回")
    accept(own(resting), resting)
    own(resting).press("先交回法邻")
    resting.resident.say("借钱没有借条怎么办")
    assert resting.resident.has("您想问的是"), "the bot answers again"
    resting.adviser_says(own(resting), "我回来了")
    resting.client_says("好")

    # Two disputes go to the mediators: one is settled later at the desk, in the other the neighbour says no.
    mediators = {name: day.invite(name, chat) for name, chat in MEDIATORS.items()}
    willing, unwilling = talks[2], talks[3]
    for talk in (willing, unwilling):
        talk.resident.say("申请调解")
        talk.resident.press("邻里纠纷")
        for answer in ("张桂芳", "13800001111", "李强", "不知道", "楼上漏水把我家天花板泡坏了，说了几次都不管。", "赔钱", "3000"):
            talk.resident.say(answer)
        talk.resident.press("发完了，没有了")
        talk.resident.press("提交")
        assert talk.resident.has("调解申请已提交")
    kind_ones = {talk: mediators[MEDIATOR_OF[talk.community]] for talk in (willing, unwilling)}
    kind_ones[willing].press("对方同意")
    assert willing.resident.has("对方同意调解")
    kind_ones[unwilling].press("对方不同意")

    # Telegram is away: both sides write on, falin is restarted, everything arrives once and in order.
    outage = talks[22]
    outage.ask(3)
    accept(own(outage), outage)
    day.api.go_down()
    for words in ("断网一", "断网二"):
        outage.spoken["client"].append(f"{outage.name}说{words}")
        day.api.say(outage.resident.chat, f"{outage.name}说{words}")  # type: ignore[union-attr]
    outage.spoken["adviser"].append(f"答{outage.name}断网答")
    day.api.say(own(outage).chat, f"答{outage.name}断网答", reply_to=own(outage)._find(outage.reference))
    day.stop()
    day.api.come_up()
    day.start()
    day.settle()
    outage.adviser_says(own(outage), "网通了")

    # An adviser is away for some days, another has blocked the bot.
    advisers["zhou"].say("/duty off 10-08 10-09")
    day.api.blocked.add(ADVISERS["tang"])
    blocked = next(talk for talk in talks[23:] if OWN[talk.community] == "tang")
    blocked.ask(1)
    assert blocked.resident.has("接不了"), "whoever cannot be reached is replaced at once"

    # The evening before the holiday: promised for 8 October, not earlier; and a day off that is worked.
    day.at("09-30 19:00")
    evening = [talk for talk in talks[23:36] if talk is not blocked][:4]
    for talk in evening:
        talk.ask(0)
        assert talk.resident.has("现在是休息时间")
        assert talk.resident.has("10月8日（周四）上午11:00")
    day.at("10-03 12:00")
    evening[0].client_says("节日里补充")
    day.at("10-08 09:05")
    for talk in evening:
        holder = advisers[next(row.adviser_id for row in day.rows(cases) if row.reference == talk.reference)]
        assert holder is not advisers["zhou"], "zhou is away"
        accept(holder, talk)
        talk.adviser_says(holder, "节后好")

    # Promises that are broken are said aloud. Saturday the 10th is a workday.
    late = [talk for talk in talks[23:36] if talk is not blocked and talk not in evening]
    day.at("10-10 16:50")
    for talk in late[:4]:
        talk.ask(2)
        assert talk.resident.has("10月12日（周一）")
    for talk in late[:2]:
        holder = next(row.adviser_id for row in day.rows(cases) if row.reference == talk.reference)
        accept(advisers[holder], talk)
    day.at("10-12 12:00")
    for talk in late[:2]:
        assert talk.resident.has("还没有人答复")
        assert supervisor.has(talk.reference)

    # A closed case is opened again within fourteen days; the rest just asks.
    again = talks[1]
    again.resident.say("继续")
    assert again.resident.has(again.reference)
    for number, talk in enumerate(late[4:]):
        talk.ask(number)
    check_everything(day, talks, advisers)


def check_everything(day: Day, talks: list[Talk], advisers: dict[str, Phone]) -> None:
    day.settle()
    heard = {name: phone.shown() for name, phone in advisers.items()}
    for talk in talks:
        texts = [text for text in talk.resident.shown() if f"答{talk.name}" in text]
        assert [text.rpartition("：")[2].strip() for text in texts] == talk.spoken["adviser"], talk.name
        for text in talk.spoken["client"]:
            copies = [name for name, shown in heard.items() for one in shown if one.endswith(text)]
            assert len(copies) == len(set(copies)), f"{text} came twice to {copies}"
            assert copies, f"{text} was lost"
        for shown in heard.values():
            mine = [text for one in shown for text in talk.spoken["client"] if one.endswith(text)]
            assert mine == sorted(mine, key=talk.spoken["client"].index), f"{talk.name}: out of order"
    events: dict[int, list[str]] = {}
    for event in day.rows(case_events):
        events.setdefault(event.case_id, []).append(event.kind)
    opened = day.rows(cases)
    for case in opened:
        if case.promised_at is None or case.outcome == "withdrawn":
            continue
        kept = case.answered_at is not None and case.answered_at <= case.promised_at
        waiting = case.promised_at > day.now
        assert kept or waiting or "promise_broken" in events[case.id] or "reopened" in events[case.id], case.reference
    counted = Counter(entry.kind for entry in day.rows(ledger))
    assert counted["registration"] == len({case.client_id for case in opened}) == len(talks)
    assert counted["escalation"] == len(opened) == len(talks)
    helped = [c for c in opened if "closed" in events[c.id] and c.outcome != "withdrawn"]
    assert counted["adviser_consultation"] == len(helped)
    assert counted["mediation_application"] == 2
    assert counted["mediation"] == sum(row.respondent_refused_at is not None for row in day.rows(mediations)) == 1
    by_adviser = Counter(e.served_by for e in day.rows(ledger) if e.kind == "adviser_consultation")
    assert sum(by_adviser.values()) == 20
