from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rasa_sdk import Tracker

from actions import HANDLERS, READERS
from actions.answering import answer_question, choose_entry, guide_emergency
from actions.escalating import INTAKE, ask_status, read_deadline, read_name, request_adviser, submit_intake
from actions.greeting import greet_visitor
from actions.registering import (
    ask_client_kind,
    ask_community,
    forget_me,
    read_client_kind,
    read_community,
    read_consent,
    start_registration,
    submit_registration,
)
from bot.services.handoff import open_case
from bot.services.members import invite_member
from bot.services.turn import Turn
from tests.builders import NOW, make_library, make_registered_turn, make_turn, make_understanding, real_wording
from tests.unit.domain_file import domain, story_actions

text = real_wording().text


def make_tracker(entities: dict[str, str] | None = None, **slots: Any) -> Tracker:
    found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
    return Tracker("1", slots, {"text": "", "entities": found}, [], False, None, {}, None)


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def followups(events: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events if event["event"] == "followup"]


def said(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


def test_every_action_of_the_domain_exists_and_the_other_way_round() -> None:
    assert set(HANDLERS) == set(domain()["actions"])
    assert set(READERS) == set(domain()["forms"])
    assert all(set(READERS[form]) == set(domain()["forms"][form]["required_slots"]) for form in READERS)


def test_every_action_is_reached_by_a_rule_or_asks_for_a_slot() -> None:
    assert {name for name in HANDLERS if not name.startswith("action_ask_")} <= story_actions()


# answering


@pytest.mark.parametrize(
    ("decision", "entries", "reply", "counted"),
    [
        ("answer", ["labour.unpaid_wages"], make_library().entries["labour.unpaid_wages"].answer, "answered"),
        ("answer", ["labour.gone"], text("utter_refer", matter="劳动用工"), "referred"),
        ("clarify", ["lending.interest", "lending.no_iou"], text("utter_clarify"), None),
        ("refer", [], text("utter_refer_unknown"), "referred"),
    ],
)
def test_a_legal_question_is_treated_as_decided(decision, entries, reply, counted) -> None:
    turn = make_turn(text="问题" * 300, understanding=make_understanding(decision, *entries))
    events = answer_question(turn, make_tracker())
    assert said(turn).startswith(reply)
    assert [entry.outcome for entry in turn.uow.state.ledger] == ([counted] if counted else [])
    remembered = slots_of(events)
    assert remembered["last_question"] == ("问题" * 300)[:500]
    assert remembered["last_matter"] == (entries[0].split(".")[0] if entries else None)
    assert remembered["last_urgency"] is None


@pytest.mark.parametrize(
    ("matter", "likely", "remembered"),
    [("labour", True, "labour"), ("labour", False, None), ("criminal", True, None)],
)
def test_what_follows_a_referral_knows_only_the_field_it_named(matter: str, likely: bool, remembered) -> None:
    turn = make_turn(text="问", understanding=make_understanding("refer", matter=matter, matter_likely=likely))
    assert slots_of(answer_question(turn, make_tracker()))["last_matter"] == remembered


def test_a_chosen_entry_is_answered() -> None:
    turn = make_turn()
    events = choose_entry(turn, make_tracker({"chosen_entry": "lending.no_iou"}))
    assert slots_of(events) == {"last_matter": "lending"}
    assert len(turn.uow.state.ledger) == 1


@pytest.mark.parametrize("entities", [{}, {"chosen_entry": "labour.gone"}])
def test_a_lost_choice_says_so(entities) -> None:
    turn = make_turn()
    assert choose_entry(turn, make_tracker(entities)) == []
    assert said(turn) == text("utter_stale_button")


def test_an_emergency_is_remembered_as_urgent() -> None:
    turn = make_turn(
        text="他在打我", understanding=make_understanding("crisis", crisis="violence", intent="crisis")
    )
    events = guide_emergency(turn, make_tracker())
    assert said(turn).startswith("先打110")
    assert slots_of(events)["last_urgency"] == "urgent"
    assert slots_of(events)["last_question"] == "他在打我"


# to the adviser


def test_a_stranger_registers_before_the_adviser_comes() -> None:
    turn = make_turn()
    events = request_adviser(turn, make_tracker())
    assert followups(events) == ["registration_form"]
    assert slots_of(events) == {"pending_service": "adviser"}
    assert turn.uow.state.cases == []


def test_an_urgent_matter_goes_to_a_person_at_once() -> None:
    turn = make_registered_turn()
    slots = {"last_question": "老板打我", "last_matter": "labour", "last_urgency": "urgent"}
    events = request_adviser(turn, make_tracker(**slots))
    (case,) = turn.uow.state.cases
    assert (case.question, case.matter, case.urgency) == ("老板打我", "labour", "urgent")
    assert followups(events) == []
    assert slots_of(events)["pending_service"] is None
    assert case.reference in said(turn)


def test_anything_else_asks_what_the_adviser_must_know_first() -> None:
    turn = make_registered_turn()
    events = request_adviser(turn, make_tracker(last_question="老板不发工资", intake_name="上次的"))
    assert followups(events) == ["intake_form"]
    assert slots_of(events) == {**dict.fromkeys(INTAKE), "pending_service": None}
    assert turn.uow.state.cases == []


def test_the_intake_opens_the_case() -> None:
    turn = make_registered_turn()
    tracker = make_tracker(
        last_question="老板不发工资", last_matter="labour", intake_name="李大爷", intake_other_party="skip",
        intake_deadline="2026-11-27",
    )  # fmt: skip
    submit_intake(turn, tracker)
    (case,) = turn.uow.state.cases
    assert (case.matter, case.urgency, case.deadline) == ("labour", "urgent", date(2026, 11, 27))
    assert turn.uow.state.parties == {(case.id, "client", "李大爷")}


def test_an_open_case_is_named_again() -> None:
    turn = make_registered_turn()
    submit_intake(turn, make_tracker())
    turn.replies.clear()
    assert followups(request_adviser(turn, make_tracker())) == []
    assert turn.uow.state.cases[0].reference in said(turn)
    assert len(turn.uow.state.cases) == 1


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("7", "2026-11-30"), ("还有3天", "2026-11-26"), ("3天内", "2026-11-26"), ("12月3日", "2026-12-03"),
        ("12.3", "2026-12-03"), ("2027年1月5日", "2027-01-05"), ("1月5号", "2027-01-05"), ("不清楚", "skip"),
        ("没有", "skip"), ("2月30日", None), ("很快", None), ("9999年99月99日", None), ("1234567890", None), ("", None),
    ],
)  # fmt: skip
def test_a_deadline_is_read_as_people_write_it(words: str, day: str | None) -> None:
    assert read_deadline(make_turn(), words) == day


@pytest.mark.parametrize(("words", "name"), [("王老板", "王老板"), ("跳过", "skip"), ("不晓得", "skip"), ("很" * 41, None)])
def test_a_name_may_be_left_out(words: str, name: str | None) -> None:
    assert read_name(make_turn(), words) == name


def test_status_lists_the_newest_five_cases() -> None:
    turn = make_registered_turn()
    for day in range(6):
        submit_intake(turn, make_tracker(last_matter="labour"))
        if day < 5:
            closed = turn.uow.state.cases[-1]
            closed.accepted_at, closed.closed_at, closed.outcome = NOW, NOW, "advised"
    turn.replies.clear()
    ask_status(turn, make_tracker())
    lines = said(turn).splitlines()
    references = [case.reference for case in reversed(turn.uow.state.cases)][:5]
    assert [line.partition("（")[0] for line in lines[1:]] == references
    assert all("11月23日" in line for line in lines[1:])
    assert "已解答" in lines[2]


def test_status_without_cases_offers_the_adviser() -> None:
    turn = make_turn()
    ask_status(turn, make_tracker())
    assert said(turn) == text("utter_no_cases")


# greeting


@pytest.mark.parametrize("entities", [{}, {"start_parameter": "nowhere"}])
def test_a_visitor_is_welcomed(entities) -> None:
    turn = make_turn()
    assert greet_visitor(turn, make_tracker(entities)) == []
    assert said(turn) == text("utter_welcome")


def test_a_posters_link_leads_into_registration() -> None:
    turn = make_turn()
    events = greet_visitor(turn, make_tracker({"start_parameter": "baima"}))
    assert slots_of(events) == {"community": "baima"}
    assert followups(events) == ["registration_form"]


def test_a_posters_link_of_ones_own_community_asks_nothing() -> None:
    turn = make_registered_turn()
    assert greet_visitor(turn, make_tracker({"start_parameter": "baima"})) == []
    assert followups(greet_visitor(turn, make_tracker({"start_parameter": "qinggang"}))) == ["registration_form"]


def test_an_invited_adviser_is_welcomed_by_name() -> None:
    turn = make_turn()
    token = invite_member(turn.uow, turn.library.street, "chen", NOW)
    greet_visitor(turn, make_tracker({"start_parameter": f"member_{token}"}))
    assert said(turn) == text("utter_welcome_adviser", member="陈律师")
    assert turn.uow.members.find_by_client(turn.client.id) == "chen"


@pytest.mark.parametrize("member_id", ["laozhou", "wu"])
def test_a_welcome_says_what_will_come_to_this_role(member_id: str) -> None:
    turn = make_turn()
    member = turn.library.street.find_member(member_id)
    assert member
    token = invite_member(turn.uow, turn.library.street, member_id, NOW)
    greet_visitor(turn, make_tracker({"start_parameter": f"member_{token}"}))
    assert said(turn) == text(f"utter_welcome_{member.role}", member=member.name)
    assert "/mediations" in said(turn)


def test_a_new_phone_shows_what_is_in_hand() -> None:
    turn = make_registered_turn()
    case, _ = open_case(turn, "老板不发工资", "labour")
    phone = make_turn(turn.uow, key="new-phone")
    token = invite_member(turn.uow, turn.library.street, "chen", NOW)
    greet_visitor(phone, make_tracker({"start_parameter": f"member_{token}"}))
    welcome, card = turn.uow.outbox.list_after(phone.client.id, 0)
    assert welcome.reply.text == text("utter_welcome_adviser", member="陈律师")
    assert case.reference in card.reply.text
    assert phone.silent


def test_a_wrong_invitation_is_refused() -> None:
    turn = make_turn()
    greet_visitor(turn, make_tracker({"start_parameter": "member_x"}))
    assert said(turn) == text("utter_invite_invalid")


# registering


def test_registration_begins_anew() -> None:
    events = start_registration(make_registered_turn(), make_tracker(community="baima"))
    assert slots_of(events) == {"community": None, "client_kind": None, "consent": None}
    assert followups(events) == ["registration_form"]


def test_every_community_is_a_button_and_one_leaves() -> None:
    turn = make_turn()
    ask_community(turn, make_tracker())
    payloads = [row[0].payload for row in turn.replies[0].buttons]
    assert payloads == ["slot:community=baima", "slot:community=qinggang", "intent:stop"]


def test_the_kind_is_asked_for_by_the_communitys_name() -> None:
    turn = make_turn()
    ask_client_kind(turn, make_tracker(community="baima"))
    assert "白马社区" in said(turn)


@pytest.mark.parametrize(
    ("typed", "community"), [("白马", "baima"), ("baima", "baima"), ("火星", None), ("", None)]
)
def test_a_community_is_read_by_id_or_name(typed: str, community: str | None) -> None:
    assert read_community(make_turn(), typed) == community


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("resident", "resident"), ("我是居民", "resident"), ("开了个小店", "enterprise"), ("个体户", "enterprise"),
        ("不晓得", None), ("", None), ("居民也开店", None), ("公司拖欠我三个月工资", None),
    ],
)  # fmt: skip
def test_the_kind_is_read_in_the_few_words_people_use(typed: str, kind: str | None) -> None:
    assert read_client_kind(make_turn(), typed) == kind


@pytest.mark.parametrize(
    ("typed", "consent"),
    [
        ("yes", "yes"), ("no", "no"), ("同意", "yes"), ("要得", "yes"), ("不同意", "no"), ("不行", "no"),
        ("也许", None), ("", None), ("同意离婚怎么办", None), ("不同意离婚", None),
    ],
)  # fmt: skip
def test_only_a_clear_answer_is_consent(typed: str, consent: str | None) -> None:
    assert read_consent(make_turn(), typed) == consent


FORM = {"community": "baima", "client_kind": "enterprise", "consent": "yes"}
CLEARED = {"community": None, "client_kind": None, "consent": None}


def test_consent_registers() -> None:
    turn = make_turn()
    events = submit_registration(turn, make_tracker(**FORM))
    assert (turn.client.community, turn.client.kind) == ("baima", "enterprise")
    assert slots_of(events) == CLEARED
    assert said(turn) == text("utter_registered", community="白马社区", adviser="陈律师")
    assert turn.uow.state.cases == []


@pytest.mark.parametrize("consent", ["no", None])
def test_without_consent_nothing_is_stored(consent) -> None:
    turn = make_turn()
    events = submit_registration(turn, make_tracker(**{**FORM, "consent": consent, "pending_service": "adviser"}))
    assert not turn.uow.clients.get(turn.client.id).registered
    assert turn.uow.clients.get(turn.client.id).community is None
    assert turn.uow.state.ledger == []
    assert turn.uow.state.cases == []
    assert slots_of(events) == {**CLEARED, "pending_service": None}
    assert said(turn) == text("utter_registration_declined")


def test_registration_goes_on_with_what_the_client_came_for() -> None:
    turn = make_turn()
    tracker = make_tracker(**FORM, pending_service="adviser", last_question="老板不发工资", last_matter="labour")
    events = submit_registration(turn, tracker)
    assert followups(events) == ["intake_form"]
    assert slots_of(events)["pending_service"] is None
    assert len(turn.replies) == 1


def test_being_forgotten_empties_every_slot() -> None:
    turn = make_registered_turn()
    tracker = make_tracker(last_question="老板不发工资", last_matter="labour", requested_slot=None)
    events = forget_me(turn, tracker)
    assert slots_of(events) == {"last_question": None, "last_matter": None}
    assert said(turn) == text("utter_forgotten")
    assert not turn.uow.clients.get(turn.client.id).registered
