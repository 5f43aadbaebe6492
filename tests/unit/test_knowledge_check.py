from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.domain.errors import NotReady
from bot.knowledge.check import check_against_texts, check_entries
from bot.knowledge.citations import Citation
from bot.knowledge.laws import LawFacts
from tests.builders import make_entry

TODAY = date(2026, 11, 23)
LAW = LawFacts("邻里法", date(2020, 1, 1), date(2020, 6, 1), 10, frozenset({(3, 1)}))
ENTRY = make_entry(basis=(Citation("邻里法", (3, 1)), Citation("邻里法", (10, 0))), deadline=None, local=())


def found(entry=ENTRY, law=LAW) -> list[str]:
    return [finding.message for finding in check_entries({entry.id: entry}, {law.law: law}, TODAY)]


def citing(law: str, number: int, sub: int = 0):
    return make_entry(basis=(Citation(law, (number, sub)),), deadline=None, local=())


def test_a_sound_entry_has_no_findings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("entry", "law", "message"),
    [
        (make_entry(basis=ENTRY.basis, deadline=None, local=(), reviewed=date(2026, 11, 24)), LAW,
         "reviewed 2026-11-24 lies in the future"),
        (citing("无名法", 1), LAW, "《无名法》 is not in laws.yml"),
        (ENTRY, LawFacts("邻里法", date(2020, 1, 1), date(2026, 11, 24), 10, frozenset({(3, 1)})),
         "《邻里法》 is in force only from 2026-11-24"),
        (citing("邻里法", 11), LAW, "《邻里法》(2020-01-01) has no 第十一条"),
        (citing("邻里法", 3, 2), LAW, "《邻里法》(2020-01-01) has no 第三条之二"),
        (ENTRY, LawFacts("邻里法", date(2025, 1, 1), date(2025, 1, 1), 10, frozenset({(3, 1)})),
         "was checked against the version of 2020-01-01, in force is that of 2025-01-01"),
    ],
)  # fmt: skip
def test_each_kind_of_miss_is_found(entry, law, message: str) -> None:
    assert message in found(entry, law)


def test_deadlines_and_local_rules_are_checked_too() -> None:
    entry = make_entry(basis=ENTRY.basis)
    assert found(entry) == ["《测试仲裁法》 is not in laws.yml", "《测试条例》 is not in laws.yml"]


def test_a_question_under_two_entries_is_found() -> None:
    other = replace(ENTRY, id="labour.other")
    findings = check_entries({entry.id: entry for entry in (ENTRY, other)}, {LAW.law: LAW}, TODAY)
    expected = [
        f"labour.yml:1: labour.other: {question} stands under {ENTRY.id} as well: leave it with the one that answers it"
        for question in ENTRY.ask
    ]
    assert [str(finding) for finding in findings] == expected


def test_a_finding_names_the_place() -> None:
    finding = next(check_entries({"a": citing("无名法", 1)}, {}, TODAY))
    assert str(finding) == "labour.yml:1: labour.unpaid_wages: 《无名法》 is not in laws.yml"


def text_findings(folder: Path, law=LAW, entry=ENTRY) -> list[str]:
    return [str(finding) for finding in check_against_texts({entry.id: entry}, {law.law: law}, folder, TODAY)]


def write_law(
    folder: Path, version: str, articles: str = "第三条之一 小声。\n第十条 本法自2020年6月1日起施行。\n"
) -> None:
    (folder / f"邻里法({version}).md").write_text(f"# 邻里法\n<!-- INFO END -->\n{articles}", encoding="utf-8")


def test_facts_that_agree_with_the_texts_have_no_findings(tmp_path: Path) -> None:
    write_law(tmp_path, "2020-01-01")
    write_law(tmp_path, "2026-12-01")  # not yet in force
    assert text_findings(tmp_path) == []


def test_a_law_without_a_text_in_force_is_found(tmp_path: Path) -> None:
    write_law(tmp_path, "2026-12-01")
    assert text_findings(tmp_path) == [
        "laws.yml: 邻里法: no version in force among the law texts",
        "labour.yml:1: labour.unpaid_wages: 《邻里法》第三条之一 does not stand in the law texts in force",
        "labour.yml:1: labour.unpaid_wages: 《邻里法》第十条 does not stand in the law texts in force",
    ]


def test_another_version_and_other_articles_are_found(tmp_path: Path) -> None:
    write_law(tmp_path, "2024-01-01", "第三条之一 小声。\n第十二条 完。\n")
    assert text_findings(tmp_path) == [
        "laws.yml: 邻里法: laws.yml knows the version of 2020-01-01, in force is that of 2024-01-01",
        "laws.yml: 邻里法: laws.yml says 10 articles, the text has 12",
        "labour.yml:1: labour.unpaid_wages: 《邻里法》第十条 does not stand in the law texts in force",
    ]


def test_a_folder_without_law_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="holds no law texts"):
        text_findings(tmp_path)
    with pytest.raises(NotReady, match="is not a folder"):
        text_findings(tmp_path / "nowhere")
