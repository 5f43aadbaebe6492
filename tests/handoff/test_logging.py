"""/log in the chat, on memory, SQLite and PostgreSQL: recorded once, taken back, refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.buttons import Buttons
from bot.domain.ledger import Entry
from bot.domain.messages import Inbound
from bot.reports.closing import close_year
from bot.services.enterprises import EnterpriseForm, register_enterprise
from bot.services.turn import Work
from tests.handoff.scene import Person, Scene


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    if request.param == "memory":
        yield Scene()
        return
    database: Any = request.getfixturevalue(f"{request.param}_database")
    yield Scene(database.open_unit, buttons=Buttons(database.keys.derive("buttons")))
    database.engine.dispose()


@pytest.fixture
def close(request: pytest.FixtureRequest, scene: Scene) -> Callable[[int], None]:
    """Closes a year as the office does; in memory there is no report to print."""

    def run(year: int) -> None:
        kind = request.node.callspec.params["scene"]
        if kind == "memory":
            scene.work(lambda work: work.uow.state.closed_years.add(year))
        else:
            engine = request.getfixturevalue(f"{kind}_database").engine
            close_year(engine, year, "吴所长", scene.now, lambda connection: {"md": b"1"})

    return run


def entries(scene: Scene, member_id: str) -> list[Entry]:
    def look(work: Work) -> list[Entry]:
        return work.uow.ledger.list_recorded(member_id, 99)

    return scene.work(look)


def test_a_line_is_recorded_and_taken_back_again(scene: Scene) -> None:
    chen = scene.member("chen")
    (said,) = chen.send("/log 电话咨询 劳动 2人 昨天")
    assert said == "记好了：11月22日 电话咨询 白马社区 劳动用工 1次 2人"
    (entry,) = entries(scene, "chen")
    assert (entry.community, entry.served_by, entry.people, entry.channel) == ("baima", "adviser:chen", 2, "phone")
    assert "撤销了" in chen.press("撤销")[0]
    void, _ = entries(scene, "chen")
    assert (void.corrects, void.count, void.outcome, void.reason) == (entry.id, 0, "void", "撤销")
    assert chen.press("撤销") == ["这一条已经更正过了。"]
    assert len(entries(scene, "chen")) == 2


def test_what_people_say_with_words_and_with_a_computers_quotes_is_recorded(scene: Scene) -> None:
    wu = scene.member("wu")
    (said,) = wu.send("/log 调解 青杠 三人 法院委派")
    assert said == "记好了：11月23日 人民调解 青杠社区 1件 3人 法院移送"
    (said,) = wu.send('/log 普法活动 白马 八十人 "开学第一课"')
    assert said == "记好了：11月23日 普法活动 白马社区 1场 80人 《开学第一课》"


def test_a_training_is_confirmed_with_whom_it_was_for(scene: Scene) -> None:
    wu = scene.member("wu")
    assert wu.send("/log 培训 青杠 法律明白人 17人") == ["记好了：11月23日 培训 青杠社区 1期 17人 法律明白人"]


@pytest.mark.parametrize("space", ["　", "\n", "\u00a0", "  "], ids=["full-width", "new line", "no-break", "two"])
def test_whatever_white_space_follows_the_command_the_line_is_recorded(scene: Scene, space: str) -> None:
    assert "记好了" in scene.member("chen").send(f"/log{space}电话咨询{space}1人")[0]


def test_users_registered_by_hand_count_as_many_as_were_said(scene: Scene) -> None:
    wu = scene.member("wu")
    assert wu.send("/log 登记用户 白马 300人") == ["记好了：11月23日 登记用户 白马社区 300人"]
    assert [(e.count, e.people) for e in entries(scene, "wu")] == [(300, 300)]


def test_an_enterprise_that_is_called_like_a_kind_is_visited(scene: Scene) -> None:
    wu = scene.member("wu")
    scene.work(register_enterprise, scene.library.street.find_member("wu"), EnterpriseForm("公证宝科技", "baima"))
    assert wu.send("/log 公证宝科技 白马 走访") == ["记好了：11月23日 走访企业 白马社区 1次 1人 公证宝科技"]


def test_a_message_that_comes_twice_is_recorded_once(scene: Scene) -> None:
    chen = scene.member("chen")
    again = Inbound("telegram", "same", chen.key, scene.now, "/log 来访咨询 1人", message_id="5")
    for _ in range(3):
        chen.client_id = scene.assistant.receive(again).client_id
        scene.assistant.answer(chen.client_id)
    assert len(entries(scene, "chen")) == 1


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/log 电话咨询 青杠", "只能记您服务的社区"),
        ("/log 白马 2人", "哪一类"),
        ("/log 电话咨询 明天", "没看懂，没有记：明天"),
        ("/log 电话咨询 2030-01-01", "日期不对"),
        ("/log 走访 500元", "不记金额"),
        ("/log 调解 0人", "人数不对"),
        ("/log 调解 白马 劳动", "调解、培训要写明人数，例如：调解 白马 3人。没有记。"),
        ("/log 培训 法律明白人", "调解、培训要写明人数"),
        ("/log 智能咨询 1人", "没看懂"),
        ("/log 值班 3人", "这一类不记人数，请去掉人数。没有记。"),
        ("/log 视频 白马 5人", "这一类不记人数"),
        ("/log 电话咨询 0人", "人数不对"),
        ("/log 调解 白马 2人 3500元 未达成", "没有达成协议的调解不记金额"),
        ("/log 调解 白马 2人 约5000元", "没看懂，没有记：约5000元"),
        ("/log 登记用户 300人 2次", "请只写人数"),
    ],
)
def test_a_line_that_cannot_stand_is_refused_with_one_sentence(scene: Scene, line: str, answer: str) -> None:
    chen = scene.member("chen")
    (said,) = chen.send(line)
    assert answer in said
    assert entries(scene, "chen") == []


def test_a_closed_year_takes_no_more_lines(scene: Scene, close: Callable[[int], None]) -> None:
    wu = scene.member("wu")
    assert "记好了" in wu.send("/log 电话咨询 白马 2025-12-31 1人")[0]
    close(2025)
    before = entries(scene, "wu")
    assert wu.send("/log 电话咨询 白马 2025-12-31 2人") == ["那一年已经封存，不能再记；写错了的请用更正。没有记。"]
    assert entries(scene, "wu") == before
    assert "记好了" in wu.send("/log 电话咨询 白马 2026-01-01 2人")[0]


@pytest.mark.parametrize(
    ("later", "answer"),
    [
        (timedelta(days=6, hours=13, minutes=59), "撤销了：11月23日 电话咨询 白马社区 1次 1人"),
        (timedelta(days=6, hours=14), "自己记的只能在七天内改，这一条过了七天，请找司法所更正。没有改。"),
        (timedelta(days=400), "自己记的只能在七天内改，这一条过了七天，请找司法所更正。没有改。"),
    ],
    ids=["the seventh day in China", "its midnight", "next year"],
)
def test_an_adviser_takes_a_line_back_within_seven_days(scene: Scene, later: timedelta, answer: str) -> None:
    chen = scene.member("chen")
    chen.send("/log 电话咨询 1人")
    scene.now += later
    assert chen.press("撤销") == [answer]
    assert len(entries(scene, "chen")) == (2 if "撤销了" in answer else 1)


def test_the_office_takes_a_line_back_whenever_it_is_found_wrong(scene: Scene) -> None:
    wu = scene.member("wu")
    wu.send("/log 电话咨询 白马 1人")
    scene.now += timedelta(days=30)
    assert "撤销了" in wu.press("撤销")[0]


def test_without_a_line_it_says_how_and_what_was_recorded(scene: Scene) -> None:
    wu = scene.member("wu")
    wu.send("/log 普法活动 青杠 学生 80人 传单300份 《开学第一课》")
    (said,) = wu.send("/log")
    assert "/log 电话咨询 白马 劳动 1人" in said
    assert "11月23日 普法活动 青杠社区 1场 80人 青少年学生 资料300份 《开学第一课》" in said


def test_a_resident_cannot_record(scene: Scene) -> None:
    resident: Person = scene.resident()
    resident.send("/log 电话咨询 白马 劳动 1人")
    assert entries(scene, "chen") == []
    assert not any("记好了" in message.reply.text for message in resident.messages)
