"""A mediation with both sides, photos and weeks in between, with the real agent and database."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.domain.mediation import Terms
from bot.domain.messages import Attachment
from bot.services.mediation_results import Result, record_result
from bot.services.mediation_steps import schedule_session
from bot.services.mediation_timers import JOBS
from bot.services.turn import Work
from tests.agent_home import Falin, Visitor

pytestmark = pytest.mark.agent
DAY = 24 * 60
ANSWERS = (
    "张桂芳", "13800001111", "李强", "13900002222", "他家漏水把我家天花板泡坏了，说了不管。", "修好，赔3000元", "3000",
)  # fmt: skip


def begin(falin: Falin) -> Visitor:
    person = falin.visitor("telegram")
    person.register()
    person.send("申请调解")
    person.press("邻里纠纷")
    for answer in ANSWERS:
        person.send(answer)
    return person


def photo(number: int) -> dict[str, object]:
    return {"file": "photo", "attachment": Attachment("telegram", f"file-{number}", "photo")}


def work(falin: Falin, act) -> object:
    with falin.open_unit() as uow:
        done = act(Work(uow, falin.library, falin.now()))
        uow.commit()
    return done


def run_timers(falin: Falin) -> None:
    def run(work: Work) -> None:
        for timer in work.uow.timers.list_due(work.now):
            work.uow.timers.finish(timer.id, work.now)
            JOBS[timer.kind](work, timer.subject)

    work(falin, run)


def test_photos_are_collected_and_survive_the_end_of_the_conversation(falin: Falin) -> None:
    person = begin(falin)
    person.send(**photo(1))
    assert "共1份" in person.text
    person.send(**photo(2))
    assert "共2份" in person.text
    with falin.open_unit() as uow:  # 24 hours later the conversation's state is dropped
        uow.conversations.clear(person.client_id)
        uow.commit()
    falin.minutes += 3 * DAY
    person.send("接着填调解申请")
    assert "共2份" in person.text
    person.press("发完了，没有了")
    assert "照片：2份" in person.text
    person.press("提交")
    with falin.open_unit() as uow:
        (mediation,) = uow.mediations.list_for_client(person.client_id)
    assert [file.ref for file in mediation.content.evidence] == ["file-1", "file-2"]
    assert (mediation.content.amount, mediation.mediator_id) == (300_000, "laozhou")


def test_both_sides_from_the_link_to_the_follow_up(falin: Falin) -> None:
    person = begin(falin)
    person.press("发完了，没有了")
    person.press("提交")
    person.press("请对方手机上答复")
    link = re.search(r"/start mediation_\S+", person.text)
    assert link
    person.send(link[0])
    assert "给对方用的" in person.text
    other = falin.visitor()
    other.send(link[0])
    assert "张桂芳" in other.text
    assert "天花板" not in other.text  # the applicant's own words stay with the mediator
    other.press("同意调解")
    assert "谢谢您" in other.text
    person.fetch()
    assert "对方同意调解" in person.text
    stranger = falin.visitor()
    stranger.send(link[0])
    assert "链接无效" in stranger.text
    with falin.open_unit() as uow:
        (mediation,) = uow.mediations.list_for_client(person.client_id)
    session = falin.library.calendar.list_slots(falin.now(), timedelta(hours=1), 3)[-1]
    work(falin, lambda w: schedule_session(w, "laozhou", mediation.id, session))
    for visitor in (person, other):
        visitor.fetch()
        assert "老周书记调解室" in visitor.text
    falin.minutes += 4 * DAY
    result = Result(True, parties=2, amount=300_000, terms=Terms("李强修好漏水，赔3000元", "当场付清"))
    work(falin, lambda w: record_result(w, "laozhou", mediation.id, result))
    other.fetch()
    assert "达成了调解协议" in other.text
    person.fetch()
    assert "3,000元" in person.text
    assert "司法确认" in person.text
    person.press("想申请司法确认")
    assert "记下了" in person.text
    falin.minutes += 21 * DAY
    run_timers(falin)
    person.fetch()
    assert "还有" in person.text
    falin.minutes += 14 * DAY
    run_timers(falin)
    person.fetch()
    person.press("只履行了一部分")
    assert "督促" in person.text
    assert falin.ledger()["mediation"] == 1
    assert falin.ledger()["mediation_followup"] == 1


def test_an_application_is_withdrawn_after_asking_back(falin: Falin) -> None:
    person = begin(falin)
    person.press("发完了，没有了")
    person.press("提交")
    person.send("我的案件")
    title = next(title for title in person.buttons() if title.startswith("撤回"))
    person.press(title)
    person.press("确认撤回")
    assert "已撤回" in person.text
    person.press("确认撤回", earlier=True)
    assert "已经往下走了" in person.text
    person.send("我的案件")
    assert "已撤回" in person.text
    assert not any(title.startswith("撤回") for title in person.buttons())
    assert falin.ledger()["mediation"] == 1
