"""From asking for a person to a person who answers: cards, promises, timers, who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

import pytest

from bot.bootstrap import TRIAGE
from bot.domain.cases import find_reference, normalise_name
from bot.domain.errors import RuleBroken
from bot.domain.roster import Absence
from bot.domain.street import Community, Member
from bot.domain.work_calendar import WorkCalendar
from bot.knowledge.triage_file import load_triage
from bot.services import handoff
from bot.services.handoff import accept_case, assign_case, decline_case, remove_member, transfer_case
from bot.services.status import say_opened
from tests.builders import NOW, make_library, make_registered_turn, make_street, make_turn
from tests.handoff.scene import Scene

FRIDAY_EVENING = datetime(2026, 11, 27, 11, 0, tzinfo=timezone.utc)  # 19:00 in Beijing


@pytest.fixture
def scene() -> Scene:
    return Scene()


def refused(scene: Scene, do, *arguments) -> str:
    with pytest.raises(RuleBroken) as caught:
        scene.work(do, *arguments)
    return caught.value.code


# opening


def test_asking_twice_opens_one_case(scene: Scene) -> None:
    resident = scene.resident()
    assert scene.open_case(resident).reference == scene.open_case(resident, "另一件").reference


def test_an_unregistered_client_cannot_open_a_case() -> None:
    turn = make_turn()
    with pytest.raises(RuleBroken):
        handoff.open_case(turn, "老板不发工资", "labour")
    assert turn.uow.state.cases == turn.uow.state.ledger == []


def test_a_case_opened_after_midnight_on_new_years_day_in_beijing_bears_the_new_year() -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)
    turn = make_registered_turn(now=new_year)
    case, _ = handoff.open_case(turn, "", None)
    assert case.reference.startswith("F27-")
    assert turn.uow.state.ledger[-1].occurred_at == new_year


def test_the_communitys_adviser_gets_a_card_with_all_that_is_needed(scene: Scene) -> None:
    chen, zhou = scene.member("chen"), scene.member("zhou")
    case = scene.open_case(scene.resident(), "老板不发工资", deadline=date(2026, 11, 25))
    (card,) = chen.fetch()
    for part in (case.reference, "紧急", "白马社区", "劳动用工", "老板不发工资", "11月25日到期", "今天上午10:30"):
        assert part in card
    assert set(chen.buttons) == {"接手", "婉拒"}
    assert zhou.fetch() == []


def test_the_card_names_the_ways_that_fit_what_was_answered(scene: Scene) -> None:
    scene.library = replace(scene.library, triage=load_triage(TRIAGE))
    chen, resident = scene.member("chen"), scene.resident()
    with scene.open_unit() as uow:
        uow.answers.note_given(resident.client_id, "labour.unpaid_wages", NOW)
        uow.commit()
    scene.open_case(resident)
    (card,) = chen.fetch()
    assert "法邻答过：老板拖欠工资怎么办" in card
    assert "可以走的路：劳动监察" in card


def test_the_escalation_is_counted_once(scene: Scene) -> None:
    resident = scene.resident()
    case = scene.open_case(resident)
    scene.open_case(resident)
    with scene.open_unit() as uow:
        assert [e.key for e in uow.state.ledger if e.kind == "escalation"] == [f"escalation:{case.reference}"]


def test_without_anybody_to_see_it_nothing_is_promised(scene: Scene) -> None:
    case = scene.open_case(scene.resident())
    assert (case.adviser_id, case.promised_at) == ("chen", None)
    scene.pass_time(days=3)
    assert scene.case(case).adviser_id == "chen", "nobody else would see it either"


def test_a_client_of_a_community_that_was_removed_keeps_the_way_to_a_case() -> None:
    street = make_street(communities=(Community("qinggang", "青杠社区", "zhou"),))
    scene = Scene(library=make_library())
    resident = scene.resident("baima")
    scene.library = make_library(street=street)
    assert scene.open_case(resident).adviser_id in ("chen", "zhou")


# the promise


@pytest.mark.parametrize(("minutes", "outcome"), [(None, "opened"), (5, "after_answer"), (59, "after_answer"), (61, "opened")])
def test_who_turns_to_a_person_after_an_answer_is_counted_as_such(scene: Scene, minutes: int | None, outcome: str) -> None:
    resident = scene.resident()
    if minutes is not None:
        scene.work(lambda work: work.uow.answers.note_given(resident.client_id, "labour.unpaid_wages", work.now))
        scene.pass_time(minutes=minutes)
    scene.open_case(resident)
    with scene.open_unit(read_only=True) as uow:
        assert [e.outcome for e in uow.state.ledger if e.kind == "escalation"] == [outcome]


def test_the_promise_counts_working_time_only() -> None:
    scene = Scene(now=FRIDAY_EVENING)
    scene.member("chen")
    case = scene.open_case(scene.resident())
    assert case.promised_at == datetime(2026, 11, 30, 3, 0, tzinfo=timezone.utc)  # Monday 11:00 in Beijing


def test_lunch_does_not_count() -> None:
    scene = Scene(now=datetime(2026, 11, 23, 3, 30, tzinfo=timezone.utc))  # 11:30
    scene.member("chen")
    assert scene.open_case(scene.resident()).promised_at == datetime(2026, 11, 23, 7, 30, tzinfo=timezone.utc)


def test_the_promise_knows_the_advisers_duty_days() -> None:
    street = make_street(members=(Member("chen", "陈律师", days=(3,)),))
    scene = Scene(library=make_library(street=street))
    scene.member("chen")
    assert scene.open_case(scene.resident()).promised_at == datetime(2026, 11, 25, 3, 0, tzinfo=timezone.utc)


def test_a_deadline_is_frozen_when_set(scene: Scene) -> None:
    scene.member("chen")
    case = scene.open_case(scene.resident())
    closed = WorkCalendar(((time(9), time(10)),), lambda day: False)
    scene.library = replace(scene.library, calendar=closed)
    assert scene.case(case).promised_at == case.promised_at


def test_an_urgent_matter_and_a_near_deadline_are_promised_sooner(scene: Scene) -> None:
    scene.member("chen")
    near = scene.open_case(scene.resident(), deadline=date(2026, 11, 30))
    far = scene.open_case(scene.resident(), deadline=date(2026, 12, 1))
    assert (near.urgency, far.urgency) == ("urgent", "normal")
    assert near.promised_at - NOW == timedelta(minutes=30)
    assert far.promised_at - NOW == timedelta(minutes=120)


def test_a_broken_promise_is_said_to_the_client_and_the_supervisor(scene: Scene) -> None:
    chen, wu, resident = scene.member("chen"), scene.member("wu"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    scene.work(accept_case, case.id, "chen")
    resident.fetch()
    scene.pass_time(minutes=119)
    assert resident.fetch() == wu.fetch() == []
    scene.pass_time(minutes=1)
    (told,) = resident.fetch()
    assert case.reference in told
    assert scene.library.street.phone in told
    assert case.reference in wu.fetch()[0]
    assert scene.events(case)[-1] == "promise_broken"
    scene.pass_time(days=1)
    assert resident.fetch() == [], "said once"


def test_a_kept_promise_rings_no_bell(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    chen.answer("由您办理", "您好，我是陈律师")
    resident.fetch()
    scene.pass_time(days=2)
    assert resident.fetch() == []
    assert "promise_broken" not in scene.events(case)


# nobody takes it over


def test_an_adviser_who_stays_silent_is_followed_by_the_next_and_then_the_supervisor(scene: Scene) -> None:
    chen, zhou, wu, resident = scene.member("chen"), scene.member("zhou"), scene.member("wu"), scene.resident()
    case = scene.open_case(resident)
    scene.pass_time(minutes=30)
    assert scene.case(case).adviser_id == "zhou"
    assert case.reference in zhou.fetch()[0]
    assert case.reference in chen.fetch()[-1]
    (told,) = resident.fetch()
    assert "陈律师" in told
    assert "周律师" in told
    assert "今天下午" not in told or "今天" in told
    scene.pass_time(minutes=30)
    state = scene.case(case)
    assert (state.adviser_id, state.state, state.next_action_by) == (None, "supervisor", "supervisor")
    assert case.reference in wu.fetch()[0]
    assert "指派" in wu.buttons
    assert case.reference in resident.fetch()[0]
    assert state.promised_at == case.promised_at, "the promise stays"


def test_the_supervisor_assigns_with_a_reason(scene: Scene) -> None:
    chen, zhou, wu = scene.member("chen"), scene.member("zhou"), scene.member("wu")
    case = scene.open_case(scene.resident())
    scene.pass_time(minutes=30)
    scene.pass_time(minutes=30)
    wu.fetch()
    wu.press("指派")
    title = next(title for title in wu.buttons if title.startswith("陈律师"))
    wu.press(title)
    wu.send("只有他今天在")
    assert (scene.case(case).adviser_id, scene.case(case).state) == ("chen", "waiting")
    assert case.reference in chen.fetch()[-1]
    assert refused(scene, assign_case, case.id, "wu", "zhou", " ") == "reason_needed"
    assert refused(scene, assign_case, case.id, "zhou", "zhou", "我要") == "not_yours"
    assert zhou


def test_a_timer_of_a_case_that_was_taken_over_does_nothing(scene: Scene) -> None:
    chen = scene.member("chen")
    scene.member("zhou")
    case = scene.open_case(scene.resident())
    chen.fetch()
    chen.press("接手")
    scene.pass_time(hours=5)
    assert scene.case(case).adviser_id == "chen"


# taking over


def test_two_who_press_at_once_do_not_both_have_it(scene: Scene) -> None:
    chen, zhou = scene.member("chen"), scene.member("zhou")
    case = scene.open_case(scene.resident())
    chen.fetch()
    scene.pass_time(minutes=30)
    zhou.fetch()
    chen.press("接手")
    (told,) = zhou.press("接手")
    assert told == scene.library.wording.text("utter_refused_taken")
    assert scene.case(case).adviser_id == "chen"
    assert scene.events(case).count("accepted") == 1


def test_whoever_was_not_asked_cannot_take_it(scene: Scene) -> None:
    scene.member("chen")
    case = scene.open_case(scene.resident())
    assert refused(scene, accept_case, case.id, "zhou") == "not_yours"
    assert refused(scene, accept_case, case.id, "nobody") == "not_yours"


def test_pressing_twice_is_said(scene: Scene) -> None:
    scene.member("chen")
    case = scene.open_case(scene.resident())
    scene.work(accept_case, case.id, "chen")
    assert refused(scene, accept_case, case.id, "chen") == "already_yours"


def test_declining_asks_the_next_with_the_reason_noted(scene: Scene) -> None:
    chen, zhou = scene.member("chen"), scene.member("zhou")
    case = scene.open_case(scene.resident())
    chen.fetch()
    chen.press("婉拒")
    told = chen.press("忙不过来")
    assert "周律师" in told[-1]
    assert case.reference in zhou.fetch()[0]
    with scene.open_unit() as uow:
        assert [(a.adviser_id, a.ended_because) for a in uow.cases.list_assignments(case.id)] == [
            ("chen", "declined"), ("zhou", ""),
        ]  # fmt: skip
    assert refused(scene, decline_case, case.id, "zhou", "no such reason") == "unknown_reason"
    assert refused(scene, accept_case, case.id, "chen") == "not_yours"


def test_a_transfer_waits_for_the_colleague(scene: Scene) -> None:
    scene.member("chen")
    zhou, resident = scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    scene.work(accept_case, case.id, "chen")
    assert refused(scene, transfer_case, case.id, "zhou", "chen") == "not_yours"
    assert refused(scene, transfer_case, case.id, "chen", "chen") == "no_such_adviser"
    assert refused(scene, transfer_case, case.id, "chen", "laozhou") == "no_such_adviser"
    scene.work(transfer_case, case.id, "chen", "zhou")
    assert (scene.case(case).adviser_id, scene.case(case).accepted_at) == ("zhou", None)
    assert case.reference in zhou.fetch()[0]


def test_a_member_who_leaves_leaves_no_case_behind(scene: Scene) -> None:
    chen, zhou, resident = scene.member("chen"), scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    assert scene.work(remove_member, "chen") == 1
    assert scene.case(case).adviser_id == "zhou"
    assert case.reference in zhou.fetch()[0]
    assert "答：" in chen.send("还能看吗")[0], "the account is an ordinary one now"


def test_an_adviser_who_blocked_the_bot_is_replaced(scene: Scene) -> None:
    chen, zhou, resident = scene.member("chen"), scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    (card,) = scene.assistant.list_replies(chen.client_id, 0)
    scene.work(handoff.note_undeliverable, card.id, chen.client_id)
    assert scene.case(case).adviser_id == "zhou"
    assert case.reference in zhou.fetch()[0]


def test_a_client_who_deleted_the_chat_is_noted_once(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    scene.work(accept_case, case.id, "chen")
    chen.fetch()
    lost = scene.assistant.list_replies(resident.client_id, 0)[-1]
    for _ in range(2):
        scene.work(handoff.note_undeliverable, lost.id, resident.client_id)
    (told,) = chen.fetch()
    assert case.reference in told
    assert scene.events(case).count("unreachable") == 1


# who is asked first


def test_an_absent_adviser_is_not_asked(scene: Scene) -> None:
    scene.member("chen")
    scene.member("zhou")
    scene.work(lambda work: work.uow.members.add_absence(Absence("chen", date(2026, 11, 23))))
    assert scene.open_case(scene.resident()).adviser_id == "zhou"


def test_going_off_duty_hands_on_what_was_not_taken_over(scene: Scene) -> None:
    chen = scene.member("chen")
    scene.member("zhou")
    waiting, taken = scene.open_case(scene.resident()), scene.open_case(scene.resident())
    scene.work(accept_case, taken.id, "chen")
    told = chen.send("/duty off")
    assert "1件" in told[-1]
    assert scene.case(waiting).adviser_id == "zhou"
    assert scene.case(taken).adviser_id == "chen"
    chen.send("/duty on")
    assert scene.open_case(scene.resident()).adviser_id == "chen"


def test_a_conflict_of_interest_goes_to_another_adviser_and_staff_are_told(scene: Scene) -> None:
    scene.member("chen")
    zhou, wu = scene.member("zhou"), scene.member("wu")
    scene.open_case(scene.resident(), name="张 三", other_party="李四")
    neighbour = scene.open_case(scene.resident(), name="李四先生", other_party="张三")
    assert neighbour.adviser_id == "zhou"
    assert "陈律师" in wu.fetch()[0]
    assert "陈律师" in zhou.fetch()[0], "the card warns"
    assert refused(scene, accept_case, neighbour.id, "chen") == "conflict"
    assert refused(scene, assign_case, neighbour.id, "wu", "chen", "没别人") == "conflict"


def test_names_are_not_kept(scene: Scene) -> None:
    scene.open_case(scene.resident(), name="张三", other_party="李四有限公司")
    with scene.open_unit() as uow:
        assert {party[1:] for party in uow.state.parties} == {("client", "张三"), ("other", "李四")}
    assert normalise_name("Ａ Ｂ（重庆）有限公司") == normalise_name("ab重庆有限公司")


@pytest.mark.parametrize("said", ["李大发", "对方是老板李大发", "他叫李大发。", "就是李大发嘛", "李大发先生"])
def test_a_name_is_found_in_what_people_say_around_it(said: str) -> None:
    assert normalise_name(said) == "李大发"


def test_a_surname_alone_makes_no_conflict(scene: Scene) -> None:
    scene.member("chen")
    scene.open_case(scene.resident(), name="王先生", other_party="李老板")
    assert scene.open_case(scene.resident(), name="李女士", other_party="王老板").adviser_id == "chen"


@pytest.mark.parametrize(
    ("text", "reference"),
    [("f26-k7wq-3m", "F26-K7WQ-3M"), ("编号是 F26K7WQ3M，请查", "F26-K7WQ-3M"), ("没有编号", None), ("F26-K0WQ-3M", None)],
)
def test_a_reference_is_found_however_it_is_written(text: str, reference: str | None) -> None:
    assert find_reference(text) == reference


def test_a_promised_case_goes_to_the_supervisor_rather_than_to_somebody_without_an_account(scene: Scene) -> None:
    scene.member("chen")
    wu, resident = scene.member("wu"), scene.resident()
    case = scene.open_case(resident)
    resident.fetch()
    scene.pass_time(minutes=31)
    assert scene.case(case).supervisor_at
    assert scene.case(case).adviser_id is None
    assert "负责人安排" in resident.fetch()[-1]
    assert "请指派" in wu.fetch()[-1]


def test_a_case_without_a_question_asks_for_one(scene: Scene) -> None:
    scene.member("chen")
    resident = scene.resident()
    scene.open_case(resident, question="")
    with scene.open_unit() as uow:
        turn = scene._turn(uow, resident)
        (case,) = uow.cases.list_for_client(resident.client_id)
        say_opened(turn, case, new=True)
    assert "您还没说是什么事" in turn.replies[-1].text


def test_a_case_is_not_handed_to_somebody_without_an_account(scene: Scene) -> None:
    chen = scene.member("chen")
    case = scene.open_case(scene.resident())
    chen.fetch()
    chen.press("接手")
    assert refused(scene, transfer_case, case.id, "chen", "zhou") == "no_account"
    chen.press("转给同事")
    assert not any("周律师" in title for title in chen.buttons)
    assert scene.case(case).adviser_id == "chen"
