"""The pre-check: cases a lawyer can read (legal_aid_cases.yml), and rules that hold for all answers."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.bootstrap import LEGAL_AID
from bot.domain.aid_applications import MASK, hide_id_numbers, read_name, read_phone
from bot.domain.legal_aid import NONE, SIDES, UNKNOWN, AidAnswers, AidRules, Standard, precheck
from bot.knowledge.aid_file import load_aid_file
from tests.builders import PROJECT

CASES = yaml.safe_load((PROJECT / "tests" / "unit" / "legal_aid_cases.yml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def rules() -> AidRules:
    return load_aid_file(LEGAL_AID).rules


@pytest.mark.parametrize("case", CASES, ids=[str(number) for number in range(1, len(CASES) + 1)])
def test_a_case_is_prechecked_as_the_lawyer_wrote(case: dict[str, Any]) -> None:
    assert set(case) <= {"案", "填", "结果", "依据", "材料", "急", "地点"}
    found = precheck(AidAnswers(**case["填"]), rules())
    assert found.result == case["结果"], case["案"]
    cited = {basis for reason in found.reasons for basis in reason.note.basis}
    assert set(case.get("依据", ())) <= cited, case["案"]
    if "材料" in case:
        assert [paper.id for paper in found.papers] == case["材料"]
    assert (found.urgent is not None) == ("急" in case)
    if found.urgent:
        assert case["急"] in found.urgent.basis
    if "地点" in case:
        assert case["地点"] in {basis for note in found.where for basis in note.basis}


def test_every_matter_and_every_exemption_is_in_a_case_or_follows_one_rule() -> None:
    used = {case["填"].get("matter") for case in CASES}
    assert {matter.means for matter in rules().matters.values() if matter.id in used} == {"required", "none", "either"}
    # A matter that no case names differs from a named one in its words only.
    kinds = {(m.side, m.means, m.listed) for m in rules().matters.values() if m.id in used}
    assert {(m.side, m.means, m.listed) for m in rules().matters.values()} <= kinds


ANSWERS = st.builds(
    AidAnswers,
    side=st.sampled_from([*SIDES, UNKNOWN]),
    matter=st.sampled_from([*rules().matters, UNKNOWN]),
    applicant=st.sampled_from(["self", "guardian", "relative", UNKNOWN]),
    lawyer=st.sampled_from(["yes", "no", UNKNOWN]),
    exempt=st.sampled_from([*rules().exemptions, NONE, UNKNOWN]),
    income=st.sampled_from([*rules().incomes, UNKNOWN]),
    urgent=st.sampled_from([*rules().urgencies, NONE, UNKNOWN]),
)
STANDARDS = st.sampled_from([None, 500, 1500, 3000, 9000])


def with_standard(yuan: int | None) -> AidRules:
    return replace(rules(), standard=Standard(yuan, "渝府办发〔2026〕1号", "2026-01-01"))


@given(ANSWERS, STANDARDS, st.sampled_from(["side", "matter", "applicant", "lawyer", "exempt", "income", "urgent"]))
def test_not_knowing_never_makes_it_unlikely(answers: AidAnswers, yuan: int | None, field: str) -> None:
    before = precheck(answers, with_standard(yuan)).result
    after = precheck(replace(answers, **{field: UNKNOWN}), with_standard(yuan)).result
    assert after != "unlikely" or before == "unlikely"


@given(ANSWERS, STANDARDS)
def test_whatever_is_answered_there_are_reasons_papers_and_a_place_with_their_articles(
    answers: AidAnswers, yuan: int | None
) -> None:
    found = precheck(answers, with_standard(yuan))
    notes = [*(r.note for r in found.reasons), *(p.note for p in found.papers), *found.where]
    assert found.reasons
    assert found.papers[0].id == "identity"
    assert found.papers[-1].id == "case"
    assert found.where
    assert all(note.says and note.basis for note in notes)


@pytest.mark.parametrize(
    ("yuan", "income", "exempt", "result"),
    [
        (1500, "i1", NONE, "likely"), (2000, "i2", NONE, "likely"), (1500, "i2", NONE, "unknown"),
        (1500, "i3", NONE, "unlikely"), (2000, "i3", NONE, "unlikely"), (9000, "i4", NONE, "unknown"),
        (1500, "i4", UNKNOWN, "unknown"), (1500, UNKNOWN, NONE, "unknown"), (1500, "i4", "relief", "likely"),
    ],
)  # fmt: skip
def test_a_published_standard_decides_by_range(yuan: int, income: str, exempt: str, result: str) -> None:
    answers = AidAnswers("civil", "wages", "self", "no", exempt, income, NONE)
    assert precheck(answers, with_standard(yuan)).result == result


def test_a_high_income_does_not_exclude_an_accused_who_may_have_other_reasons() -> None:
    answers = AidAnswers("accused", "defence", "self", "no", NONE, "i4", NONE)
    assert precheck(answers, with_standard(1500)).result == "unknown"


def test_where_hardship_does_not_matter_income_changes_nothing() -> None:
    free = [m for m in rules().matters.values() if m.means == "none"]
    assert {m.id for m in free} >= {"violence", "brave", "martyr", "acquitted", "minor"}
    for matter, income in product(free, [*rules().incomes, UNKNOWN]):
        answers = AidAnswers(matter.side, matter.id, "self", "no", NONE, income, NONE)
        assert precheck(answers, with_standard(1500)).result == "likely"


# what applicants write


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("王小明", "王小明"), ("我叫王小明", "王小明"), ("我是 欧阳修文。", "欧阳修文"), ("买买提·艾力", "买买提·艾力"),
        ("John Smith", "John Smith"), ("王", None), ("老板欠我三个月工资怎么办", None), ("13800000000", None),
        ("", None), ("王小明" * 200, None), ("<b>王</b>", None),
    ],
)  # fmt: skip
def test_a_name_is_read_as_people_give_it(said: str, name: str | None) -> None:
    assert read_name(said) == name


@pytest.mark.parametrize(
    ("said", "phone"),
    [
        ("13800000000", "13800000000"), ("138 0000-0000", "13800000000"), ("+86 13800000000", "13800000000"),
        ("(023)68000000", "02368000000"), ("68000000", "68000000"), ("1380000000", None), ("12800000000", None),
        ("没有电话", None), ("", None), ("1" * 500, None), ("500101198001010011", None),
    ],
)  # fmt: skip
def test_a_phone_number_is_read_however_it_is_spaced(said: str, phone: str | None) -> None:
    assert read_phone(said) == phone


@pytest.mark.parametrize("number", ["500101198001010011", "50010119800101001X", "50010119800101001x"])
def test_identity_numbers_are_not_kept(number: str) -> None:
    assert hide_id_numbers(f"我的身份证{number}，欠我21000元") == f"我的身份证{MASK}，欠我21000元"


@pytest.mark.parametrize("text", ["账号6222021234567890123", "合同号202601011234", "13800000000"])
def test_other_numbers_stay(text: str) -> None:
    assert hide_id_numbers(text) == text
