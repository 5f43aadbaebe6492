"""Roles × actions: who may do what, as a table."""

from __future__ import annotations

import pytest

from bot.domain.cases import Assignment
from bot.domain.permissions import ACTIONS, TABLE, Subject, communities_of, may, reach, subject_of
from bot.domain.street import ROLES, Member
from tests.builders import NOW, make_case, make_street

STREET = make_street()
PEOPLE = {
    "adviser": Member("chen", "陈律师"), "mediator": Member("laozhou", "老周书记", role="mediator"),
    "staff": Member("zheng", "小郑", role="staff"), "supervisor": Member("wu", "吴所长", role="supervisor"),
    "resident": Member("li", "李阿姨", role="resident"), "nobody": None,
}  # fmt: skip
# What each role may do with … ● at all, ○ a case of one's own, △ one that one once had, ◇ a waiting one of one's community.
EXPECTED = {
    "see_queue": {"adviser": "○△◇", "mediator": "○△", "staff": "●", "supervisor": "●"},
    "see_facts": {"adviser": "○△◇", "mediator": "○△", "staff": "●", "supervisor": "●"},
    "read_case": {"adviser": "○△", "mediator": "○△", "supervisor": "●"},
    "act_on_case": {"adviser": "○", "mediator": "○", "supervisor": "○"},
    "assign": {"supervisor": "●"},
    "see_audit": {"supervisor": "●"},
    "enter_referred": {"mediator": "●", "staff": "●", "supervisor": "●"},
    "see_mediations": {"mediator": "○△◇", "staff": "●", "supervisor": "●"},
    "read_mediation": {"mediator": "○", "staff": "●", "supervisor": "●"},
    "act_on_mediation": {"mediator": "○", "staff": "●", "supervisor": "●"},
    "assign_mediation": {"mediator": "○△◇", "staff": "●", "supervisor": "●"},
    "handle_aid": {"staff": "●", "supervisor": "●"},
    "see_figures": {"adviser": "○△◇", "mediator": "○△◇", "staff": "●", "supervisor": "●"},
    "record_service": {"adviser": "○△◇", "mediator": "○△◇", "staff": "●", "supervisor": "●"},
    "correct_entry": {"staff": "●", "supervisor": "●"},
    "manage_enterprises": {"adviser": "○△◇", "staff": "●", "supervisor": "●"},
    "manage_members": {"supervisor": "●"},
    "export": {"staff": "●", "supervisor": "●"},
}


def case_for(sign: str, member_id: str, community: str) -> Subject:
    return {
        "○": Subject(community, member_id),
        "△": Subject(community, "zhou", frozenset({member_id})),
        "◇": Subject(community, "zhou", waiting=True),
        "●": Subject("elsewhere", "zhou"),
    }[sign]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: str, action: str) -> None:
    member, signs = PEOPLE[role], EXPECTED[action].get(role, "")
    assert may(member, action) is bool(signs)
    name = member.id if member else "nobody"
    allowed = {s for s in "○△◇●" if may(member, action, case=case_for(s, name, "baima"), street=STREET)}
    served = signs if role == "adviser" else signs.replace("◇", "")  # the mediator serves no community by name
    assert allowed == (set("○△◇●") if signs == "●" else set(served))


def test_an_adviser_does_not_see_waiting_cases_of_other_communities() -> None:
    chen = PEOPLE["adviser"]
    assert not may(chen, "see_facts", case=Subject("qinggang", "zhou", waiting=True), street=STREET)
    assert may(Member("x", "x", communities=("qinggang",)), "see_facts", case=Subject("qinggang", waiting=True))


def test_a_case_of_the_community_that_somebody_has_taken_over_is_no_longer_shown_to_others() -> None:
    assert not may(PEOPLE["adviser"], "see_facts", case=Subject("baima", "zhou", waiting=False), street=STREET)


def test_whoever_only_was_offered_a_case_has_not_had_it() -> None:
    case = make_case(1, adviser_id="zhou", accepted_at=NOW)
    offered, took = Assignment(1, 1, "chen", "own", NOW), Assignment(2, 1, "zhou", "own", NOW, accepted_at=NOW)
    subject = subject_of(case, [offered, took])
    assert (subject.former, subject.asked) == ({"zhou"}, {"chen", "zhou"})
    assert not may(PEOPLE["adviser"], "read_case", case=subject_of(case, [offered, took]), street=STREET)


def test_whoever_was_asked_and_did_not_decline_sees_a_waiting_case_without_words() -> None:
    lin = Member("lin", "林律师")
    asked = Assignment(1, 1, "lin", "expert", NOW, ended_because="timed_out")
    subject = subject_of(make_case(1, adviser_id="zhou"), [asked])
    assert may(lin, "see_facts", case=subject, street=STREET)
    assert not may(lin, "read_case", case=subject, street=STREET)
    asked.ended_because = "declined"
    assert not may(lin, "see_facts", case=subject_of(make_case(1, adviser_id="zhou"), [asked]), street=STREET)


def test_a_conflict_of_interest_closes_a_case_even_for_whoever_had_it() -> None:
    took = Assignment(1, 1, "chen", "own", NOW, accepted_at=NOW, ended_because="declined")
    subject = subject_of(make_case(1, adviser_id="zhou"), [took], ["chen"])
    assert not any(may(PEOPLE["adviser"], a, case=subject, street=STREET) for a in ("see_facts", "read_case"))
    assert may(PEOPLE["supervisor"], "read_case", case=subject)


def test_a_closed_case_is_still_read_by_whoever_had_it() -> None:
    case = make_case(1, adviser_id="chen", accepted_at=NOW, closed_at=NOW)
    assert may(PEOPLE["adviser"], "read_case", case=subject_of(case))


def test_communities_are_those_of_the_street_and_those_listed_with_the_member() -> None:
    assert communities_of(Member("chen", "陈律师", communities=("shiban",)), STREET) == {"baima", "shiban"}
    assert communities_of(Member("new", "新律师"), None) == frozenset()


def test_every_role_of_the_street_has_its_row_and_only_known_actions() -> None:
    assert set(TABLE) == set(ROLES)
    assert {action for row in TABLE.values() for action in row} == set(ACTIONS)
    with pytest.raises(KeyError):
        reach(PEOPLE["supervisor"], "fly")
