"""Whole conversations, written as data: see README.md in this folder."""
from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.messages import Attachment
from bot.services.members import invite_member
from tests.agent_home import Falin, Visitor

pytestmark = pytest.mark.agent
FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.yml"))
CONVERSATIONS = [
    pytest.param(conversation, id=f"{file.stem}-{number}")  # pytest would print Chinese as \\u
    for file in FILES
    for number, conversation in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
]
QUESTIONS = yaml.safe_load((FOLDER / "questions.yaml").read_text(encoding="utf-8"))
ACTS = ("居民", "点", "点旧", "发", "发照片", "邀请", "过了")
CHECKS = ("谁", "法邻", "先说", "不说", "按钮", "没有按钮", "不答", "收到")
ENDS = ("对话", "步骤", "台账", "登记", "案件", "援助")


def as_list(value: Any) -> list[str]:
    return [] if value is None else [str(item) for item in (value if isinstance(value, list) else [value])]


class Play:
    """Plays one conversation on a fresh installation."""

    def __init__(self, falin: Falin) -> None:
        self.falin = falin
        self.people: dict[str, Visitor] = {}
        self.names: dict[str, str] = {}

    def person(self, name: str) -> Visitor:
        if name not in self.people:
            self.people[name] = self.falin.visitor("telegram" if name.endswith("律师") else "webchat")
        return self.people[name]

    def play(self, step: dict[str, Any]) -> None:
        unknown = set(step) - {*ACTS, *CHECKS}
        assert not unknown, f"unknown words {unknown} in {step}"
        if "邀请" in step:
            self.names["邀请"] = self.invite(step["邀请"])
        self.falin.minutes += step.get("过了", 0)
        person = self.person(step.get("谁", "居民甲"))
        if not any(act in step for act in ("居民", "点", "点旧", "发", "发照片")):
            return
        self.act(person, step)
        self.check(person, step)
        for name, expected in step.get("收到", {}).items():
            other = self.person(name)
            other.fetch()
            for part in as_list(expected):
                assert self.fill(part) in other.text, f"{name} got: {other.text}"

    def act(self, person: Visitor, step: dict[str, Any]) -> None:
        if "居民" in step:
            person.send(self.fill(str(step["居民"])))
        elif "发照片" in step:
            photo = Attachment("telegram", f"file-{step['发照片']}", "photo", step["发照片"], "image/jpeg", 1000)
            person.send(file="photo", attachment=photo)
        elif "发" in step:
            person.send(file=step["发"])
        else:
            person.press(self.fill(step.get("点") or step["点旧"]), earlier="点旧" in step)

    def check(self, person: Visitor, step: dict[str, Any]) -> None:
        said = person.text
        assert bool(person.replies) != bool(step.get("不答")), f"after {step}: {said}"
        apology = self.falin.library.wording.text("utter_apology")
        assert apology not in said, f"an apology after {step}"
        for part in as_list(step.get("法邻")):
            assert self.fill(part) in said, f"“{part}” is not in: {said}"
        for part in as_list(step.get("先说")):
            assert part in said.splitlines()[0], f"“{part}” does not come first: {said}"
        for part in as_list(step.get("不说")):
            assert part not in said, f"“{part}” is in: {said}"
        for title in as_list(step.get("按钮")):
            assert title in person.buttons(), f"no button “{title}”: {list(person.buttons())}"
        for title in as_list(step.get("没有按钮")):
            assert title not in person.buttons(), f"a button “{title}” is there"

    def fill(self, text: str) -> str:
        """{邀请}, {第一个选项} and the questions of questions.yaml."""
        for name in QUESTIONS:
            if f"{{{name}}}" in text:
                self.names[name] = find_question(self.falin, name)
        if "{第一个选项}" in text:
            self.names["第一个选项"] = next(iter(self.person("居民甲").buttons()))
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        assert "{" not in text, f"{text}: unknown name"
        return text

    def invite(self, adviser: str) -> str:
        with self.falin.open_unit() as uow:
            token = invite_member(uow, self.falin.library.street, adviser, self.falin.now())
            uow.commit()
        return token


def find_question(falin: Falin, kind: str) -> str:
    """The first question of the list that is decided as its kind says: which one may change with the knowledge."""
    wanted = QUESTIONS[kind]
    for question in wanted["例如"]:
        if falin.brain.understand(question).decision == wanted["判断"]:  # type: ignore[attr-defined]
            return str(question)
    pytest.fail(f"none of these is a “{wanted['判断']}” any more: add one to questions.yaml")


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_conversation_goes_as_written(conversation: dict[str, Any], falin: Falin) -> None:
    assert set(conversation) <= set(ENDS), f"unknown words: {set(conversation) - set(ENDS)}"
    play = Play(falin)
    for step in conversation["步骤"]:
        play.play(step)
    assert falin.ledger() == Counter(conversation["台账"])
    if "登记" in conversation:
        row = play.person("居民甲").row()
        assert [row.community, row.kind] == (conversation["登记"] or [None, None])
        assert bool(row.consented_at) == bool(conversation["登记"])
    if "案件" in conversation:
        check_cases(falin, play.person("居民甲"), conversation["案件"])
    if "援助" in conversation:
        check_aid(falin, play.person("居民甲"), conversation["援助"])


def check_cases(falin: Falin, person: Visitor, expected: list[dict[str, str]]) -> None:
    with falin.open_unit() as uow:
        cases = uow.cases.list_for_client(person.client_id)
    found = [{"话": case.question, "紧急": case.urgency == "urgent", "顾问": case.adviser_id} for case in cases]
    for case, wanted in zip(found, expected, strict=True):
        assert {name: case[name] for name in wanted} == wanted


def check_aid(falin: Falin, person: Visitor, expected: list[dict[str, Any]]) -> None:
    with falin.open_unit() as uow:
        applications = uow.aid_applications.list_for_client(person.client_id)
    found = [
        {"事项": a.matter, "姓名": a.name, "急": a.urgent, "照片": len(a.photos), "状态": a.state} for a in applications
    ]
    for application, wanted in zip(found, expected, strict=True):
        assert {name: application[name] for name in wanted} == wanted


def test_every_file_has_conversations() -> None:
    assert len(FILES) >= 5
    for file in FILES:
        assert any(p.id and p.id.startswith(file.stem + "-") for p in CONVERSATIONS), file.name
