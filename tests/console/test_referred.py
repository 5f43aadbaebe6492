"""Disputes that are entered at the desk, and the mediations that come of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.mediation import Person
from tests.console.conftest import Console

GIVEN = {
    "source": "police", "kind": "neighbours", "community": "baima", "applicant": "王五", "respondent": "李四",
    "facts": "楼上漏水，泡坏地板", "applicant_phone": "13800000000", "number": "白公调〔2026〕7号", "amount": "3万5",
}  # fmt: skip


def mediations(console: Console) -> list[Any]:
    with console.scene.open_unit(read_only=True) as uow:
        return uow.mediations.list_open()


@pytest.mark.parametrize("member", ["zheng", "wu", "laozhou"])
def test_a_referred_dispute_is_entered_and_its_number_shown(console: Console, member: str) -> None:
    browser = console.log_in(member)
    answer = browser.post("/console/referred", **GIVEN)
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.headers["location"]).text
    (mediation,) = mediations(console)
    assert "已登记。" in page
    assert mediation.reference in page
    assert (mediation.source, mediation.kind, mediation.community) == ("police", "neighbours", "baima")
    assert mediation.content.applicant == Person("王五", "13800000000")
    assert mediation.content.facts == "来文：白公调〔2026〕7号\n楼上漏水，泡坏地板"
    assert mediation.content.amount == 3_500_000
    assert mediation.respondent_consented_at is None


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
    for member, seen in (("zheng", True), ("wu", True), ("laozhou", True), ("chen", False)):
        page = console.log_in(member).get("/console/").text
        assert (mediation.reference in page) is seen, member
        assert "王五" not in page
        assert "漏水" not in page
