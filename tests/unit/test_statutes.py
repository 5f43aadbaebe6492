"""Law texts of our own making, in the format of public collections."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.facts_file import rewrite_facts
from bot.knowledge.laws import LawFacts, facts_of, load_laws, version_in_force
from bot.knowledge.statutes import LawText, merge_versions, read_law, read_laws

OLD = """\
# 中华人民共和国邻里法

2010年3月1日 通过

<!-- INFO END -->

## 第一章 总则

第一条 邻里应当和睦。

第二条 夜里不得喧哗：
（一）唱歌；
（二）施工。

## 第二章 附则

第三条 本法自2010年6月1日起施行。
"""
NEW = """\
# 中华人民共和国邻里法

2010年3月1日 通过
2020年5月1日 修正

<!-- INFO END -->

第一条　邻里应当和睦。
第二条　夜里不得喧哗。第五条的规定除外。
第二条之一　白天也要小声。
第三条　本法自2010年6月1日起施行。
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def law_of(path: Path) -> LawText:
    law = read_law(path)
    assert law
    return law


def test_articles_are_told_apart_and_keep_their_paragraphs(tmp_path: Path) -> None:
    law = law_of(write(tmp_path, "邻里法(2010-03-01).md", OLD))
    assert (law.title, law.version, law.commencement) == ("邻里法", date(2010, 3, 1), date(2010, 6, 1))
    assert list(law.articles) == [(1, 0), (2, 0), (3, 0)]
    assert law.articles[(2, 0)] == "第二条 夜里不得喧哗：\n（一）唱歌；\n（二）施工。\n"
    assert "附则" not in law.articles[(2, 0)]


def test_inserted_articles_stand_for_themselves(tmp_path: Path) -> None:
    law = law_of(write(tmp_path, "邻里法(2020-05-01).md", NEW))
    assert list(law.articles) == [(1, 0), (2, 0), (2, 1), (3, 0)]
    assert law.articles[(2, 1)] == "第二条之一　白天也要小声。\n"


def test_rules_that_count_their_articles_are_read_as_well(tmp_path: Path) -> None:
    counted = "\n\n".join(f"{n}.第{n}件事。\n（1）细节" for n in range(1, 8))
    path = tmp_path / "院规(2020-12-29).md"
    path.write_text(f"# 院规\n\n2020年12月23日 通过\n\n<!-- INFO END -->\n\n## 一、总则\n\n{counted}\n", encoding="utf-8")
    law = read_law(path)
    assert law
    assert list(law.articles) == [(n, 0) for n in range(1, 8)]
    assert law.articles[(7, 0)].splitlines() == ["7.第7件事。", "（1）细节"]


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4], [1, 2, 3, 4, 5, 1, 2], [2, 3, 4, 5, 6, 7]])
def test_lists_in_a_decision_are_no_articles(tmp_path: Path, numbers: list[int]) -> None:
    path = tmp_path / "决定(2020-12-29).md"
    listed = "\n\n".join(f"{n}.把一个词改为另一个词。" for n in numbers)
    path.write_text(f"# 决定\n\n<!-- INFO END -->\n\n{listed}\n", encoding="utf-8")
    assert read_law(path) is None


def test_a_decision_without_articles_is_no_law(tmp_path: Path) -> None:
    assert read_law(write(tmp_path, "决定.md", "# 关于邻里的决定\n<!-- INFO END -->\n会议决定如下。\n")) is None


def test_without_a_date_in_the_name_the_last_adoption_counts(tmp_path: Path) -> None:
    assert law_of(write(tmp_path, "邻里法.md", NEW)).version == date(2020, 5, 1)
    assert law_of(write(tmp_path, "a.md", "第一条 和睦。\n")).version is None


@pytest.mark.parametrize(
    ("last", "head", "begins"),
    [
        ("本法自公布之日起施行。", "", date(2010, 3, 1)),
        ("本法自2011年1月1日起施行。", "", date(2011, 1, 1)),
        ("本法自2011年1月1日起施行。", "2012年2月2日起施行", date(2012, 2, 2)),
        ("邻里互助。", "", None),
    ],
)
def test_commencement_is_read_from_the_head_or_the_last_articles(tmp_path: Path, last, head, begins) -> None:
    text = f"# 法\n{head}\n<!-- INFO END -->\n第一条 和睦。\n第二条 {last}\n"
    assert law_of(write(tmp_path, "法(2010-03-01).md", text)).commencement == begins


@pytest.mark.parametrize(
    ("closing", "repealed"),
    [
        ("《院坝法》同时废止。", ("院坝法",)),
        ("《中华人民共和国院坝法》、《晒坝条例》（国令第1号）同时废止。", ("院坝法", "晒坝条例")),
        ("《院坝法》（法释〔2020〕26号）第三十二条第一款同时废止。", ()),
        ("《院坝法》第三条和《晒坝条例》同时废止。", ("晒坝条例",)),
        ("与《院坝法》不一致的，以本法为准。", ()),
    ],
)
def test_a_law_repeals_whole_laws_but_not_those_that_lose_an_article(tmp_path: Path, closing, repealed) -> None:
    text = f"# 邻里法\n\n<!-- INFO END -->\n\n第一条 和睦。\n\n第二条 本法自2020年1月1日起施行。{closing}\n"
    assert law_of(write(tmp_path, "邻里法(2020-01-01).md", text)).repeals == repealed


def test_books_of_one_code_become_one_text_and_versions_stay_apart(tmp_path: Path) -> None:
    head = "# 中华人民共和国邻里典\n2020年5月28日 通过\n<!-- INFO END -->\n"
    write(tmp_path, "典/1.md", f"{head}第一条 一。\n")
    write(tmp_path, "典/2.md", f"{head}第二条 二。\n")
    write(tmp_path, "邻里法(2010-03-01).md", OLD)
    write(tmp_path, "邻里法(2020-05-01).md", NEW)
    merged = merge_versions(read_laws(tmp_path))
    assert list(merged["邻里典"][date(2020, 5, 28)].articles) == [(1, 0), (2, 0)]
    assert set(merged["邻里法"]) == {date(2010, 3, 1), date(2020, 5, 1)}


def text(version: date | None, commencement: date | None) -> LawText:
    return LawText("邻里法", version, {(1, 0): "第一条"}, commencement, Path("x.md"))


FIRST = text(date(2010, 3, 1), date(2010, 6, 1))
AMENDED = text(date(2020, 5, 1), date(2010, 6, 1))  # names the first commencement, not its own
COMING = text(date(2026, 10, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (date(2010, 5, 31), None),
        (date(2010, 6, 1), FIRST),
        (date(2020, 4, 30), FIRST),
        (date(2020, 5, 1), AMENDED),
        (date(2026, 12, 31), AMENDED),
        (date(2027, 1, 1), COMING),
    ],
)
def test_the_newest_version_that_has_begun_is_in_force(today: date, wanted: LawText | None) -> None:
    assert version_in_force([COMING, FIRST, AMENDED, text(None, None)], today) == wanted


def test_a_commencement_corrected_by_hand_is_kept_for_the_same_version() -> None:
    known = LawFacts("邻里法", date(2020, 5, 1), date(2020, 9, 1), 1)
    assert facts_of(AMENDED, known).in_force_from == date(2020, 9, 1)
    assert facts_of(COMING, known).in_force_from == date(2027, 1, 1)
    assert facts_of(AMENDED, None).in_force_from == date(2020, 5, 1)


def test_law_facts_are_rewritten_from_the_texts(tmp_path: Path) -> None:
    write(tmp_path, "laws/邻里法(2020-05-01).md", NEW)
    path = write(
        tmp_path, "laws.yml", "- {law: 邻里法, version: 2020-05-01, in_force_from: 2020-09-01, articles: 1}\n"
    )
    missing = rewrite_facts(path, ["邻里法", "无名法"], tmp_path / "laws", date(2026, 1, 1))
    assert missing == ["无名法"]
    kept = LawFacts("邻里法", date(2020, 5, 1), date(2020, 9, 1), 3, frozenset({(2, 1)}))
    assert load_laws(path) == {"邻里法": kept}
