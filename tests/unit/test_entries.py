"""A malformed file is refused with its place and what to do: the people who write entries see nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.errors import ConfigError
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.entries import load_entries

GOOD: dict[str, Any] = {
    "id": "labour.wages", "title": "老板拖欠工资怎么办", "ask": [f"问法{n}" for n in range(10)], "answer": "要按时发工资。",
    "steps": ["留好证据"], "evidence": ["合同"], "basis": [{"law": "劳动合同法", "article": 85}],
    "route": ["labour_inspection"], "reviewed": date(2026, 11, 1), "law_date": date(2012, 12, 28),
}  # fmt: skip
BASIS = [{"law": "劳动合同法", "article": 85}]
GONE = object()


def entry_text(**changes: Any) -> str:
    entry = {key: value for key, value in {**GOOD, **changes}.items() if value is not GONE}
    return yaml.safe_dump([entry], allow_unicode=True, sort_keys=False)


def write(folder: Path, text: str, name: str = "labour.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_entries(folder)
    return str(caught.value)


def test_a_full_entry_is_read(tmp_path: Path) -> None:
    deadline = {"text": "一年内", "basis": [{"law": "《中华人民共和国仲裁法》", "article": "27之一"}]}
    local = {"chongqing": {"text": "先打12333", "basis": BASIS}}
    write(tmp_path, "# 工资\n\n" + entry_text(deadline=deadline, local=local, related=["labour.wages"]))
    entry = load_entries(tmp_path)["labour.wages"]
    assert (entry.matter, entry.line) == ("labour", 3)
    assert entry.citations == (
        Citation("劳动合同法", (85, 0)),
        Citation("仲裁法", (27, 1)),
        Citation("劳动合同法", (85, 0)),
    )
    assert dict(entry.local)["chongqing"].text == "先打12333"


MALFORMED = [
    ({"title": GONE, "steps": GONE}, "missing: steps, title", "see docs"),
    ({"titel": "x"}, "unknown: titel", "correct the spelling"),
    ({"id": "lending.wages"}, "the id must be labour.<english_words>", "see docs"),
    ({"id": "labour.Wages"}, "the id must be labour.<english_words>", "see docs"),
    ({"id": "labour." + "w" * 42}, "“id” has 49 characters, at most 48 fit", "shorten it"),
    ({"id": 5}, "“id” must be text", "see docs"),
    ({"title": "长" * 25}, "“title” has 25 characters", "shorten it"),
    ({"answer": ["一", "二"]}, "“answer” must be text", "see docs"),
    ({"answer": "  "}, "“answer” must be text", "see docs"),
    ({"answer": "长" * 141}, "“answer” has 141 characters, at most 140", "shorten it"),
    ({"ask": [f"问{n}" for n in range(9)]}, "“ask” has 9 items, at least 10", "see docs"),
    ({"ask": [*GOOD["ask"], 12348]}, "“ask” must be a list of texts", "in quotes"),
    ({"ask": [*GOOD["ask"], " "]}, "“ask” must be a list of texts", "in quotes"),
    ({"ask": "怎么办"}, "“ask” must be a list of texts", "in quotes"),
    ({"steps": []}, "“steps” has 0 items, at least 1", "see docs"),
    ({"steps": ["长" * 46]}, "is longer than 45 characters", "shorten it"),
    ({"steps": [f"步{n}" for n in range(10)]}, "“steps” has 10 items, at most 9", "join some"),
    ({"evidence": ["长" * 21]}, "is longer than 20 characters", "shorten it"),
    ({"steps": ["长" * 45] * 8}, "at most 360 fit", "shorten them"),
    ({"basis": []}, "“basis” must be a list", "see docs"),
    ({"basis": {"law": "劳动合同法", "article": 85}}, "“basis” must be a list", "see docs"),
    ({"basis": ["劳动合同法85"]}, "{law: …, article: …} expected", "133之一"),
    ({"basis": [{"law": "劳动合同法"}]}, "{law: …, article: …} expected", "133之一"),
    ({"basis": [{"article": 85}]}, "{law: …, article: …} expected", "133之一"),
    ({"basis": [{"law": "劳动合同法", "article": "85条"}]}, "{law: …, article: …} expected", "133之一"),
    ({"basis": [{"law": "劳动合同法", "article": 0}]}, "{law: …, article: …} expected", "133之一"),
    ({"reviewed": "昨天"}, "“reviewed” must be a date", "see docs"),
    ({"law_date": 2012}, "“law_date” must be a date", "see docs"),
    ({"deadline": "一年内"}, "“deadline” must be {text", "see docs"),
    ({"deadline": {"text": "一年内"}}, "“deadline” must be a list", "see docs"),
    ({"local": "先打12333"}, "“local” must be {place", "see docs"),
    ({"local": {"chongqing": "先打12333"}}, "“local” must be {text", "see docs"),
    ({"related": ["labour.nothing"]}, "related entry labour.nothing does not exist", "correct or remove it"),
]


@pytest.mark.parametrize(("changes", "what", "remedy"), MALFORMED, ids=[what for _, what, _ in MALFORMED])
def test_a_malformed_entry_is_refused_with_line_and_remedy(
    tmp_path: Path, changes, what: str, remedy: str
) -> None:
    path = write(tmp_path, "# 工资\n# 劳动\n\n" + entry_text(**changes))
    place, _, rest = refusal(tmp_path).partition(": ")
    said, _, advice = rest.partition("\n→ ")
    assert place == f"{path}:4"
    assert what in said
    assert remedy in advice


SPOILT = [
    ("- id: labour.wages\n  title: 一\n  title: 二\n", 3, "the key “title” stands twice"),
    ("- id: labour.wages\n\ttitle: 一\n", 2, "tab character"),
    ("- id: labour.wages\n  title: “一\n  ask: [一, 二\n", 4, "expected ',' or ']'"),
    ("- id: labour.wages\n  title: 一: 二\n", 2, "mapping values are not allowed"),
    ("- id: labour.wages\n  reviewed: 2026-02-30\n", 2, "2026-02-30: day is out of range"),
    ("- id: labour.wages\n  [一, 二]: 三\n", 2, "a key must be a word"),
    ("id: labour.wages\n", 1, "must be a list of entries"),
    ("", 1, "must be a list of entries"),
]


@pytest.mark.parametrize(("text", "line", "what"), SPOILT)
def test_spoilt_yaml_is_refused_with_line_and_remedy(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = write(tmp_path, text)
    message = refusal(tmp_path)
    assert message.startswith(f"{path}:{line}: ")
    assert what in message
    assert "\n→ " in message


def test_a_moment_is_no_date(tmp_path: Path) -> None:
    write(tmp_path, entry_text().replace("reviewed: 2026-11-01", "reviewed: 2026-11-01 10:00:00"))
    assert "“reviewed” must be a date" in refusal(tmp_path)


def test_a_stray_item_is_refused(tmp_path: Path) -> None:
    write(tmp_path, entry_text() + "- 工资\n")
    assert "an entry is not a mapping\n→ begin each with" in refusal(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labour.yml").write_bytes("- id: 工资".encode("gb18030"))
    assert "not UTF-8" in refusal(tmp_path)


def test_an_id_stands_only_once(tmp_path: Path) -> None:
    lines = entry_text().count("\n")
    path = write(tmp_path, entry_text() + entry_text())
    assert refusal(tmp_path).startswith(f"{path}:{lines + 1}: labour.wages stands twice\n→ ")


def test_a_folder_without_entries_is_refused(tmp_path: Path) -> None:
    assert "no knowledge entries found\n→ " in refusal(tmp_path)


@pytest.mark.parametrize(
    "written",
    ["劳动合同法", "《劳动合同法》", "中华人民共和国劳动合同法", "《中华人民共和国劳动合同法》", " 劳动 合同法 "],
)
def test_a_law_has_one_title_however_it_is_written(written: str) -> None:
    assert law_title(written) == "劳动合同法"


def test_a_title_within_a_title_is_kept() -> None:
    written = "最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）"
    assert law_title(written) == written
