"""Papers, referrals, back to the bot, closing, rating, reopening, withdrawing, appointments; commands of members."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.domain.cases import Case
from bot.domain.errors import RuleBroken
from bot.knowledge.statutes import LawText
from bot.services import casework
from bot.services.handoff import accept_case, transfer_case
from bot.services.registration import forget_client
from bot.services.status import say_case
from bot.services.turn import Turn
from tests.handoff.scene import Person, Scene

Live = tuple[Person, Person, Case]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def live(scene: Scene) -> Live:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    resident.fetch()
    return chen, resident, case


def ledger(scene: Scene, kind: str) -> list:
    with scene.open_unit() as uow:
        return [entry for entry in uow.state.ledger if entry.kind == kind]


def close(chen: Person, resident: Person, outcome: str = "已解答") -> None:
    chen.press("结案")
    chen.press(outcome)
    resident.fetch()


def test_papers_are_asked_for_in_the_advisers_words(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    chen.press("要材料")
    chen.send("劳动合同\n工资条")
    (told,) = resident.fetch()
    assert told.startswith("陈律师：")
    assert "劳动合同\n工资条" in told
    assert scene.case(case).next_action_by == "client"
    assert "documents_asked" in scene.events(case)


def test_closing_says_what_comes_next_and_counts_once(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    chen.send("这样办就行")
    chen.press("结案")
    chen.press("建议起诉或仲裁")
    told = resident.fetch()[-1]
    assert "建议起诉或仲裁" in told
    assert scene.library.outcomes["to_court"].next in told
    assert scene.case(case).outcome == "to_court"
    (entry,) = ledger(scene, "adviser_consultation")
    assert (entry.served_by, entry.outcome, entry.matter) == ("adviser:chen", "to_court", "labour")
    assert chen.press("建议起诉或仲裁") == [scene.library.wording.text("utter_refused_closed")]
    assert len(ledger(scene, "adviser_consultation")) == 1
    assert resident.send("又有新问题") == ["答：又有新问题"], "after closing the bot answers again"


def test_who_closes_is_asked_how_good_the_bot_had_answered(scene: Scene, live: Live) -> None:
    chen, _, case = live
    wording = scene.library.wording
    scene.work(lambda work: work.uow.answers.note_given(case.client_id, "labour.unpaid_wages", work.now))
    chen.press("结案")
    assert chen.press("已解决")[-1] == wording.text("utter_ask_bot_grade")
    assert chen.press("指错了路") == [wording.text("utter_bot_graded")]
    assert scene.case(case).bot_grade == "wrong_route"
    chen.press("答对了")
    assert scene.case(case).bot_grade == "right", "the last one stands"
    zhou = scene.member("zhou")
    told = zhou.send(choice=scene.buttons.sign("telegram", zhou.key, f"case:grade:{case.id}:wrong"))
    assert told == [wording.text("utter_refused_not_yours")]
    assert chen.send(choice=scene.buttons.sign("telegram", chen.key, f"case:grade:{case.id}:splendid")) == [
        wording.text("utter_refused_unknown_reason")
    ]
    assert scene.case(case).bot_grade == "right"


def test_nobody_is_asked_about_answers_that_were_not_given(scene: Scene, live: Live) -> None:
    chen, _, case = live
    chen.press("结案")
    assert chen.press("已解决")[-1] == scene.library.wording.text("utter_closed", reference=case.reference, outcome="已解决")


def test_only_an_outcome_that_is_offered_closes(scene: Scene, live: Live) -> None:
    _, _, case = live
    for outcome in ("withdrawn", "nonsense"):
        with pytest.raises(RuleBroken):
            scene.work(casework.close_case, case.id, "chen", outcome)
    assert scene.case(case).closed_at is None


def test_referring_closes_with_the_code_of_the_place(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    chen.press("转出去")
    chen.press("转人民调解")
    assert scene.case(case).outcome == "to_mediation"
    assert "交给人民调解员" in resident.fetch()[-1]
    resident.press("申请调解")


@pytest.mark.parametrize(("outcome", "button"), [("to_mediation", "申请调解"), ("to_legal_aid", "法律援助")])
def test_closing_offers_the_button_of_what_comes_next(scene: Scene, live: Live, outcome: str, button: str) -> None:
    _, resident, case = live
    scene.work(casework.close_case, case.id, "chen", outcome)
    resident.fetch()
    resident.press(button)


def test_referring_says_before_that_it_closes(scene: Scene, live: Live) -> None:
    chen, _, case = live
    assert "点一项就结案" in chen.press("转出去")[-1]
    assert scene.case(case).closed_at is None


def test_a_refused_referral_leaves_no_trace(scene: Scene, live: Live) -> None:
    _, _, case = live
    zhou = scene.member("zhou")
    told = zhou.send(choice=scene.buttons.sign("telegram", zhou.key, f"case:refer:{case.id}:mediation"))
    assert told == [scene.library.wording.text("utter_refused_not_yours")]
    assert "referred" not in scene.events(case)


def test_a_rating_and_a_sentence_are_taken(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    close(chen, resident)
    resident.press("4分")
    assert scene.case(case).rating == 4
    resident.press("写一句评价")
    assert resident.send("很耐心") == [scene.library.wording.text("utter_thanks_for_comment")]
    assert resident.send("房东不退押金") == ["答：房东不退押金"]
    with scene.open_unit() as uow:
        assert [e.detail for e in uow.case_files.list_events(case.id) if e.kind == "rated"] == ["4", "很耐心"]


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_out_of_range_is_refused(scene: Scene, live: Live, rating: int) -> None:
    chen, resident, case = live
    close(chen, resident)
    with pytest.raises(RuleBroken):
        scene.work(casework.rate_case, case.id, resident.client_id, rating)


@pytest.mark.parametrize("words", ["继续", "继续。", "还没解决"])
def test_a_message_within_fourteen_days_opens_the_case_again(scene: Scene, live: Live, words: str) -> None:
    chen, resident, case = live
    close(chen, resident)
    scene.now += timedelta(days=13, hours=23)
    (told,) = resident.send(words)
    assert case.reference in told
    assert scene.case(case).state == "waiting"
    assert scene.case(case).adviser_id == "chen", "who knows the case is asked first"
    assert case.reference in chen.fetch()[-1]
    assert scene.case(case).promised_at > scene.now


def test_the_reference_alone_opens_it_too_but_not_after_fourteen_days(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    close(chen, resident)
    scene.now += timedelta(days=14)
    assert resident.send(f"{case.reference} 还没办好") == [f"答：{case.reference} 还没办好"]
    assert resident.press("重新打开") == [scene.library.wording.text("utter_refused_too_late")]


def test_reopening_and_closing_again_counts_once(scene: Scene, live: Live) -> None:
    chen, resident, _ = live
    close(chen, resident)
    resident.send("继续")
    chen.fetch()
    chen.press("接手")
    close(chen, resident)
    assert len(ledger(scene, "adviser_consultation")) == 1


def test_withdrawing_asks_first_and_tells_the_adviser(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    resident.send(choice=scene.buttons.sign("telegram", resident.key, f"case:withdraw:{case.id}"))
    assert scene.case(case).closed_at is None
    resident.press("确认撤回")
    assert (scene.case(case).outcome, scene.case(case).next_action_by) == ("withdrawn", "nobody")
    assert case.reference in chen.fetch()[-1]
    assert ledger(scene, "adviser_consultation") == [], "nobody had answered"


def test_a_stranger_cannot_touch_the_case(scene: Scene, live: Live) -> None:
    _, _, case = live
    stranger = scene.resident()
    for act in ("withdraw", "bot", "history", "rate", "slots", "elsewhere", "reopen"):
        forged = scene.buttons.sign("telegram", stranger.key, f"case:{act}:{case.id}:yes")
        assert stranger.send(choice=forged) == [scene.library.wording.text("utter_stale_button")]
    for act in ("close:9", "take", "rate:x", "accept:99999", "_press:1"):
        forged = scene.buttons.sign("telegram", stranger.key, f"case:{act}")
        assert stranger.send(choice=forged) == [scene.library.wording.text("utter_stale_button")]
    assert scene.case(case).closed_at is None


def test_an_adviser_of_another_community_cannot_read_or_close_it(scene: Scene, live: Live) -> None:
    _, resident, case = live
    zhou = scene.member("zhou")
    for act in ("card", "close", "documents", "to_bot", "accept"):
        forged = scene.buttons.sign("telegram", zhou.key, f"case:{act}:{case.id}")
        told = zhou.send(choice=forged)
        assert told
        assert "老板不发工资" not in told[0]
    assert resident.fetch() == []
    assert scene.case(case).adviser_id == "chen"


def test_both_sides_can_give_the_word_back_to_the_bot_without_closing(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    chen.press("先交回法邻")
    resident.fetch()
    assert resident.send("另外问一下押金") == ["答：另外问一下押金"]
    assert chen.fetch() == []
    chen.send("我回来了")
    assert resident.fetch() == ["陈律师：我回来了"]
    assert resident.send("好的") == []
    assert chen.fetch() == [f"【{case.reference}】好的"]


def test_the_client_can_ask_the_bot_while_waiting(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    sign = scene.buttons.sign
    chen.fetch()
    resident.send(choice=sign("telegram", resident.key, f"case:bot:{case.id}"))
    assert chen.fetch() == [scene.library.wording.text("utter_client_asks_bot", reference=case.reference)]
    assert resident.send("押金怎么要") == ["答：押金怎么要"]
    resident.send(choice=sign("telegram", resident.key, f"case:adviser:{case.id}"))
    assert chen.fetch() == [scene.library.wording.text("utter_client_is_back", reference=case.reference)]
    assert case.reference in resident.send("补充一句")[0]


def test_being_forgotten_ends_the_case_and_erases_what_was_said(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    resident.send("秘密")
    chen.fetch()
    with scene.open_unit() as uow:
        client = uow.clients.get(resident.client_id)
        forget_client(Turn(uow, scene.library, scene.now, client))
        uow.commit()
    gone = scene.case(case)
    assert (gone.closed_at, gone.client_id, gone.question) == (scene.now, 0, "")
    with scene.open_unit() as uow:
        assert uow.case_files.list_messages(case.id) == []
    chen.fetch()
    assert chen.answer("秘密", "还在吗") == [scene.library.wording.text("utter_refused_closed")]


# appointments


def test_an_appointment_is_made_at_a_free_time_and_reminded(scene: Scene) -> None:
    chen, resident, other = scene.member("chen"), scene.resident(), scene.resident()
    case, second = scene.open_case(resident), scene.open_case(other)
    for number in (case.id, second.id):
        scene.work(accept_case, number, "chen")
    sign = scene.buttons.sign
    resident.send(choice=sign("telegram", resident.key, f"case:slots:{case.id}"))
    offered = [title for title in resident.buttons if title.startswith("今天")]
    assert offered == ["今天上午11:00", "今天上午11:30", "今天下午2:00"]
    (told,) = resident.press("今天下午2:00")
    assert "陈律师" in told
    chen.fetch()
    other.send(choice=sign("telegram", other.key, f"case:slots:{second.id}"))
    assert "今天下午2:00" not in other.buttons
    stamp = int(datetime(2026, 11, 23, 6, 0, tzinfo=timezone.utc).timestamp())
    taken = other.send(choice=sign("telegram", other.key, f"case:book:{second.id}:{stamp}"))
    assert taken[0] == scene.library.wording.text("utter_slot_taken")
    scene.now = datetime(2026, 11, 23, 5, 0, tzinfo=timezone.utc)
    scene.pass_time()
    assert any("今天下午2:00" in text for text in resident.fetch())
    assert any("今天下午2:00" in text for text in chen.fetch())
    assert len(ledger(scene, "appointment")) == 1


def test_another_adviser_is_not_bound_by_an_appointment(scene: Scene) -> None:
    scene.member("chen")
    zhou, resident = scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    at = scene.work(lambda work: casework.list_slots(work, case)[0])
    scene.work(casework.book_slot, case.id, at)
    resident.fetch()
    scene.pass_time(minutes=30)
    assert scene.case(case).adviser_id == "zhou"
    cancelled = scene.library.wording.text("utter_appointment_cancelled", reference=case.reference)
    assert cancelled in resident.fetch()
    scene.pass_time(hours=4)
    assert not any("预约" in text for text in zhou.fetch())


def test_a_withdrawn_case_reminds_nobody(scene: Scene) -> None:
    scene.member("chen")
    resident = scene.resident()
    case = scene.open_case(resident)
    at = scene.work(lambda work: casework.list_slots(work, case)[0])
    assert scene.work(casework.book_slot, case.id, at) == at
    scene.work(casework.withdraw_case, case.id)
    resident.fetch()
    scene.pass_time(hours=3)
    assert resident.fetch() == []


# members' commands


def test_cases_lists_ones_own(scene: Scene, live: Live) -> None:
    chen, _, case = live
    waiting = scene.open_case(scene.resident(), "第二件", urgency="urgent")
    chen.fetch()
    (told,) = chen.send("/cases")
    assert case.reference in told
    assert waiting.reference in told
    chen.press(waiting.reference)
    assert "第二件" in chen.messages[-1].reply.text
    assert told.index(waiting.reference) < told.index(case.reference), "urgent first"
    assert scene.member("zhou").send("/cases") == [scene.library.wording.text("utter_no_own_cases")]


@pytest.mark.parametrize("words", ["/duty", "/duty maybe", "/duty off 2-30", "/duty off 12-03 12-01", "/duty off 1 2 3"])
def test_a_duty_that_cannot_be_read_changes_nothing(scene: Scene, words: str) -> None:
    chen = scene.member("chen")
    assert chen.send(words) == [scene.library.wording.text("utter_duty_how")]
    with scene.open_unit() as uow:
        assert uow.state.absences == []


def test_days_off_are_planned(scene: Scene) -> None:
    chen = scene.member("chen")
    chen.send("/duty off 12-01 12-03")
    chen.send("/duty off 1-5")
    with scene.open_unit() as uow:
        spans = [(str(a.first), str(a.last)) for a in uow.state.absences]
    assert spans == [("2026-12-01", "2026-12-03"), ("2027-01-05", "2027-01-05")]


def test_a_canned_reply_goes_out_under_the_advisers_name(scene: Scene, live: Live) -> None:
    chen, resident, _ = live
    chen.send("/faq 拖欠工资")
    title = next(title for title in chen.buttons if title.startswith("发给"))
    chen.press(title)
    (told,) = resident.fetch()
    assert told.startswith("陈律师：【老板拖欠工资怎么办】")
    assert "测试劳动法" in told


def test_help_and_law_say_how(scene: Scene) -> None:
    chen = scene.member("chen")
    assert chen.send("/help") == [scene.library.wording.text("utter_member_help")]
    assert chen.send("/law") == [scene.library.wording.text("utter_law_how")]
    assert chen.send("/law 测试法 8") == [scene.library.wording.text("utter_law_how")]


def test_law_shows_the_article_to_the_adviser_alone(scene: Scene, live: Live) -> None:
    chen, resident, _ = live
    articles = {(8, 0): "第八条 按时发工资。\n"}
    law = LawText("测试法", date(2020, 1, 1), articles, None, Path("x"))
    scene.work(lambda work: work.uow.laws.save("测试法.md", "d", law))
    shown = [scene.library.wording.text("utter_article", law="测试法", text="第八条 按时发工资。")]
    assert chen.send("/law 测试法 8") == shown
    assert chen.send("/law　测试法　8") == shown, "a Chinese keyboard types full-width spaces"
    assert chen.send("/law 工资该什么时候发") == shown, "everyday words find it, too"
    assert resident.fetch() == []


def test_a_resident_has_no_member_commands(scene: Scene) -> None:
    assert scene.resident().send("/cases") == [scene.library.wording.text("utter_unknown_command")]


def test_a_member_with_no_right_to_a_forged_act_is_refused(scene: Scene, live: Live) -> None:
    _, _, case = live
    wu = scene.member("wu")
    told = wu.send(choice=scene.buttons.sign("telegram", wu.key, f"case:close:{case.id}:advised"))
    assert told == [scene.library.wording.text("utter_refused_not_yours")]
    assert scene.work(lambda work: work.uow.cases.get(case.id)).closed_at is None
    with pytest.raises(RuleBroken):
        scene.work(accept_case, case.id, "wu")


def test_a_new_adviser_sees_which_side_said_what(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    resident.send("我有欠条")
    chen.send("欠条拍给我看看")
    zhou = scene.member("zhou")
    scene.work(transfer_case, case.id, "chen", "zhou")
    arrived = zhou.fetch()
    assert f"【{case.reference}】我有欠条" in arrived
    assert f"【{case.reference}】陈律师：欠条拍给我看看" in arrived


def test_a_case_that_opens_again_repeats_nothing_to_the_same_adviser(scene: Scene, live: Live) -> None:
    chen, resident, case = live
    resident.send("我有欠条")
    chen.send("欠条拍给我看看")
    scene.work(casework.close_case, case.id, "chen", "advised")
    chen.fetch()
    resident.send("继续")
    assert [text for text in chen.fetch() if "欠条" in text] == []


def test_go_on_without_a_case_says_so(scene: Scene) -> None:
    resident = scene.resident()
    assert "没有能重新打开的案件" in resident.send("继续")[0]
    assert scene.brain.heard == []


def test_my_cases_says_until_when_before_the_first_answer(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    assert "最晚今天" in scene.work(say_case, scene.case(case))
    chen.send("您好")
    assert "等您回话" in scene.work(say_case, scene.case(case))


def test_my_cases_names_the_appointment(scene: Scene, live: Live) -> None:
    _, resident, case = live
    at = scene.work(lambda work: casework.list_slots(work, scene.case(case))[0])
    payload = f"case:book:{case.id}:{int(at.timestamp())}"
    said = resident.send(choice=scene.buttons.sign(resident.channel, resident.key, payload))
    assert "打 023-00000002" in said[0]
    assert "；约在今天" in scene.work(say_case, scene.case(case))


def test_a_withdrawn_case_is_called_so_to_the_resident(scene: Scene, live: Live) -> None:
    _, _, case = live
    scene.work(casework.withdraw_case, case.id)
    assert scene.work(say_case, scene.case(case)).endswith("您已撤回")


def test_what_is_written_after_the_adviser_spoke_goes_to_the_adviser_though_a_form_waits(
    scene: Scene, live: Live
) -> None:
    chen, resident, case = live
    chen.send("有欠条吗")
    resident.fetch()
    with scene.open_unit() as uow:
        form = {"active_loop": "mediation_form", "slots": {"requested_slot": "mediation_claim", "mediation_name": "王芳"}}
        uow.conversations.save(resident.client_id, form, scene.now)
        uow.commit()
    (told,) = resident.send("有，在我手上")
    assert "转给陈律师" in told
    assert chen.fetch() == [f"【{case.reference}】有，在我手上"]
    assert scene.brain.heard == []
    with scene.open_unit() as uow:
        state = uow.conversations.find(resident.client_id)
    assert state == {"active_loop": None, "slots": {"mediation_name": "王芳"}}


def test_a_question_that_falin_could_answer_shows_the_way_back_to_it(scene: Scene) -> None:
    scene.member("chen")
    resident = scene.resident()
    scene.open_case(resident)
    resident.fetch()
    assert "记下了" in resident.send("借钱没有借条怎么办")[-1]
    resident.press("先问法邻")
    assert resident.send("借钱没有借条怎么办") == ["答：借钱没有借条怎么办"]
