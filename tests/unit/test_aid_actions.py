"""The legal-aid form: what is asked next, what is passed over, what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions import FILE_SLOTS, FREE_TEXT
from actions.aid_questions import AID_READERS, AID_SLOTS, ask_aid
from actions.aiding import act_on_aid, restart_legal_aid, resume_legal_aid, start_legal_aid, submit_legal_aid
from actions.escalating import ask_status
from actions.registering import submit_registration
from bot.domain.aid_applications import MAX_PHOTOS
from bot.domain.messages import FILE
from bot.services.aid_draft import AidDraft, find_draft, save_draft
from bot.services.aid_office import hand_over
from bot.services.legal_aid import apply_for_aid
from bot.services.turn import Turn
from tests.aid_builders import APPLICANT, WAGES, aid_turn, make_photo
from tests.builders import NOW, make_understanding, real_wording

text = real_wording().text
CHECKED = {
    "aid_side": "civil", "aid_matter": "wages", "aid_for": "self", "aid_lawyer": "no", "aid_exempt": "migrant",
    "aid_income": "unknown", "aid_urgent": "none",
}  # fmt: skip
TOLD = {
    **CHECKED, "aid_step": "apply", "aid_name": "王小明", "aid_phone": "13800000000", "aid_other": "none",
    "aid_facts": "欠我两万元，想要回来",
}  # fmt: skip
WHOLE = {**TOLD, "aid_paper": "done", "aid_confirm": "yes"}


def make_tracker(entities: dict[str, str] | None = None, **slots: Any) -> Tracker:
    found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
    return Tracker("1", slots, {"text": "", "entities": found}, [], False, None, {}, None)


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def followups(events: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events if event["event"] == "followup"]


def said(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


def payloads(turn: Turn) -> list[str]:
    return [button.payload for reply in turn.replies for row in reply.buttons for button in row]


def asked(turn: Turn, **slots: Any) -> Any:
    """What is asked for next."""
    return slots_of(ask_aid(turn, make_tracker(**slots)))["requested_slot"]


# which question comes


@pytest.mark.parametrize(
    ("slots", "wanted"),
    [
        ({}, "aid_side"), ({"aid_side": "civil"}, "aid_matter"), ({"aid_side": "unknown"}, "aid_for"),
        ({"aid_side": "civil", "aid_matter": "wages"}, "aid_for"),
        ({"aid_side": "civil", "aid_matter": "wages", "aid_for": "self", "aid_lawyer": "no"}, "aid_exempt"),
        ({**CHECKED, "aid_exempt": "none", "aid_income": None}, "aid_income"),
        ({**CHECKED, "aid_exempt": "unknown", "aid_income": None}, "aid_income"),
        ({**CHECKED, "aid_income": None, "aid_urgent": None}, "aid_urgent"),
        ({**CHECKED, "aid_matter": "traffic", "aid_income": None}, "aid_income"),
        ({**CHECKED, "aid_matter": "violence", "aid_exempt": None, "aid_income": None, "aid_urgent": None}, "aid_urgent"),
        (CHECKED, "aid_step"), ({**CHECKED, "aid_step": "list"}, "aid_step"), ({**CHECKED, "aid_step": "apply"}, "aid_name"),
        (TOLD, "aid_paper"), ({**TOLD, "aid_confirm": "yes"}, "aid_paper"),
    ],
)  # fmt: skip
def test_the_next_question_follows_from_the_answers(slots: dict[str, Any], wanted: str) -> None:
    turn = aid_turn()
    assert asked(turn, **slots) == wanted
    assert len(turn.replies) == 1


def test_a_stranger_registers_before_giving_a_name() -> None:
    turn = aid_turn(registered=False)
    assert asked(turn, **CHECKED, aid_step="apply") is None
    assert turn.replies == []
    events = submit_legal_aid(turn, make_tracker(**CHECKED, aid_step="apply"))
    assert followups(events) == ["registration_form"]
    assert slots_of(events) == {"pending_service": "legal_aid"}
    form = {"community": "baima", "client_kind": "resident", "consent": "yes"}
    events = submit_registration(turn, make_tracker(**form, pending_service="legal_aid"))
    assert followups(events) == ["legal_aid_form"]
    assert slots_of(events)["pending_service"] is None


def test_the_usual_matters_come_first_and_the_rest_behind_a_button() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(aid_side="civil"))
    first = payloads(turn)
    assert first[0] == "slot:aid_matter=wages"
    assert first[-2:] == ["slot:aid_matter=more", "slot:aid_matter=unknown"]
    turn.replies.clear()
    events = slots_of(ask_aid(turn, make_tracker(aid_side="civil", aid_matter="more")))
    assert (events["aid_matter"], events["requested_slot"]) == (None, "aid_matter")
    assert not set(payloads(turn)) & set(first[:-1])
    assert "slot:aid_matter=other" in payloads(turn)


def test_an_accused_is_asked_about_detention_and_not_about_deadlines() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(aid_side="accused", aid_matter="minor", aid_for="guardian", aid_lawyer="no"))
    assert payloads(turn) == ["slot:aid_urgent=detained", "slot:aid_urgent=none", "slot:aid_urgent=unknown"]


def test_a_changed_side_takes_back_the_matter() -> None:
    turn = aid_turn()
    events = slots_of(ask_aid(turn, make_tracker(**{**CHECKED, "aid_side": "victim"})))
    assert (events["aid_matter"], events["requested_slot"]) == (None, "aid_matter")


def test_none_of_these_means_the_one_of_the_side() -> None:
    turn = aid_turn()
    typed = AID_READERS["aid_matter"](turn, "都不是")
    assert slots_of(ask_aid(turn, make_tracker(aid_side="accused", aid_matter=typed)))["aid_matter"] == "defence"


def test_an_old_submit_button_does_not_skip_the_last_look() -> None:
    turn = aid_turn()
    events = slots_of(ask_aid(turn, make_tracker(**{**WHOLE, "aid_name": None})))
    assert (events["aid_confirm"], events["requested_slot"]) == (None, "aid_name")


# result and papers


def test_the_result_shows_reasons_with_articles_and_is_counted() -> None:
    turn = aid_turn()
    events = slots_of(ask_aid(turn, make_tracker(**{**CHECKED, "aid_urgent": "deadline"})))
    for part in (text("utter_aid_result_likely"), "✓", "【急】", "《法律援助法》第三十一条", "预查"):
        assert part in said(turn)
    assert payloads(turn) == ["slot:aid_step=apply", "slot:aid_step=list", "intent:request_adviser", "intent:stop"]
    assert (events["last_matter"], "老板欠我工钱" in events["last_question"]) == ("labour", True)
    assert [entry.outcome for entry in turn.uow.state.ledger if entry.kind == "legal_aid"] == ["prechecked"]


def test_a_result_fits_one_message() -> None:
    worst = {**CHECKED, "aid_for": "unknown", "aid_lawyer": "unknown", "aid_exempt": "unknown", "aid_urgent": "preservation"}
    turn = aid_turn()
    ask_aid(turn, make_tracker(**worst))
    assert len(said(turn)) < 700


def test_photos_gather_until_the_next_paper() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(**TOLD))
    assert "身份证" in said(turn)
    for count in (1, 2):
        turn.replies.clear()
        turn.attachment = make_photo().attachment
        events = slots_of(ask_aid(turn, make_tracker(**TOLD, aid_paper=FILE)))
        assert (events["aid_paper"], events["requested_slot"]) == (None, "aid_paper")
        assert f"身份证有{count}张" in said(turn)
    turn.attachment = None
    for paper in ("免查身份证明", "案件材料"):
        turn.replies.clear()
        ask_aid(turn, make_tracker(**TOLD, aid_paper="next"))
        assert paper in said(turn)
    turn.replies.clear()
    events = slots_of(ask_aid(turn, make_tracker(**TOLD, aid_paper="next")))
    assert (events["aid_paper"], events["requested_slot"]) == ("done", "aid_confirm")
    assert "身份证2张" in said(turn)


def test_a_question_in_between_stores_no_photo_twice() -> None:
    turn = aid_turn()
    turn.attachment = make_photo().attachment
    ask_aid(turn, make_tracker(**TOLD, aid_paper=FILE))
    ask_aid(turn, make_tracker(**TOLD))
    assert len(find_draft(turn).photos) == 1


def test_photos_have_a_limit() -> None:
    turn = aid_turn()
    save_draft(turn, AidDraft(TOLD, [make_photo() for _ in range(MAX_PHOTOS)]))
    turn.attachment = make_photo().attachment
    ask_aid(turn, make_tracker(**TOLD, aid_paper=FILE))
    assert said(turn) == text("utter_aid_papers_full", limit=MAX_PHOTOS)
    assert len(find_draft(turn).photos) == MAX_PHOTOS


def test_a_change_of_matter_asks_for_its_papers() -> None:
    turn = aid_turn()
    save_draft(turn, AidDraft(TOLD, [make_photo("exemption")], ["identity", "exemption", "case"]))
    assert asked(turn, **{**TOLD, "aid_for": "guardian"}) == "aid_paper"
    assert "代理权证明" in said(turn)


def test_facts_that_sound_like_an_emergency_are_kept_all_the_same() -> None:
    turn = aid_turn(text="丈夫昨天又打我，我要离婚", understanding=make_understanding("crisis", crisis="violence"))
    slots = {**TOLD, "aid_facts": None, "requested_slot": "aid_facts"}
    events = slots_of(ask_aid(turn, make_tracker(**slots)))
    assert (events["aid_facts"], events["requested_slot"]) == ("丈夫昨天又打我，我要离婚", "aid_paper")


def test_an_emergency_elsewhere_in_the_form_is_no_fact() -> None:
    turn = aid_turn(text="丈夫昨天又打我，我要离婚", understanding=make_understanding("crisis", crisis="violence"))
    slots = {**TOLD, "aid_phone": None, "aid_facts": None, "requested_slot": "aid_phone"}
    assert "aid_facts" not in slots_of(ask_aid(turn, make_tracker(**slots)))


# kept and gone on with


def test_each_answer_is_kept_for_a_registered_client() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(aid_side="civil", aid_matter="wages"))
    assert find_draft(turn).slots == {"aid_side": "civil", "aid_matter": "wages"}


def test_of_a_stranger_nothing_is_kept() -> None:
    turn = aid_turn(registered=False)
    ask_aid(turn, make_tracker(aid_side="civil"))
    assert turn.uow.state.drafts == {}


def test_what_was_begun_is_offered_and_gone_on_with() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(**TOLD))
    turn.replies.clear()
    assert start_legal_aid(turn, make_tracker()) == []
    assert payloads(turn) == ["intent:aid_resume", "intent:aid_restart"]
    events = resume_legal_aid(turn, make_tracker())
    assert slots_of(events) == TOLD
    assert followups(events) == ["legal_aid_form"]


def test_begun_anew_is_empty() -> None:
    turn = aid_turn()
    ask_aid(turn, make_tracker(**TOLD))
    events = restart_legal_aid(turn, make_tracker(**TOLD))
    assert slots_of(events) == dict.fromkeys(AID_SLOTS)
    assert find_draft(turn) == AidDraft()


def test_nothing_begun_begins() -> None:
    turn = aid_turn()
    assert followups(start_legal_aid(turn, make_tracker())) == ["legal_aid_form"]
    assert said(turn) == text("utter_request_legal_aid")


# submitting


def test_a_submitted_application_says_who_acts_next() -> None:
    turn = aid_turn()
    save_draft(turn, AidDraft(TOLD, [make_photo("identity")], ["identity", "exemption", "case"]))
    events = submit_legal_aid(turn, make_tracker(**WHOLE))
    (application,) = turn.uow.state.aid
    assert (application.name, application.other_party, len(application.photos)) == ("王小明", "", 1)
    assert slots_of(events) == dict.fromkeys(AID_SLOTS)
    assert find_draft(turn) == AidDraft()
    missing = text("utter_aid_missing", missing="免查身份证明、案件材料")
    values = {"reference": application.reference, "promise": "明天上午10:00", "missing": missing}
    assert said(turn) == text("utter_aid_applied_unseen", **values)


def test_an_office_that_got_the_card_need_not_be_called() -> None:
    turn = aid_turn()
    account = turn.uow.clients.find_or_add("telegram", "chat-of-wu", NOW)
    turn.uow.members.add_account("wu", account.id, NOW)
    submit_legal_aid(turn, make_tracker(**WHOLE))
    assert "确认收到" not in said(turn)


def test_submitting_the_same_again_names_the_first() -> None:
    turn = aid_turn()
    submit_legal_aid(turn, make_tracker(**WHOLE))
    turn.replies.clear()
    submit_legal_aid(turn, make_tracker(**WHOLE))
    assert said(turn) == text("utter_aid_already", reference=turn.uow.state.aid[0].reference)


@pytest.mark.parametrize("change", ["aid_name", "aid_phone", "aid_other", "aid_facts"])
def test_one_answer_can_be_changed_on_the_last_page(change: str) -> None:
    turn = aid_turn()
    events = submit_legal_aid(turn, make_tracker(**{**WHOLE, "aid_confirm": change}))
    assert slots_of(events) == {"aid_confirm": None, change: None}
    assert followups(events) == ["legal_aid_form"]
    assert turn.uow.state.aid == []


# buttons under an application


def applied(turn: Turn) -> str:
    return apply_for_aid(turn, WAGES, APPLICANT)[0].reference


def press(turn: Turn, act: str) -> str:
    turn.replies.clear()
    act_on_aid(turn, make_tracker({"aid_act": act}))
    return said(turn)


def office_turn(turn: Turn, member: str = "wu") -> Turn:
    account = aid_turn(turn.uow, registered=False, key=f"chat-of-{member}")
    turn.uow.members.add_account(member, account.client.id, NOW)
    return account


def test_the_office_hands_over_and_records_the_decision() -> None:
    turn = aid_turn()
    reference = applied(turn)
    office = office_turn(turn)
    assert text("utter_aid_state_handed_over") in press(office, f"handed={reference}")
    assert f"aid:granted={reference}" in payloads(office)
    assert press(office, f"handed={reference}") == text("utter_aid_not_now")
    assert text("utter_aid_state_granted") in press(office, f"granted={reference}")
    assert turn.uow.state.aid[0].state == "granted"


@pytest.mark.parametrize("member", ["chen", "laozhou"])
def test_only_the_office_handles_applications(member: str) -> None:
    turn = aid_turn()
    reference = applied(turn)
    assert press(office_turn(turn, member), f"handed={reference}") == text("utter_aid_not_now")
    assert press(turn, f"handed={reference}") == text("utter_aid_not_now")
    assert turn.uow.state.aid[0].state == "incomplete"


@pytest.mark.parametrize("act", ["", "handed", "handed=", "granted=L26-AAAA-AA", "burn=L26-AAAA-AA", "withdraw_yes=L26-AAAA-AA"])
def test_a_button_of_nothing_changes_nothing(act: str) -> None:
    turn = aid_turn()
    applied(turn)
    assert press(office_turn(turn), act) == text("utter_aid_not_now")
    assert turn.uow.state.aid[0].state == "incomplete"


def test_withdrawing_is_asked_back() -> None:
    turn = aid_turn()
    reference = applied(turn)
    press(turn, f"withdraw={reference}")
    assert payloads(turn) == [f"aid:withdraw_yes={reference}", "intent:deny"]
    assert turn.uow.state.aid[0].open
    assert press(turn, f"withdraw_yes={reference}") == text("utter_aid_withdrawn", reference=reference)
    assert turn.uow.state.aid[0].state == "withdrawn"


def test_status_shows_applications_and_how_to_withdraw_them() -> None:
    turn = aid_turn()
    reference = applied(turn)
    ask_status(turn, make_tracker())
    assert payloads(turn) == [f"aid:withdraw={reference}"]
    assert text("utter_no_cases") not in said(turn)
    hand_over(turn, reference, "wu")
    turn.replies.clear()
    ask_status(turn, make_tracker())
    assert "等法律援助机构决定" in said(turn)


# reading


@pytest.mark.parametrize(
    ("slot", "typed", "read"),
    [
        ("aid_side", "civil", "civil"), ("aid_side", "不晓得", "unknown"), ("aid_side", "也许吧", None),
        ("aid_matter", "老板欠我工钱", "wages"), ("aid_matter", "more", "more"), ("aid_matter", "不清楚。", "unknown"),
        ("aid_matter", "老板拖欠工资怎么办", None), ("aid_lawyer", "没得", "no"), ("aid_lawyer", "请了", "yes"),
        ("aid_lawyer", "我请了一个律师但是他不理我怎么办", None), ("aid_exempt", "none", "none"),
        ("aid_income", "i2", "i2"), ("aid_income", "i99", None), ("aid_urgent", "人被关着", "detained"),
        ("aid_step", "apply", "apply"), ("aid_step", "不知道", None), ("aid_other", "不知道", "none"),
        ("aid_other", "某公司", "某公司"), ("aid_other", "长" * 61, None), ("aid_facts", "欠薪", None),
        ("aid_facts", "老板欠我两万元", "老板欠我两万元"), ("aid_facts", FILE, None), ("aid_paper", FILE, FILE),
        ("aid_paper", "next", "next"), ("aid_paper", "done", None), ("aid_confirm", "提交", "yes"),
        ("aid_confirm", "aid_name", "aid_name"), ("aid_confirm", "aid_matter", None), ("aid_confirm", "", None),
    ],
)  # fmt: skip
def test_answers_are_read_or_left(slot: str, typed: str, read: str | None) -> None:
    assert AID_READERS[slot](aid_turn(), typed) == read


def test_only_slots_of_the_form_take_free_words_or_files() -> None:
    assert {name for name in FREE_TEXT if name.startswith("aid_")} <= set(AID_SLOTS)
    assert "aid_paper" in FILE_SLOTS
