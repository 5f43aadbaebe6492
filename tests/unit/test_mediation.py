"""The rules of a mediation: its state, who acts, which step is possible when, and which mediator gets it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.domain.disputes import DISPUTE_WORDS, DISPUTES, REFUSALS, find_dispute
from bot.domain.errors import RuleBroken
from bot.domain.mediation import OPEN_STATES, RULES, STATES, STEPS, Content, broken
from bot.domain.mediators import choose_mediator
from bot.domain.roster import Absence, Roster
from bot.domain.street import Member
from tests.builders import NOW, make_content, make_library, make_mediation, real_wording

LATER = NOW + timedelta(days=1)
# What has happened in each state.
REACHED: dict[str, dict[str, Any]] = {
    "applied": {},
    "asking": {"consent_asked_at": NOW},
    "consented": {"consent_asked_at": NOW, "respondent_consented_at": NOW},
    "accepted": {"respondent_consented_at": NOW, "accepted_at": NOW},
    "scheduled": {"respondent_consented_at": NOW, "accepted_at": NOW, "session_at": LATER},
    "agreed": {"session_at": NOW, "concluded_at": LATER, "agreed": True},
    "failed": {"session_at": NOW, "concluded_at": LATER, "agreed": False},
    "declined": {"consent_asked_at": NOW, "respondent_refused_at": LATER},
    "refused": {"refused_at": LATER, "refusal": "crime"},
    "withdrawn": {"session_at": LATER, "withdrawn_at": LATER},
}


@pytest.mark.parametrize("state", STATES)
def test_the_state_follows_from_the_timestamps(state: str) -> None:
    mediation = make_mediation(**REACHED[state])
    assert mediation.state == state
    assert mediation.open is (state in OPEN_STATES)


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("applied", "mediator"), ("asking", "respondent"), ("consented", "mediator"), ("accepted", "mediator"),
        ("scheduled", "both"), ("agreed", "both"), ("failed", "nobody"), ("declined", "nobody"), ("refused", "nobody"),
        ("withdrawn", "nobody"),
    ],
)  # fmt: skip
def test_it_is_always_clear_whose_turn_it_is(state: str, who: str) -> None:
    assert make_mediation(**REACHED[state]).next_action_by == who


def test_without_a_mediator_it_is_the_offices_turn() -> None:
    assert make_mediation(mediator_id=None).next_action_by == "office"


def test_a_performed_agreement_is_nobodys_turn() -> None:
    assert make_mediation(**REACHED["agreed"], performed="yes").next_action_by == "nobody"
    assert make_mediation(**REACHED["agreed"], performed="partly").next_action_by == "both"


ALLOWED = {
    "applied": "ask assign consent correct decline invite refuse withdraw",
    "asking": "ask assign consent correct decline invite refuse withdraw",
    "consented": "accept assign conclude correct decline refuse schedule withdraw",
    "accepted": "assign conclude correct decline refuse schedule withdraw",
    "scheduled": "assign conclude correct decline refuse schedule withdraw",
    "agreed": "confirm follow_up",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_possible_in_its_states_only(state: str, step: str) -> None:
    mediation = make_mediation(**REACHED[state])
    if step in ALLOWED.get(state, "").split():
        mediation.require(step)
    else:
        with pytest.raises(RuleBroken, match=r"^state$"):
            mediation.require(step)


def test_what_the_parties_told_survives_sealing() -> None:
    content = make_content()
    assert Content.from_json(content.to_json()) == content
    assert Content.from_json(Content().to_json()) == Content()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("neighbours", "neighbours"), ("邻里纠纷", "neighbours"), ("邻里", "neighbours"), ("楼上漏水", "neighbours"),
        ("工资", "labour"), ("物业费", "property_management"), ("车祸", "traffic"), ("其他", "other"), ("火星", None),
        ("", None), ("房东不退合同押金", None),
    ],
)  # fmt: skip
def test_a_kind_of_dispute_is_read_by_name_or_by_a_clear_word(said: str, kind: str | None) -> None:
    assert find_dispute(said) == kind


def test_every_kind_has_words_and_a_matter_that_exists() -> None:
    assert set(DISPUTE_WORDS) == set(DISPUTES)
    text = (make_library().wording.text("utter_mediation_ask_kind"), DISPUTES["other"][0])
    assert text[1] in text[0]


def test_every_refusal_and_every_rule_has_its_words() -> None:
    names = real_wording().names()
    assert {f"utter_mediation_refusal_{reason}" for reason in REFUSALS} <= names
    assert {f"utter_refused_mediation_{rule}" for rule in RULES} <= names
    assert {f"utter_mediation_line_{state}" for state in STATES} <= names


def test_a_rule_nobody_can_explain_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        broken("whatever")


# which mediator

LAOZHOU = Member("laozhou", "老周书记", role="mediator", room="老周书记调解室", communities=("baima", "qinggang"))
XIANG = Member("xiang", "向大姐", role="mediator", room="派出所调解室", communities=("longtan",))
ROVING = Member("li", "李老师", role="mediator", capacity=2)
ALL = (ROVING, LAOZHOU, XIANG)
TODAY = date(2026, 11, 23)


def choose(community: str, source: str = "self", absences: tuple[Absence, ...] = (), **load: int) -> str | None:
    found = choose_mediator(ALL, community, source, load, Roster(absences), TODAY)
    return found.id if found else None


def test_the_communitys_own_mediator_comes_first() -> None:
    assert [choose("baima"), choose("longtan"), choose("hejia")] == ["laozhou", "xiang", "li"]


def test_what_the_police_send_goes_to_the_room_at_their_station() -> None:
    assert [choose("baima", "police"), choose("hejia", "police")] == ["xiang", "xiang"]
    assert choose("baima", "court") == "laozhou"


def test_whoever_is_away_is_passed_over() -> None:
    assert choose("baima", absences=(Absence("laozhou", TODAY),)) == "li"
    assert choose("baima", "police", absences=(Absence("xiang", TODAY),)) == "xiang"


def test_the_load_decides_between_equals() -> None:
    second = Member("wang", "王老师", role="mediator", communities=("baima",), capacity=4)
    pair = (LAOZHOU, second)
    loads = [({"laozhou": 3}, "wang"), ({"laozhou": 3, "wang": 2}, "laozhou"), ({"laozhou": 10, "wang": 3}, "wang")]
    for load, expected in loads:
        chosen = choose_mediator(pair, "baima", "self", load, Roster(), TODAY)
        assert chosen
        assert chosen.id == expected


def test_nobody_for_a_community_means_that_staff_decide() -> None:
    assert choose_mediator([LAOZHOU], "hejia", "self", {}, Roster(), TODAY) is None
