"""What client and adviser say to each other, through the assistant: nothing mixed up, the bot silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.domain.buttons import Buttons
from bot.domain.cases import Case
from bot.services.handoff import accept_case, transfer_case
from tests.handoff.scene import PHOTO, Person, Scene


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """On every database: what is relayed must not depend on it."""
    if request.param == "memory":
        yield Scene()
        return
    database = request.getfixturevalue(f"{request.param}_database")
    yield Scene(database.open_unit, buttons=Buttons(database.keys.derive("buttons")))
    database.engine.dispose()


@pytest.fixture
def live(scene: Scene) -> tuple[Person, Person, Case]:
    """An adviser who has taken over a resident's case."""
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    resident.fetch()
    return chen, resident, case


# a live case


def test_words_reach_the_other_side_and_the_bot_is_silent(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, case = live
    assert resident.send("他还是不给钱，怎么办") == []
    assert chen.fetch() == [f"【{case.reference}】他还是不给钱，怎么办"]
    assert chen.send("先去劳动监察大队") == []
    assert resident.fetch() == ["陈律师：先去劳动监察大队"]
    assert scene.brain.heard == []


def test_whose_turn_it_is_follows_the_last_word(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, case = live
    chen.send("带工资条来")
    assert scene.case(case).next_action_by == "client"
    resident.send("好")
    assert scene.case(case).next_action_by == "adviser"


def test_a_short_request_for_falin_itself_still_works(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, _ = live
    assert resident.send("我的案件") == ["答：我的案件"]
    assert chen.fetch() == []
    assert resident.send("转人工没有用啊") == []
    assert len(chen.fetch()) == 1
    assert resident.send("我的案件是不是转人工以后就归您管了") == []
    assert len(chen.fetch()) == 1


def test_files_go_both_ways_with_their_words(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, case = live
    assert resident.send(file="photo", attachment=PHOTO) == []
    chen.fetch()
    assert chen.messages[-1].reply.attachment == PHOTO
    assert chen.messages[-1].reply.text == f"【{case.reference}】这是借条"
    chen.send(file="photo", attachment=PHOTO)
    resident.fetch()
    assert resident.messages[-1].reply.attachment == PHOTO


def test_what_cannot_be_passed_on_is_said(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, _ = live
    assert resident.send(file="sticker") == [scene.library.wording.text("utter_not_relayed")]
    assert resident.send("  ") == [scene.library.wording.text("utter_not_relayed")]
    assert resident.send("长" * 2_001) == [scene.library.wording.text("utter_too_long")]
    assert chen.fetch() == []


def test_an_emergency_is_answered_at_once_and_marked_for_the_adviser(
    scene: Scene, live: tuple[Person, Person, Case]
) -> None:
    chen, resident, case = live
    assert resident.send("他拿刀要杀我") == ["答：他拿刀要杀我"]
    (told,) = chen.fetch()
    assert "⚠" in told
    assert scene.case(case).urgency == "urgent"


def test_an_edit_changes_the_copy_of_the_other_side(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, case = live
    resident.send("欠我三千", message_id="501")
    chen.fetch()
    copy = chen.messages[-1]
    assert resident.send("欠我五千", message_id="501", edited=True) == []
    chen.fetch()
    edit = chen.messages[-1]
    assert (edit.reply.replaces, edit.replaces_message) == (copy.id, str(copy.id))
    assert "欠我五千" in edit.reply.text
    with scene.open_unit() as uow:
        assert [m.text for m in uow.case_files.list_messages(case.id)] == ["欠我五千"]


def test_an_advisers_edit_and_withdrawal_reach_the_client(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, case = live
    chen.send("周三来", message_id="601")
    resident.fetch()
    first = resident.messages[-1].id
    chen.send("周四来", message_id="601", edited=True)
    resident.fetch()
    assert resident.messages[-1].reply.replaces == first
    assert chen.send("撤回", reply_to="601") == [scene.library.wording.text("utter_recalled")]
    (told,) = resident.fetch()
    assert "周四" not in told
    assert resident.messages[-1].reply.replaces == first
    with scene.open_unit() as uow:
        assert [m.text for m in uow.case_files.list_messages(case.id)] == [""]


def test_only_ones_own_message_can_be_taken_back(scene: Scene, live: tuple[Person, Person, Case]) -> None:
    chen, resident, _ = live
    resident.send("我的话", message_id="701")
    chen.fetch()
    assert chen.send("撤回", reply_to="701") == [scene.library.wording.text("utter_recall_how")]
    assert resident.fetch() == []


# while a case waits


def test_words_wait_in_the_case_and_come_with_the_card(scene: Scene) -> None:
    chen, zhou, resident = scene.member("chen"), scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    (receipt,) = resident.send("补充一下，一共欠了三个月")
    assert case.reference in receipt
    assert scene.brain.heard == []
    assert "三个月" in chen.fetch()[-1]
    scene.pass_time(minutes=30)
    assert any("三个月" in text for text in zhou.fetch())


def test_who_writes_line_by_line_is_not_told_everything_each_time(scene: Scene) -> None:
    scene.member("chen")
    resident = scene.resident()
    case = scene.open_case(resident)
    receipts = [resident.send(words)[0] for words in ("他欠我钱", "三个月了", "一共九千")]
    again = scene.library.wording.text("utter_noted_again")
    assert [case.reference in receipt for receipt in receipts] == [True, False, False]
    assert receipts[1:] == [again, again]
    scene.now += timedelta(minutes=6)
    assert case.reference in resident.send("还有利息")[0]


def test_a_service_that_is_asked_for_while_waiting_is_given(scene: Scene) -> None:
    scene.member("chen")
    resident = scene.resident()
    scene.open_case(resident)
    assert resident.send("我的案件") == ["答：我的案件"]


def test_words_written_while_the_case_changes_hands_are_not_lost(scene: Scene) -> None:
    scene.member("chen")
    zhou, resident = scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    scene.work(accept_case, case.id, "chen")
    scene.work(transfer_case, case.id, "chen", "zhou")
    resident.fetch()
    (receipt,) = resident.send("还有一件事")
    assert "周律师" in receipt
    assert "还有一件事" in zhou.fetch()[-1]


def test_a_colleague_reads_who_said_what_and_nobody_reads_it_twice(scene: Scene) -> None:
    chen, zhou, resident = scene.member("chen"), scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    resident.send("欠我三千")
    chen.fetch()
    chen.send("有借条吗")
    scene.work(transfer_case, case.id, "chen", "zhou")
    assert zhou.fetch()[1:] == [f"【{case.reference}】欠我三千", f"【{case.reference}】陈律师：有借条吗"]
    zhou.press("接手")
    scene.work(transfer_case, case.id, "zhou", "chen")
    assert [text for text in chen.fetch() if "三千" in text or "借条" in text] == []


# several cases


def test_an_answer_goes_to_the_case_that_was_answered(scene: Scene) -> None:
    chen = scene.member("chen")
    people = [scene.resident() for _ in range(3)]
    for number, person in enumerate(people):
        case = scene.open_case(person, f"问题{number}")
        scene.work(accept_case, case.id, "chen")
        person.fetch()
        person.send(f"我是第{number}个")
    chen.fetch()
    chen.answer("我是第1个", "答第一个")
    chen.answer("我是第2个", "答第二个")
    assert [person.fetch() for person in people] == [[], ["陈律师：答第一个"], ["陈律师：答第二个"]]


def test_words_without_an_address_are_asked_about_and_not_lost(scene: Scene) -> None:
    chen, first, second = scene.member("chen"), scene.resident(), scene.resident()
    for person in (first, second):
        scene.work(accept_case, scene.open_case(person).id, "chen")
        person.fetch()
    chen.fetch()
    (question,) = chen.send("明天来我办公室")
    assert "2件" in question
    assert first.fetch() == second.fetch() == []
    reference = next(title for title in chen.buttons if title.startswith("F"))
    chen.press(reference)
    with scene.open_unit(read_only=True) as uow:
        chosen = uow.cases.find_by_reference(reference.split()[0])
    got = {person.client_id: person.fetch() for person in (first, second)}
    assert got.pop(chosen.client_id) == ["陈律师：明天来我办公室"]
    assert list(got.values()) == [[]]
    assert chen.press(reference) == [scene.library.wording.text("utter_stale_button")], "a draft is sent once"


def test_an_answer_to_a_case_of_another_adviser_is_refused(scene: Scene) -> None:
    chen, zhou, resident = scene.member("chen"), scene.member("zhou"), scene.resident()
    case = scene.open_case(resident)
    scene.pass_time(minutes=30)
    scene.work(accept_case, case.id, "zhou")
    resident.fetch()
    chen.fetch()
    assert chen.answer(case.reference, "我来说两句") == [scene.library.wording.text("utter_refused_not_yours")]
    assert resident.fetch() == []
    assert zhou


def test_an_adviser_without_a_case_talks_to_the_bot_like_anybody(scene: Scene) -> None:
    assert scene.member("chen").send("试用期能辞退吗") == ["答：试用期能辞退吗"]


# another channel


def test_the_case_goes_on_elsewhere_with_its_link_and_the_person_counts_once(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    chen.press("接手")
    resident.send("在手机上说的")
    with scene.open_unit() as uow:
        before = uow.clients.get(resident.client_id).pseudonym
    resident.send("我的案件")
    link = scene.assistant._gate._links.token(case.reference)
    elsewhere = Person(scene, "webchat", "browser-of-the-same-person")
    told = elsewhere.send(f"/start case_{link}")
    assert case.reference in told[0]
    assert "您：在手机上说的" in told[1]
    assert resident.fetch()[-1] == scene.library.wording.text("utter_moved_away")
    chen.fetch()
    chen.send("收到")
    assert elsewhere.fetch() == ["陈律师：收到"]
    assert resident.fetch() == []
    with scene.open_unit() as uow:
        moved = uow.clients.get(elsewhere.client_id)
        assert (moved.pseudonym, moved.community) == (before, "baima")
        assert not uow.clients.get(resident.client_id).registered
    assert resident.send("我换回来问问") == ["答：我换回来问问"], "the old address is a stranger's"


@pytest.mark.parametrize("token", ["case_", "case_F26-K7WQ-3M", "case_F26-K7WQ-3M_AAAAAAAAAAAAAAAA", "case_x_y"])
def test_a_forged_link_opens_nothing(scene: Scene, token: str) -> None:
    resident = scene.resident()
    scene.open_case(resident)
    assert scene.resident().send(f"/start {token}") == [scene.library.wording.text("utter_case_link_invalid")]


def test_a_link_does_not_bring_a_second_open_case(scene: Scene) -> None:
    resident, other = scene.resident(), scene.resident()
    case, own = scene.open_case(resident), scene.open_case(other)
    link = scene.assistant._gate._links.token(case.reference)
    assert other.send(f"/start case_{link}") == [scene.library.wording.text("utter_refused_another_open")]
    assert (scene.case(case).client_id, scene.case(own).client_id) == (resident.client_id, other.client_id)


def test_a_link_in_an_advisers_hands_moves_nothing(scene: Scene) -> None:
    chen, resident = scene.member("chen"), scene.resident()
    case = scene.open_case(resident)
    chen.fetch()
    link = scene.assistant._gate._links.token(case.reference)
    assert chen.send(f"/start case_{link}") == [scene.library.wording.text("utter_case_link_invalid")]
    assert scene.case(case).client_id == resident.client_id


def test_a_link_opened_again_in_the_same_place_shows_the_case(scene: Scene) -> None:
    resident = scene.resident(channel="webchat")
    case = scene.open_case(resident)
    link = scene.assistant._gate._links.token(case.reference)
    scene.pass_time(days=7)
    assert case.reference in resident.send(f"/start case_{link}")[-1]
    assert scene.case(case).client_id == resident.client_id
