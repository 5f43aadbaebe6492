"""Disputes that are entered at the desk, and the mediations that come of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.mediation import Person
from tests.console.conftest import Console
from tests.console.mediations import AGREED, path_of, store

GIVEN = {
    "source": "police", "kind": "neighbours", "community": "baima", "applicant": "王五", "respondent": "李四",
    "facts": "楼上漏水，泡坏地板", "applicant_phone": "13800000000", "number": "白公调〔2026〕7号", "amount": "3万5",
}  # fmt: skip


def mediations(console: Console) -> list[Any]:
    with console.scene.open_unit(read_only=True) as uow:
        return uow.mediations.list_open()


@pytest.mark.parametrize("member", ["zheng", "wu", "laozhou"])
def test_a_referred_dispute_is_entered_and_leads_to_the_mediations_page(console: Console, member: str) -> None:
    browser = console.log_in(member)
    answer = browser.post("/console/referred", **GIVEN)
    assert answer.status_code == 303, answer.text
    (mediation,) = mediations(console)
    assert answer.headers["location"].startswith(f"/console/mediations/{mediation.reference}?")
    page = browser.get(answer.headers["location"]).text
    assert "已登记。" in page
    assert mediation.reference in page
    assert (mediation.source, mediation.kind, mediation.community) == ("police", "neighbours", "baima")
    assert mediation.content.applicant == Person("王五", "13800000000")
    assert mediation.content.facts == "来文：白公调〔2026〕7号\n楼上漏水，泡坏地板"
    assert mediation.content.amount == 3_500_000
    assert mediation.respondent_consented_at is None


def test_a_mediator_who_enters_it_for_another_is_told_the_number_and_reads_no_further(console: Console) -> None:
    browser = console.log_in("qin")
    answer = browser.post("/console/referred", **GIVEN, mediator="laozhou")
    (mediation,) = mediations(console)
    assert answer.headers["location"].startswith("/console/referred?")
    page = browser.get(answer.headers["location"]).text
    assert mediation.reference in page
    assert "已登记。" in page
    assert browser.get(f"/console/mediations/{mediation.reference}").status_code == 404


def test_whoever_is_named_mediates_and_consent_is_kept(console: Console) -> None:
    console.log_in("zheng").post("/console/referred", **GIVEN, mediator="laozhou", consented="1")
    (mediation,) = mediations(console)
    assert mediation.mediator_id == "laozhou"
    assert mediation.respondent_consented_at == console.now


@pytest.mark.parametrize("changes", [
    {"source": ""}, {"kind": ""}, {"community": ""}, {"applicant": " "}, {"respondent": ""}, {"facts": ""},
    {"amount": "很多钱"},
])  # fmt: skip
def test_a_missing_field_is_marked_and_what_was_written_is_kept(console: Console, changes: dict[str, str]) -> None:
    answer = console.log_in("zheng").post("/console/referred", **{**GIVEN, **changes})
    assert answer.status_code == 422
    assert "标红的几项" in answer.text
    assert answer.text.count('class="wrong"') == 1
    assert "13800000000" in answer.text
    assert mediations(console) == []


@pytest.mark.parametrize(("changes", "said"), [
    ({"source": "self"}, "请选纠纷来源"), ({"source": "mars"}, "请选纠纷来源"), ({"kind": "war"}, "请先选是哪一类纠纷"),
    ({"community": "mars"}, "请选本街道的一个社区"), ({"mediator": "chen"}, "没有这位调解员"),
    ({"applicant": "长" * 41}, "姓名没有写，或者太长"), ({"facts": "长" * 2500}, "请写事情的经过"),
])  # fmt: skip
def test_what_mediation_refuses_is_said_and_what_was_written_is_kept(
    console: Console, changes: dict[str, str], said: str
) -> None:
    answer = console.log_in("zheng").post("/console/referred", **{**GIVEN, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "13800000000" in answer.text
    assert mediations(console) == []


def test_an_adviser_enters_none(console: Console) -> None:
    assert console.log_in("chen").post("/console/referred", **GIVEN).status_code == 403
    assert mediations(console) == []


def test_open_mediations_stand_in_the_queue_of_the_office_and_of_their_mediator(console: Console) -> None:
    zheng = console.log_in("zheng")
    zheng.post("/console/referred", **GIVEN, mediator="laozhou")
    (mediation,) = mediations(console)
    for member, seen in (("zheng", True), ("wu", True), ("laozhou", True), ("qin", False), ("chen", False)):
        page = console.log_in(member).get("/console/").text
        assert (f'href="/console/mediations/{mediation.reference}"' in page) is seen, member
        assert ("等老周书记联系对方，11月26日前" in page) is seen
        assert "王五" not in page
        assert "漏水" not in page


def test_one_that_nobody_has_stands_in_the_queue_of_its_communitys_mediators(console: Console) -> None:
    mediation = store(console, community="qinggang", mediator_id=None)
    for member, seen in (("qin", True), ("laozhou", True), ("chen", False), ("zheng", True)):
        page = console.log_in(member).get("/console/").text
        assert (path_of(mediation) in page) is seen, member


def test_the_earliest_promise_comes_first_and_a_broken_one_is_red(console: Console) -> None:
    for days in (3, -1, 1):
        store(console, due_at=console.now + timedelta(days=days), reference=f"M26-DAYS-{days + 1}")
    page = console.log_in("wu").get("/console/").text
    assert [page.index(f"M26-DAYS-{n}") for n in (0, 2, 4)] == sorted(page.index(f"M26-DAYS-{n}") for n in (0, 2, 4))
    assert page.count("card late") == 1
    late = console.log_in("wu").get("/console/?late=1").text
    assert [f"M26-DAYS-{n}" in late for n in (0, 2, 4)] == [True, False, False]


def test_an_agreement_whose_follow_up_is_due_is_marked(console: Console) -> None:
    mediation = store(console, **AGREED)
    assert "该回访了" not in console.log_in("laozhou").get("/console/").text
    console.scene.now += timedelta(days=31)
    browser = console.log_in("laozhou")
    page = browser.get("/console/").text
    assert path_of(mediation) in page.partition("已结束的调解（1）")[2]
    assert "该回访了" in page
    browser.post(path_of(mediation, "follow_up"), performed="yes")
    assert "该回访了" not in browser.get("/console/").text


def test_the_queues_filter_by_community_counts_for_mediations_too(console: Console) -> None:
    mediation = store(console)
    browser = console.log_in("wu")
    assert path_of(mediation) in browser.get("/console/?community=baima").text
    assert path_of(mediation) not in browser.get("/console/?community=qinggang").text
