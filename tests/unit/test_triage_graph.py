"""The triage that ships: whole, within the limits of a phone, with every article in force, and kind to old buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import FAQ, LAWS, TRIAGE
from bot.domain.buttons import Buttons
from bot.domain.messages import MAX_PAYLOAD
from bot.domain.triage import NEAR_DAYS, SERVICES, Node, Recommendation, Rule, button_argument, is_urgent
from bot.knowledge.check import check_triage
from bot.knowledge.entries import load_entries
from bot.knowledge.laws import load_laws
from bot.knowledge.matters import load_matters
from bot.knowledge.triage_file import reviewed_on, triage_citations
from bot.knowledge.triage_graph import find_fault
from bot.services.recommendation import recommendation_reply
from bot.services.triage import question_reply
from tests.builders import PROJECT, make_library, real_triage

GRAPH = real_triage()
LIBRARY = make_library()
PERMANENT = set((Path(__file__).parent / "triage_ids.txt").read_text(encoding="utf-8").split())
# The longest answer that a phone shows without much scrolling, in characters.
MAX_RECOMMENDATION = 420


def every_step() -> list[tuple[str, Recommendation]]:
    found = {
        f"{leaf.id}/{route}": Recommendation(leaf, route)
        for leaf in GRAPH.leaves.values()
        for route in leaf.routes
    }
    for node in GRAPH.nodes.values():
        for option in node.options:
            if leaf := GRAPH.leaves.get(option.to):
                found[button_argument(option)] = Recommendation(leaf, elapsed=option.elapsed)
    return list(found.items())


def questions_to_a_leaf(name: str) -> int:
    if name in GRAPH.leaves:
        return 0
    return 1 + max(questions_to_a_leaf(option.to) for option in GRAPH.nodes[name].options)


def test_the_graph_is_whole() -> None:
    assert find_fault(GRAPH) is None


def test_every_matter_begins_somewhere() -> None:
    assert set(GRAPH.starts) == set(load_matters(PROJECT / "nlu_data" / "matters.yml"))


@pytest.mark.parametrize("start", sorted(set(GRAPH.starts.values())))
def test_four_questions_lead_from_a_matter_to_a_person(start: str) -> None:
    assert questions_to_a_leaf(start) <= 4


def test_not_to_know_is_always_an_answer_and_never_a_dead_end() -> None:
    for node in GRAPH.nodes.values():
        assert [option.title for option in node.options].index("") == len(node.options) - 1
        name = node.id
        while name in GRAPH.nodes:  # 不清楚 all the way
            name = GRAPH.nodes[name].options[-1].to
        assert GRAPH.leaves[name].routes


def test_no_id_is_removed_silently() -> None:
    present = {*GRAPH.nodes, *GRAPH.leaves, *GRAPH.routes}
    assert PERMANENT - present == set(), "old buttons carry these ids: keep them, or let them lead on"
    assert present - PERMANENT == set(), "add these to triage_ids.txt: from now on they are permanent"


def test_every_route_is_recommended_somewhere_or_named_by_an_entry() -> None:
    named = {route for leaf in GRAPH.leaves.values() for route in leaf.routes}
    named |= {route for entry in load_entries(FAQ).values() for route in entry.route}
    assert set(GRAPH.routes) - named == set()


def test_every_article_is_in_force_and_every_route_of_an_entry_known() -> None:
    today = reviewed_on(TRIAGE)
    assert [str(f) for f in check_triage(GRAPH, today, load_entries(FAQ), load_laws(LAWS), today)] == []
    assert sum(map(len, triage_citations(GRAPH).values())) > 300


def test_a_new_version_of_a_cited_law_is_noticed() -> None:
    laws = load_laws(LAWS)
    changed = {**laws, "人民调解法": replace(laws["人民调解法"], next_from=date(2027, 1, 1))}
    before = list(check_triage(GRAPH, date(2026, 11, 26), {}, changed, date(2026, 12, 31)))
    after = list(check_triage(GRAPH, date(2026, 11, 26), {}, changed, date(2027, 1, 1)))
    assert before == []
    assert {finding.where for finding in after} >= {"nlu_data/triage: people_mediation"}


@pytest.mark.parametrize("name", [name for name, _ in every_step()] + sorted(GRAPH.nodes))
def test_every_button_fits_telegram_and_leads_on(name: str) -> None:
    step = GRAPH.find_step(name)
    assert step is not None
    reply = question_reply(step, LIBRARY) if isinstance(step, Node) else recommendation_reply(step, LIBRARY)
    titles = [button.title for row in reply.buttons for button in row]
    assert len(set(titles)) == len(titles)
    for row in reply.buttons:
        for button in row:
            assert 0 < len(button.title) <= 20
            assert bool(button.payload) != bool(button.url)
            assert len(button.payload.encode()) <= MAX_PAYLOAD
            assert not button.payload or len(Buttons(b"k" * 32).sign("telegram", "1" * 20, button.payload)) <= 64
            verb, _, argument = button.payload.partition(":")
            assert verb != "triage" or GRAPH.find_step(argument) is not None


@pytest.mark.parametrize(("name", "step"), every_step(), ids=[name for name, _ in every_step()])
def test_a_recommendation_says_who_why_and_how_on_one_screen(name: str, step: Recommendation) -> None:
    text = recommendation_reply(step, LIBRARY).text
    assert ("因为" in text) or ("什么时候选它" in text)
    assert "【怎么找】" in text
    assert "{" not in text
    assert len(text) <= MAX_RECOMMENDATION


def test_services_that_falin_starts_are_the_known_ones() -> None:
    assert {route.service for route in GRAPH.routes.values()} == {"", *SERVICES}


@pytest.mark.parametrize(
    "name", ["vio_now", "vio_recent", "vio_weak", "min_abuse", "saf_now", "fra_now", "fig_hurt"]
)
def test_in_danger_the_police_come_first(name: str) -> None:
    leaf = GRAPH.leaves[name]
    reply = recommendation_reply(Recommendation(leaf), LIBRARY)
    assert leaf.urgent
    assert leaf.routes[0] == "police"
    assert "110" in reply.text.splitlines()[0]
    assert reply.buttons[0][0].url == "tel:110"


def test_domestic_violence_is_never_sent_to_mediation_first() -> None:
    below = GRAPH.distances("violence")
    for leaf in (GRAPH.leaves[name] for name in below if name in GRAPH.leaves):
        assert not {"people_mediation", "mediation_room", "mediation_police"} & set(leaf.routes)


def test_every_period_that_is_counted_in_days_says_so_in_words() -> None:
    numerals = {3: "三日", 5: "五日", 7: "七日", 10: "十日", 15: "十五日", 60: "六十日"}
    counted = [leaf.deadline for leaf in GRAPH.leaves.values() if leaf.deadline and leaf.deadline.days]
    assert len(counted) >= 8
    for rule in counted:
        assert isinstance(rule, Rule)
        assert numerals[rule.days or 0] in rule.text


def test_a_period_that_ends_within_days_is_urgent() -> None:
    near = [
        (node.id, option.title)
        for node in GRAPH.nodes.values()
        for option in node.options
        if option.elapsed is not None and is_urgent(GRAPH.leaves[option.to], option.elapsed)
    ]
    assert ("award", "7天内") in near
    assert ("judgment", "15天内") in near
    assert ("decision", "两个月内") in near
    assert ("decision", "一个月内") not in near
    assert NEAR_DAYS == 15


def test_the_documentation_lists_every_route() -> None:
    table = (PROJECT / "docs" / "triage.md").read_text(encoding="utf-8")
    assert [route.id for route in GRAPH.routes.values() if f"| `{route.id}` | {route.title} |" not in table] == []
