"""Triage: the questions, the recommendation, and what is counted."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker

from actions.triaging import start_triaging, take_step
from bot.domain.errors import NotFound
from bot.domain.street import Member
from bot.domain.triage import Leaf, Node, Recommendation, Rule, Triage, is_urgent
from bot.services.triage import (
    SURE,
    Recommended,
    answer_triage,
    matter_asked_about,
    recommend_routes,
    start_triage,
)
from bot.services.turn import Turn
from tests.builders import (
    make_entry,
    make_library,
    make_street,
    make_turn,
    make_understanding,
    real_triage,
    real_wording,
)

GRAPH = real_triage()
text = real_wording().text
DATED = Leaf("a", ("court",), "因为", deadline=Rule("十五日内", (), 15))


def titles(turn: Turn) -> list[str]:
    return [button.title for row in turn.replies[-1].buttons for button in row]


def payloads(turn: Turn) -> list[str]:
    return [button.payload for row in turn.replies[-1].buttons for button in row if button.payload]


def said(turn: Turn) -> str:
    return "\n".join(reply.text for reply in turn.replies)


def answered(argument: str, asked: str | None = None, **changes) -> Turn:
    turn = make_turn(**changes)
    answer_triage(turn, argument, asked)
    return turn


# the graph


@pytest.mark.parametrize(
    ("matter", "start"),
    [("labour", "labour"), ("rural_land", "land"), (None, "root"), ("other", "root"), ("nothing", "root")],
)
def test_a_matter_begins_at_its_own_question(matter: str | None, start: str) -> None:
    node = GRAPH.find_start(matter)
    assert node
    assert node.id == start


def test_an_empty_graph_begins_nowhere() -> None:
    assert Triage().find_start("labour") is None


@pytest.mark.parametrize(
    ("argument", "leaf", "route", "elapsed"),
    [
        ("wage_in", "wage_in", "", None),
        ("award_sue@7", "award_sue", "", 7),
        ("wage_in/legal_aid", "wage_in", "legal_aid", None),
    ],
)
def test_a_button_names_a_recommendation(argument: str, leaf: str, route: str, elapsed: int | None) -> None:
    assert GRAPH.find_step(argument) == Recommendation(GRAPH.leaves[leaf], route, elapsed)


def test_a_button_names_a_question() -> None:
    assert isinstance(GRAPH.find_step("root"), Node)


@pytest.mark.parametrize(
    "argument",
    ["", "gone", "wage_in/police", "wage_in/", "wage_in@", "wage_in@x", "award_sue@9999", "root@7", "root/court",
     "award_sue@７", "wage_in/legal_aid/court", "wage_in\n", "/", "@"],
)  # fmt: skip
def test_a_lost_or_forged_button_names_nothing(argument: str) -> None:
    assert GRAPH.find_step(argument) is None


@pytest.mark.parametrize(
    ("elapsed", "urgent"), [(None, True), (0, True), (7, True), (15, True)]
)  # fifteen days are few from the first
def test_a_period_of_fifteen_days_is_urgent_from_the_first(elapsed: int | None, urgent: bool) -> None:
    assert is_urgent(DATED, elapsed) is urgent


@pytest.mark.parametrize(("elapsed", "urgent"), [(None, False), (30, False), (44, False), (45, True), (60, True)])
def test_a_long_period_is_urgent_when_fifteen_days_or_fewer_are_left(elapsed: int | None, urgent: bool) -> None:
    leaf = Leaf("a", ("court",), "因为", deadline=Rule("六十日内", (), 60))
    assert is_urgent(leaf, elapsed) is urgent


def test_a_rule_without_days_makes_nothing_urgent() -> None:
    assert not is_urgent(Leaf("a", ("court",), "因为", deadline=Rule("三年内", ())), None)
    assert is_urgent(Leaf("a", ("court",), "因为", urgent=True), None)


@pytest.mark.parametrize(
    ("leaf", "asked", "matter"),
    [
        ("wage_in", None, "labour"),
        ("gov_both", "work_injury", "work_injury"),  # asked about, and its questions lead there
        ("gov_both", "labour", "administration"),  # asked about something else before
        ("summons", None, "procedure"),
        ("summons", "contracts", "contracts"),
        ("oth_ask", "other", "other"),
    ],
)
def test_a_recommendation_counts_under_the_matter_asked_about(leaf: str, asked: str | None, matter: str) -> None:
    assert GRAPH.find_matter(GRAPH.leaves[leaf], asked) == matter


# asking


def test_an_unknown_problem_is_asked_for_its_field() -> None:
    turn = make_turn()
    start_triage(turn, None)
    assert said(turn).startswith(text("utter_request_triage"))
    assert text("utter_triage_again") not in titles(turn)
    assert turn.uow.state.ledger == []


def test_a_known_problem_is_named_and_another_can_be_chosen() -> None:
    turn = make_turn()
    start_triage(turn, "labour")
    assert "劳动用工" in said(turn)
    assert titles(turn)[-2:] == [text("utter_triage_unknown"), text("utter_triage_again")]
    assert payloads(turn)[-1] == "triage:root"


def test_without_a_graph_the_adviser_is_offered() -> None:
    turn = make_turn(library=make_library(triage=Triage()))
    start_triage(turn, "labour")
    assert said(turn) == text("utter_refer_unknown")


@pytest.mark.parametrize(("confidence", "matter"), [(SURE, "lending"), (SURE - 0.01, None)])
def test_a_problem_told_with_the_request_decides_only_when_sure(confidence: float, matter: str | None) -> None:
    found = make_understanding("service", "lending.no_iou")
    candidate = type(found.candidates[0])("lending.no_iou", confidence)
    assert matter_asked_about(type(found)("service", "request_triage", candidates=(candidate,))) == matter


def test_a_button_tells_no_problem() -> None:
    assert matter_asked_about(None) is None


def test_an_answer_asks_on_and_counts_nothing() -> None:
    turn = make_turn()
    assert answer_triage(turn, "wage") is None
    assert said(turn) == GRAPH.nodes["wage"].ask
    assert turn.uow.state.ledger == []


# recommending


def test_a_recommendation_says_who_why_how_until_when_and_on_what_it_rests() -> None:
    turn = answered("wage_left")
    parts = ["建议找：劳动监察", "因为", "【怎么找】打 12333", "【带上】身份证", "【费用和办理】不收费",
             "【期限】离职起一年内要申请仲裁", "【注意】", "《劳动争议调解仲裁法》第九条、第二十七条", "一般法律信息"]  # fmt: skip
    places = [said(turn).index(part) for part in parts]
    assert places == sorted(places)


def test_the_second_best_is_a_button_that_keeps_the_leaf() -> None:
    assert "triage:wage_left/labour_arbitration" in payloads(answered("wage_left"))
    turn = answered("wage_left/labour_arbitration")
    assert said(turn).startswith("也可以找：劳动仲裁")
    assert "一年内申请" in said(turn)
    assert "triage:wage_left/labour_inspection" in payloads(turn)


@pytest.mark.parametrize(
    ("argument", "payload", "title"),
    [
        ("nei_leak", "intent:request_mediation", "申请调解"),
        ("lab_ask", "intent:request_adviser", "转给社区法律顾问"),
        ("aid_poor", "intent:request_legal_aid", "法律援助预查"),
    ],
)
def test_a_service_of_falin_starts_with_the_first_button(argument: str, payload: str, title: str) -> None:
    turn = answered(argument)
    assert (titles(turn)[0], payloads(turn)[0]) == (title, payload)


def test_when_days_count_the_adviser_is_one_tap_away_and_named_once() -> None:
    turn = answered("award_sue@15")
    assert said(turn).startswith(text("utter_triage_urgent"))
    assert "intent:request_adviser" in payloads(turn)
    assert "triage:award_sue/community_adviser" not in payloads(turn)


def test_in_danger_the_number_comes_first_and_fees_are_left_out() -> None:
    turn = answered("vio_now")
    assert said(turn).startswith("【先做】马上打 110")
    assert turn.replies[0].buttons[0][0].url == "tel:110"
    assert "【费用和办理】" not in said(turn)
    assert "【注意】" not in said(turn)


def test_the_streets_own_numbers_and_rooms_are_filled_in() -> None:
    street = make_turn().library.street
    assert street.phone in said(answered("nei_leak"))
    turn = answered("oth_reason/mediation_room")
    assert "老周书记调解室" in said(turn)


def test_a_street_without_a_mediation_room_does_not_offer_one() -> None:
    library = make_library(
        street=make_street(members=(Member("chen", "陈律师"), Member("li", "李调解", role="mediator")))
    )
    turn = answered("oth_reason", library=library)
    assert not any("mediation_room" in payload for payload in payloads(turn))
    turn = answered("oth_reason/mediation_room", library=library)  # an old button
    assert said(turn).startswith("建议找：社区人民调解委员会")


def test_compulsory_reconsideration_is_recommended_before_the_court() -> None:
    for name in ("gov_spot", "gov_nature", "gov_silent"):
        leaf = GRAPH.leaves[name]
        assert leaf.routes[0] == "admin_reconsideration"
        assert ("行政复议法", (23, 0)) in leaf.basis


def test_a_recommendation_is_counted_once_a_session_as_referred() -> None:
    turn = make_turn()
    assert answer_triage(turn, "wage_left", None) == Recommended("labour", False)
    answer_triage(turn, "wage_left/legal_aid", None)
    (entry,) = turn.uow.state.ledger
    assert (entry.kind, entry.matter, entry.outcome) == ("bot_consultation", "labour", "referred")


def test_a_lost_step_changes_nothing() -> None:
    turn = make_turn()
    with pytest.raises(NotFound):
        answer_triage(turn, "gone")
    assert turn.replies == []
    assert turn.uow.state.ledger == []


def test_an_entry_leads_where_it_says_and_a_matter_where_most_of_its_answers_lead() -> None:
    library = make_library()
    assert [route.id for route in recommend_routes(library, "labour.unpaid_wages")] == ["labour_inspection"]
    assert recommend_routes(library, "labour")[0].id in (
        "labour_inspection",
        "labour_arbitration",
        "community_adviser",
    )
    assert recommend_routes(make_library(triage=Triage()), "labour") == []
    entry = make_entry("lending.no_iou", route=("court", "unheard_of"))
    assert [r.id for r in recommend_routes(make_library(entries={entry.id: entry}), entry.id)] == ["court"]


# the actions


def make_tracker(step: str | None = None, **slots: object) -> Tracker:
    entities = [{"entity": "chosen_step", "value": step}] if step is not None else []
    return Tracker("1", slots, {"text": "", "entities": entities}, [], False, None, {}, None)


def test_the_request_begins_with_the_problem_asked_about_before() -> None:
    turn = make_turn()
    assert start_triaging(turn, make_tracker(last_matter="tenancy")) == []
    assert "房屋租赁" in said(turn)


def test_a_problem_in_the_request_comes_before_the_last_one() -> None:
    turn = make_turn(understanding=make_understanding("service", "lending.no_iou"))
    start_triaging(turn, make_tracker(last_matter="tenancy"))
    assert "借款欠款" in said(turn)


def test_a_recommendation_leaves_matter_and_urgency_for_the_adviser() -> None:
    events = take_step(make_turn(), make_tracker("judg_appeal@7"))
    assert {event["name"]: event["value"] for event in events} == {
        "last_matter": "procedure",
        "last_urgency": "urgent",
    }


def test_what_is_not_urgent_does_not_take_an_earlier_urgency_away() -> None:
    events = take_step(make_turn(), make_tracker("nei_leak", last_urgency="urgent"))
    assert {event["name"]: event["value"] for event in events} == {"last_matter": "neighbours"}


def test_a_question_sets_nothing() -> None:
    turn = make_turn()
    assert take_step(turn, make_tracker("root")) == []
    assert len(turn.replies) == 1


@pytest.mark.parametrize("step", [None, "", "gone", "x" * 5000])
def test_a_lost_button_gets_one_clear_sentence(step: str | None) -> None:
    turn = make_turn()
    assert take_step(turn, make_tracker(step)) == []
    assert said(turn) == text("utter_stale_button")
    assert turn.uow.state.ledger == []
