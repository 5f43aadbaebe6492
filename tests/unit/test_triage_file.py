"""nlu_data/triage: malformed files are refused with their place and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.knowledge.triage_file import load_triage

ROUTES = """\
reviewed: 2026-11-26
routes:
  - {id: court, title: 法院, does: 判案, when: 谈不拢, contact: 打 12368}
  - {id: adviser, title: 顾问, does: 看材料, when: 说不清, contact: "打 {phone}", service: adviser}
"""
QUESTIONS = """\
reviewed: 2026-11-26
first: root
starts: {other: root, labour: pay}
nodes:
  - id: root
    ask: 是哪一类？
    options: [{title: 工资, to: pay}, {title: 其他, to: talk}]
    unknown: talk
  - id: pay
    ask: 多久了？
    options: [{title: 7天内, to: sue, elapsed: 7}, {title: 更久, to: talk}]
    unknown: sue
leaves:
  - {id: talk, routes: [adviser], why: 因为说不清, matter: other}
  - id: sue
    routes: [court, adviser]
    why: 因为能告
    deadline: {text: 十五日内, days: 15, basis: [{law: 测试法, article: 3}]}
"""


def load(folder: Path, routes: str = ROUTES, questions: str = QUESTIONS):
    (folder / "routes.yml").write_text(routes, encoding="utf-8")
    (folder / "questions.yml").write_text(questions, encoding="utf-8")
    return load_triage(folder)


def refusal(folder: Path, routes: str = ROUTES, questions: str = QUESTIONS) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, routes, questions)
    assert "\n→ " in str(caught.value)
    return str(caught.value).removeprefix(f"{folder}/")


def test_a_sound_pair_of_files_is_read(tmp_path: Path) -> None:
    triage = load(tmp_path)
    assert set(triage.routes) == {"court", "adviser"}
    assert [option.title for option in triage.nodes["pay"].options] == ["7天内", "更久", ""]
    assert triage.leaves["sue"].deadline.basis == (("测试法", (3, 0)),)


@pytest.mark.parametrize(
    ("old", "new", "place_and_reason"),
    [
        ("  - {id: court, title: 法院", "  - {id: court, name: 法院", "routes.yml:3: court: unknown: name"),
        ("title: 法院", "title: 人民法院的诉讼服务中心在哪里呀", "routes.yml:3: court: “title”"),
        ("does: 判案", "does: ''", "routes.yml:3: court: “does”"),
        ("id: court", "id: 法院", "routes.yml:3: 法院: “id” must be english_words"),
        ("id: adviser", "id: court", "routes.yml:4: court stands twice"),
        ("{phone}", "{mobile}", "routes.yml:4: adviser: “contact”: {mobile}"),
        ("service: adviser", "service: lawyer", "routes.yml:4: adviser: “service” is one of"),
        ("打 12368}", "打 12368, call: [12368]}", "routes.yml: a row is not a mapping"),
        ("打 12368}", "打 12368, papers: 身份证}", "routes.yml:3: court: “papers” must be a list"),
        ("打 12368}", "打 12368, papers: [1]}", "routes.yml:3: court: “papers” must be a list of texts"),
        ("打 12368}", "打 12368, basis: [{law: 测试法}]}", "routes.yml:3: court: “basis”"),
        ("打 12368}", "打 12368, period: {text: 一年}}", "routes.yml:3: a row: “basis”"),
        ("打 12368}", "打 12368, needs_room: 是}", "routes.yml:3: court: “needs_room”"),
        ("reviewed: 2026-11-26", "reviewed: 昨天", "routes.yml:1: “reviewed” must be a date"),
        ("routes:", "roots:", "routes.yml:1: needed: reviewed, routes"),
    ],
)
def test_malformed_routes_are_refused(tmp_path: Path, old: str, new: str, place_and_reason: str) -> None:
    assert old in ROUTES
    assert refusal(tmp_path, routes=ROUTES.replace(old, new, 1)).startswith(place_and_reason)


@pytest.mark.parametrize(
    ("old", "new", "place_and_reason"),
    [
        (
            "to: talk}]\n    unknown: talk",
            "to: tlak}]\n    unknown: talk",
            "questions.yml:5: root: leads to “tlak”",
        ),
        ("unknown: sue", "unknown: root", "questions.yml:5: root: leads back to itself"),
        ("routes: [court, adviser]", "routes: [lawyer]", "questions.yml:15: sue: the route “lawyer”"),
        ("routes: [adviser], why", "routes: [], why", "questions.yml:14: talk: “routes” must be a list"),
        ("why: 因为能告", "why: 能告", "questions.yml:15: sue: “why” begins with 因为"),
        ("labour: pay", "labour: nowhere", "questions.yml:1: starts: labour begins at “nowhere”"),
        ("first: root", "first: talk", "questions.yml:1: starts: first begins at “talk”"),
        ("    unknown: sue\n", "", "questions.yml:9: pay: “unknown”"),
        ("ask: 多久了？", "ask: " + "多" * 21, "questions.yml:9: pay: “ask” must be text of at most 20"),
        ("title: 更久", "title: 7天内", "questions.yml:9: pay: two options have the same title"),
        ("title: 更久", "title: " + "久" * 13, "questions.yml:11: " + "久" * 13 + ": “title”"),
        ("elapsed: 7", "elapsed: 七", "questions.yml:11: 7天内: “elapsed” is a number"),
        ("{title: 工资, to: pay}", "{title: 工资, to: pay, elapsed: 3}", "questions.yml:5: root: “elapsed”"),
        (", {title: 更久, to: talk}]", "]", "questions.yml:9: pay: “options” must be a list with at least 2"),
        ("to: pay}", "to: " + "p" * 23 + "}", "questions.yml:7: 工资: “to” must be text of at most 22"),
        ("matter: other", "matter: nothing", "questions.yml:14: talk: the matter “nothing” begins nowhere"),
        ("days: 15", "days: -1", "questions.yml:18: a row: “days”"),
        ("id: sue", "id: pay", "questions.yml"),
        ("leaves:", "leafs:", "questions.yml:1: needed:"),
        ("starts: {other: root, labour: pay}", "starts: root", "questions.yml:1: “starts” must be"),
    ],
)
def test_malformed_questions_are_refused(tmp_path: Path, old: str, new: str, place_and_reason: str) -> None:
    assert old in QUESTIONS
    assert refusal(tmp_path, questions=QUESTIONS.replace(old, new, 1)).startswith(place_and_reason)


def test_more_than_five_options_do_not_fit(tmp_path: Path) -> None:
    many = ", ".join(f"{{title: 第{n}, to: talk}}" for n in range(6))
    message = refusal(tmp_path, questions=QUESTIONS.replace("{title: 其他, to: talk}", many))
    assert message.startswith("questions.yml:5: root: at most five")


def test_what_nothing_leads_to_is_refused(tmp_path: Path) -> None:
    lonely = QUESTIONS + "  - {id: lonely, routes: [court], why: 因为没人来}\n"
    assert refusal(tmp_path, questions=lonely).startswith("questions.yml:19: lonely: nothing leads to it")


def test_a_leaf_that_two_matters_share_must_say_what_it_counts_as(tmp_path: Path) -> None:
    message = refusal(tmp_path, questions=QUESTIONS.replace(", matter: other", ""))
    assert message.startswith("questions.yml:14: talk: labour, other are equally near")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_triage(tmp_path)
