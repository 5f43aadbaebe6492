"""nlu_data/legal_aid.yml: a malformed one is refused with its place; its citations are checked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.bootstrap import LAWS, LEGAL_AID
from bot.domain.buttons import Buttons
from bot.domain.errors import ConfigError
from bot.domain.legal_aid import SIDES
from bot.knowledge.aid_file import MAX_TITLE, check_aid_file, load_aid_file
from bot.knowledge.check import check_against_texts
from bot.knowledge.citations import Citation
from bot.knowledge.laws import load_laws
from tests.builders import PROJECT

TEXT = LEGAL_AID.read_text(encoding="utf-8")
WAGES = "{id: wages, side: civil, title: 老板欠我工钱, legal_matter: labour, means: required,"
CHANGES = [
    ("reviewed: 2026-11-26", "reviewed: gestern", "“reviewed:” must be a date"),
    (WAGES, WAGES.replace("wages", "Lohn!"), "is no id"),
    (WAGES, WAGES.replace("wages", "support"), "stands twice"),
    (WAGES, WAGES.replace("wages", "unknown"), "is no id"),
    (WAGES, WAGES.replace("side: civil", "side: left"), "“side” must be one of"),
    (WAGES, WAGES.replace("老板欠我工钱", "老板" * 7), f"at most {MAX_TITLE} characters"),
    (WAGES, WAGES.replace("required", "maybe"), "“means” must be one of"),
    (WAGES, WAGES.replace("wages", "loans"), "“matters:” lacks wages"),
    ("standard: {ask: centre}", "standard: {yuan: viel}", "“standard” must be"),
    ("above: 1000, below: 2000", "above: 2000, below: 1000", "the second is more"),
    ("  income_near:", "  income_nearly:", "“reasons:” lacks income_near"),
    ("  detained: {says", "  jailed: {says", "“places:” lacks detained"),
    ("{id: agent,", "{id: agency,", "“papers:” lacks agent"),
    ("place: reconsideration,", "place: moon,", "“places:” lacks moon"),
    ("sides: [accused]", "sides: [nobody]", "“sides” must be some of"),
    ("article: 24}, {law: 法律援助法, article: 30}", "article: 24}, {law: 法律援助法}", "“basis” must be a list"),
    ("labels:\n", "headings:\n", "“labels:” is missing"),
]


@pytest.mark.parametrize(("old", "new", "reason"), CHANGES)
def test_a_malformed_file_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert TEXT.count(old) >= 1
    path = tmp_path / "legal_aid.yml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_aid_file(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


def test_a_rule_without_an_article_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "legal_aid.yml"
    path.write_text(TEXT.replace(", basis: [{law: 法律援助法, article: 42}]}", "}", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="every rule rests on an article"):
        load_aid_file(path)


@pytest.mark.parametrize("text", ["", "- a\n", "5\n"])
def test_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "legal_aid.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_aid_file(path)


def test_a_published_standard_is_read_with_its_source(tmp_path: Path) -> None:
    path = tmp_path / "legal_aid.yml"
    published = "standard: {yuan: 1500, source: 某文件, as_of: 2026-07-01}"
    path.write_text(TEXT.replace("standard: {ask: centre}", published), encoding="utf-8")
    standard = load_aid_file(path).rules.standard
    assert (standard.yuan, standard.source, standard.as_of) == (1500, "某文件", "2026-07-01")


def test_the_real_file_asks_the_centre_for_the_standard() -> None:
    assert load_aid_file(LEGAL_AID).rules.standard.yuan is None


def test_a_citation_that_does_not_stand_is_found(tmp_path: Path) -> None:
    path = tmp_path / "legal_aid.yml"
    changed = TEXT.replace("article: 32}", "article: 72}", 1).replace("law: 反家庭暴力法", "law: 家庭法", 1)
    path.write_text(changed, encoding="utf-8")
    messages = [str(finding) for finding in check_aid_file(load_aid_file(path), load_laws(LAWS), date(2026, 11, 26))]
    assert len(messages) == 2
    assert "第七十二条" in messages[0]
    assert "《家庭法》 is not in laws.yml" in messages[1]


def test_a_review_in_the_future_is_found() -> None:
    aid = load_aid_file(LEGAL_AID)
    assert any("future" in str(finding) for finding in check_aid_file(aid, load_laws(LAWS), date(2026, 11, 1)))


def test_citations_outside_the_entries_are_checked_against_the_texts(tmp_path: Path) -> None:
    head = "# 法律援助法\n\n2021年8月20日 通过\n\n<!-- INFO END -->\n\n"
    (tmp_path / "law.md").write_text(head + "第一条 甲。\n\n第二条 本法自2022年1月1日起施行。\n", encoding="utf-8")
    cited = [("legal_aid.yml:3", Citation("法律援助法", (1, 0))), ("legal_aid.yml:9", Citation("法律援助法", (9, 0)))]
    found = [str(finding) for finding in check_against_texts({}, {}, tmp_path, date(2026, 11, 26), cited)]
    assert found == ["legal_aid.yml:9: 《法律援助法》第九条 does not stand in the law texts in force"]


def test_every_choice_fits_a_signed_button() -> None:
    rules, buttons = load_aid_file(LEGAL_AID).rules, Buttons(b"k" * 32)
    for slot, names in (("aid_matter", rules.matters), ("aid_exempt", rules.exemptions), ("aid_urgent", rules.urgencies)):
        assert all(buttons.sign("telegram", "1" * 20, f"slot:{slot}={name}") for name in names)


def test_every_matter_is_counted_under_one_that_exists() -> None:
    known = (PROJECT / "nlu_data" / "matters.yml").read_text(encoding="utf-8")
    matters = load_aid_file(LEGAL_AID).rules.matters.values()
    assert all(f"{{id: {matter.legal_matter}," in known for matter in matters)
    assert {matter.side for matter in matters} == set(SIDES)
