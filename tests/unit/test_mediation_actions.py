"""The mediation form: how answers are read, kept, resumed, changed and sent."""

from __future__ import annotations

from typing import Any

import pytest

from actions.leaving import leave_form
from actions.mediating import (
    MEDIATION_QUESTIONS,
    MEDIATION_READERS,
    SLOTS,
    question,
    request_mediation,
    submit_mediation,
)
from actions.mediation_choices import ACTS, choose_mediation, show_mediations, welcome_respondent
from actions.registering import submit_registration
from bot.assistant.reading import read_payload
from bot.domain.disputes import DISPUTES
from bot.domain.messages import FILE, MAX_PAYLOAD, Attachment
from bot.services.mediation_form import FIELDS, find_answers, list_photos
from bot.services.turn import Turn
from tests.builders import make_library, make_mediation, make_registered_turn, make_turn, real_wording
from tests.unit.test_actions import followups, make_tracker, said, slots_of
from tests.unit.test_mediation import REACHED

text = real_wording().text
ANSWERS = {
    "kind": "neighbours", "name": "张桂芳", "phone": "13800001111", "respondent": "李强", "contact": "白马路2号3-1",
    "facts": "他家漏水，把我家天花板泡坏了。", "claim": "修好，赔钱", "amount": "3,000元", "evidence": "done",
}  # fmt: skip
EMPTY = dict.fromkeys(SLOTS)


def filled(**changes: str | None) -> dict[str, Any]:
    return {f"mediation_{field}": answer for field, answer in {**ANSWERS, **changes}.items()}


def answer(turn: Turn, field: str, typed: str) -> str | None:
    """What becomes of typed words: read once to see whether they answer, then to be stored."""
    read = MEDIATION_READERS[f"mediation_{field}"]
    found = read(turn, typed)
    return read(turn, found) if found else None


def ask(turn: Turn, field: str, **slots: Any) -> None:
    MEDIATION_QUESTIONS[f"action_ask_mediation_form_mediation_{field}"](turn, make_tracker(**slots))


def press(turn: Turn, payload: str) -> list[dict[str, Any]]:
    return choose_mediation(turn, make_tracker({"chosen_mediation": payload}))


# reading answers


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("kind", "邻里纠纷", "neighbours"), ("kind", "property_management", "property_management"), ("kind", "楼上漏水", "neighbours"),
        ("kind", "老板拖欠工资怎么办", None), ("kind", "月亮", None),
        ("name", "张桂芳", "张桂芳"), ("name", "我叫张桂芳", "张桂芳"), ("name", "阿依古丽·买买提", "阿依古丽·买买提"),
        ("name", "谢谢", None), ("name", "张", None), ("name", "这个要不要钱吗", None), ("name", "张" * 21, None),
        ("phone", "138 0000 1111", "13800001111"), ("phone", "02312345678", "023-12345678"), ("phone", "没有", None),
        ("respondent", "不晓得", "unknown"), ("respondent", "重庆某某物业公司", "重庆某某物业公司"), ("respondent", "怎么办？", None),
        ("contact", "不知道", "unknown"), ("contact", "13900002222", "13900002222"), ("contact", "白马路12号3-1", "白马路12号3-1"),
        ("contact", "是的", None),
        ("facts", "漏水", None), ("facts", "他家漏水泡坏我家天花板", "他家漏水泡坏我家天花板"), ("facts", "长" * 3000, "长" * 2000),
        ("claim", "赔钱", "赔钱"), ("claim", "赔", None),
        ("amount", "3000", "3,000元"), ("amount", "赔我三万五就行", "35,000元"), ("amount", "三万五", "35,000元"),
        ("amount", "不清楚", "unknown"), ("amount", "3到5万", None), ("amount", "叁万元整", "30,000元"),
        ("evidence", "发完了", "done"), ("evidence", "没得", "done"), ("evidence", "等一下", None), ("evidence", FILE, None),
        ("check", "提交", "submit"), ("check", "要改", "edit"), ("check", "嗯嗯嗯", None),
    ],
)  # fmt: skip
def test_answers_are_read_as_people_give_them(field: str, typed: str, kept: str | None) -> None:
    assert answer(make_registered_turn(), field, typed) == kept


@pytest.mark.parametrize("field", [*FIELDS, "check"])
@pytest.mark.parametrize("typed", ["", "?", "???", "?13800001111", "\n", "{name}", "=", "长" * 5000, "😀", "/start", "-1"])
def test_no_input_breaks_a_reader_and_what_is_kept_reads_as_itself(field: str, typed: str) -> None:
    turn = make_registered_turn()
    kept = answer(turn, field, typed)
    assert kept is None or answer(turn, field, kept) == kept


@pytest.mark.parametrize(
    ("field", "typed", "response"),
    [
        ("phone", "1380000", "utter_mediation_phone_wrong"), ("contact", "138000011112", "utter_mediation_phone_wrong"),
        ("amount", "3-5万", "utter_mediation_amount_wrong"), ("facts", "漏水", "utter_mediation_too_short"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_what_is_wrong_once(field: str, typed: str, response: str) -> None:
    turn = make_registered_turn()
    assert answer(turn, field, typed) is None
    assert said(turn) == text(response)


# photos


def send_photo(turn: Turn, number: int) -> str | None:
    turn.attachment = Attachment("telegram", f"file-{number}", "photo")
    return answer(turn, "evidence", FILE)


def test_photos_are_kept_and_more_are_asked_for() -> None:
    turn = make_registered_turn()
    ask(turn, "evidence", **filled(evidence=None))
    assert said(turn) == text("utter_mediation_ask_evidence")
    for number in (1, 2, 2):
        assert send_photo(turn, number) is None
    assert [photo.ref for photo in list_photos(turn)] == ["file-1", "file-2"]
    turn.replies.clear()
    ask(turn, "evidence", **filled(evidence=None))
    assert said(turn) == text("utter_mediation_ask_more_photos", photos=2)


def test_nine_photos_are_enough() -> None:
    turn = make_registered_turn()
    for number in range(10):
        send_photo(turn, number)
    assert len(list_photos(turn)) == 9
    assert said(turn) == text("utter_mediation_photos_full")


# beginning, leaving, going on


def test_a_stranger_registers_before_applying() -> None:
    turn = make_turn()
    events = request_mediation(turn, make_tracker())
    assert slots_of(events) == {"pending_service": "mediation"}
    assert followups(events) == ["registration_form"]


def test_registration_goes_on_with_the_application() -> None:
    turn = make_turn()
    form = {"community": "baima", "client_kind": "resident", "consent": "yes", "pending_service": "mediation"}
    events = submit_registration(turn, make_tracker(**form))
    assert followups(events) == ["mediation_form"]
    assert said(turn).endswith(text("utter_request_mediation"))
    assert slots_of(events)["pending_service"] is None


def test_a_draft_is_offered_before_a_new_form() -> None:
    turn = make_registered_turn()
    ask(turn, "phone", mediation_kind="neighbours", mediation_name="张桂芳")
    turn.replies.clear()
    events = request_mediation(turn, make_tracker())
    assert followups(events) == []
    (reply,) = turn.replies
    assert [row[0].payload for row in reply.buttons] == ["mediate:resume", "mediate:restart"]


def test_a_form_goes_on_with_every_answer() -> None:
    turn = make_registered_turn()
    ask(turn, "phone", mediation_kind="neighbours", mediation_name="张桂芳")
    events = press(turn, "resume")
    assert slots_of(events) == {**EMPTY, "mediation_kind": "neighbours", "mediation_name": "张桂芳"}
    assert followups(events) == ["mediation_form"]


def test_a_form_that_begins_anew_forgets_the_old_one() -> None:
    turn = make_registered_turn()
    ask(turn, "phone", mediation_kind="neighbours", mediation_name="张桂芳")
    assert slots_of(press(turn, "restart")) == {**EMPTY, "pending_service": None}
    assert find_answers(turn) == {}


def test_whoever_fills_it_in_already_is_asked_again_and_not_offered_a_draft() -> None:
    turn = make_registered_turn(form="mediation_form")
    ask(turn, "phone", mediation_kind="neighbours")
    turn.replies.clear()
    assert request_mediation(turn, make_tracker()) == []
    assert turn.replies == []


def test_going_on_without_a_draft_begins() -> None:
    turn = make_registered_turn()
    assert followups(press(turn, "resume")) == ["mediation_form"]
    assert said(turn) == text("utter_request_mediation")


def test_leaving_keeps_what_was_answered() -> None:
    turn = make_registered_turn(form="mediation_form")
    events = leave_form(turn, make_tracker(mediation_kind="neighbours"))
    assert said(turn) == text("utter_mediation_left")
    assert slots_of(events) == EMPTY
    assert find_answers(turn) == {"kind": "neighbours"}


@pytest.mark.parametrize(("form", "slots"), [("mediation_form", {}), ("", {"mediation_kind": "labour"}), ("", {})])
def test_leaving_nothing_of_the_form_keeps_nothing(form: str, slots: dict[str, str]) -> None:
    turn = make_registered_turn(form=form)
    leave_form(turn, make_tracker(**slots))
    assert said(turn) == text("utter_stopped")
    assert turn.uow.state.drafts == {}


# questions


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_question_and_its_buttons_are_answers(field: str) -> None:
    turn = make_registered_turn()
    reply = question(turn, field)
    assert reply.text
    for button in (button for row in reply.buttons for button in row):
        assert len(button.payload.encode()) <= MAX_PAYLOAD
        ((slot, value),) = read_payload(button.payload).slots.items()
        assert answer(turn, slot.removeprefix("mediation_"), value) == value
    assert (len(reply.buttons) == len(DISPUTES) / 2) is (field == "kind")


def test_the_check_page_shows_every_answer() -> None:
    turn = make_registered_turn()
    send_photo(turn, 1)
    ask(turn, "check", **filled(contact="unknown", facts="长" * 500))
    page = turn.replies[-1]
    for part in ("邻里纠纷", "张桂芳", "13800001111", "李强，不清楚", "长" * 200 + "…", "修好，赔钱", "3,000元", "1份"):
        assert part in page.text
    assert [row[0].payload for row in page.buttons] == [
        "slot:mediation_check=submit", "slot:mediation_check=edit", "intent:stop"
    ]  # fmt: skip


# sending


def submit(turn: Turn, check: str = "submit", **changes: str | None) -> list[dict[str, Any]]:
    ask(turn, "check", **filled(**changes))
    turn.replies.clear()
    return submit_mediation(turn, make_tracker(**filled(**changes), mediation_check=check))


def test_a_sent_form_is_an_application_and_no_draft() -> None:
    turn = make_registered_turn()
    send_photo(turn, 1)
    events = submit(turn)
    (mediation,) = turn.uow.mediations.list_for_client(turn.client.id)
    content = mediation.content
    assert (mediation.kind, content.applicant.name, content.applicant.phone) == ("neighbours", "张桂芳", "13800001111")
    assert (content.respondent.name, content.respondent.address) == ("李强", "白马路2号3-1")
    assert (content.amount, content.claim, [photo.ref for photo in content.evidence]) == (300_000, "修好，赔钱", ["file-1"])
    assert slots_of(events) == EMPTY
    assert turn.uow.state.drafts == {}
    assert mediation.reference in said(turn)


def test_what_is_unknown_is_left_empty() -> None:
    turn = make_registered_turn()
    submit(turn, respondent="unknown", contact="unknown", amount="unknown")
    content = turn.uow.mediations.list_for_client(turn.client.id)[0].content
    assert (content.respondent.name, content.respondent.phone, content.respondent.address) == ("", "", "")
    assert content.amount is None


def test_the_other_sides_number_is_told_from_an_address() -> None:
    turn = make_registered_turn()
    submit(turn, contact="13900002222")
    respondent = turn.uow.mediations.list_for_client(turn.client.id)[0].content.respondent
    assert (respondent.phone, respondent.address) == ("13900002222", "")


def test_changing_offers_every_field() -> None:
    turn = make_registered_turn()
    events = submit(turn, "edit")
    assert turn.uow.state.mediations == []
    assert slots_of(events) == {"mediation_check": None}
    payloads = [button.payload for row in turn.replies[-1].buttons for button in row]
    assert payloads == [*(f"mediate:edit={field}" for field in FIELDS), "mediate:resume"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field_is_asked_alone(field: str) -> None:
    turn = make_registered_turn()
    send_photo(turn, 1)
    submit(turn, "edit")
    events = press(turn, f"edit={field}")
    assert slots_of(events) == {**EMPTY, **filled(**{field: None})}
    assert followups(events) == ["mediation_form"]
    assert len(list_photos(turn)) == (0 if field == "evidence" else 1)


def test_a_fourth_application_is_explained_and_stays_a_draft() -> None:
    turn = make_registered_turn()
    for _ in range(3):
        submit(turn)
    events = submit(turn)
    assert said(turn) == text("utter_refused_mediation_too_many")
    assert find_answers(turn) == ANSWERS
    assert slots_of(events) == EMPTY
    assert len(turn.uow.state.mediations) == 3


# buttons


@pytest.mark.parametrize(
    "payload", ["", "=", "withdraw", "withdraw=", "withdraw=x", "withdraw=99", "withdrawn=99", "edit=secret", "boo=1",
                "yes=" + "9" * 40, "consent=-1", "invite=99"]
)  # fmt: skip
def test_a_button_that_leads_nowhere_says_so(payload: str) -> None:
    turn = make_registered_turn()
    assert press(turn, payload) == []
    assert said(turn) == text("utter_stale_button")


@pytest.mark.parametrize("act", ACTS)
def test_another_clients_mediation_cannot_be_touched(act: str) -> None:
    owner = make_registered_turn()
    mediation = owner.uow.mediations.add(make_mediation(owner.client.id, **REACHED["applied"]))
    stranger = make_registered_turn(owner.uow, key="browser-2")
    press(stranger, f"{act}={mediation.id}")
    assert said(stranger) in (text("utter_stale_button"), text("utter_refused_mediation_not_yours"))
    assert owner.uow.mediations.get(mediation.id) == mediation


def test_withdrawing_asks_back_first() -> None:
    turn = make_registered_turn()
    submit(turn)
    (mediation,) = turn.uow.mediations.list_for_client(turn.client.id)
    press(turn, f"withdraw={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).open
    assert turn.replies[-1].buttons[0][0].payload == f"mediate:withdrawn={mediation.id}"
    press(turn, f"withdrawn={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).state == "withdrawn"


def test_the_other_side_leaves_after_being_asked_back() -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(respondent_client_id=turn.client.id, **REACHED["scheduled"]))
    press(turn, f"quit={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).open
    assert turn.replies[-1].buttons[0][0].payload == f"mediate:leave={mediation.id}"
    press(turn, f"leave={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).state == "declined"


def test_the_invitation_is_a_line_to_pass_on() -> None:
    turn = make_registered_turn()
    submit(turn)
    press(turn, f"invite={turn.uow.state.mediations[0].id}")
    token = said(turn).rpartition("/start mediation_")[2]
    other = make_turn(turn.uow, key="browser-2")
    welcome_respondent(other, token)
    assert "张桂芳" in said(other)
    welcome_respondent(other, token)
    assert text("utter_refused_mediation_link") in said(other)


def test_the_invitation_is_a_link_where_falin_has_an_address() -> None:
    library = make_library(web_url="https://falin.example/", telegram_name="falin_bot")
    turn = make_registered_turn(library=library)
    submit(turn)
    press(turn, f"invite={turn.uow.state.mediations[0].id}")
    telegram, web = said(turn).splitlines()[-2:]
    token = telegram.partition("?start=")[2]
    assert telegram == f"https://t.me/falin_bot?start={token}"
    assert web == f"https://falin.example/?c={token}"
    assert len(token) <= 64
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")  # Telegram takes no other


@pytest.mark.parametrize("performed", ["yes", "partly", "no"])
def test_the_follow_up_is_answered_by_button(performed: str) -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id, **REACHED["agreed"]))
    press(turn, f"{performed}={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).performed == performed


@pytest.mark.parametrize(("act", "wanted"), [("wish", True), ("no_wish", False)])
def test_confirmation_is_chosen_by_button(act: str, wanted: bool) -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id, **REACHED["agreed"], effective_on=turn.now.date()))
    press(turn, f"{act}={mediation.id}")
    assert turn.uow.mediations.get(mediation.id).confirmation_wanted is wanted


def test_status_shows_mediations_with_a_way_back() -> None:
    turn = make_registered_turn()
    assert not show_mediations(turn)
    submit(turn)
    turn.replies.clear()
    assert show_mediations(turn)
    (reply,) = turn.replies
    assert reply.text.startswith("您的调解")
    assert reply.buttons[0][0].payload.startswith("mediate:withdraw=")
