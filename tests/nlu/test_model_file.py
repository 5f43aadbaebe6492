"""The model: no code in it, and loaded it decides as it did when trained."""
from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bot.assistant.training import find_current_model
from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText
from bot.nlu.crisis import CrisisDetector
from bot.nlu.entry_index import Document, Question
from bot.nlu.features import question_features
from bot.nlu.gate import LEGAL
from bot.nlu.model import Model
from bot.nlu.model_file import read_model, write_model
from bot.nlu.statute_index import StatuteIndex
from bot.nlu.understand import Thresholds, Understander
from tests.agent_home import settings_of

SAFE = {".json", ".npz", ".yml", ".md"}
PICKLE = b"\x80\x04"


@pytest.mark.agent
def test_model_file_holds_only_numbers_and_json(agent_home: Path) -> None:
    model = find_current_model(settings_of(agent_home))
    assert model
    seen = set()
    with tarfile.open(model) as archive:
        for member in archive.getmembers():
            assert member.isfile() or member.isdir(), f"{member.name} is a link or a device"
            assert not member.name.startswith("/"), member.name
            assert ".." not in member.name.split("/"), member.name
            if member.isdir():
                continue
            suffix, file = Path(member.name).suffix, archive.extractfile(member)
            assert file
            content = file.read()
            seen.add(suffix)
            assert suffix in SAFE, member.name
            assert not content.startswith(PICKLE), member.name
            if suffix == ".npz":
                with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                    assert all(np.isfinite(arrays[name]).all() for name in arrays)
            elif suffix == ".json":
                json.loads(content)
    assert {".npz", ".json"} <= seen


def question_of(text: str) -> Question:
    return Question(text, question_features(list(text)))


def documents() -> list[Document]:
    frames = ("{}", "{}怎么办", "请问{}", "{}找谁", "我{}")
    bases = {"labour.wages": ("欠薪法", 8), "tenancy.deposit": ("租房法", 3), "lending.iou": ("借款法", 5)}
    return [
        Document(
            label,
            [question_of(frame.format(name)) for frame in frames],
            question_of(name),
            question_features(list(name + "依法处理")),
            (Citation(bases[label][0], (bases[label][1], 0)),),
        )
        for label, name in (("labour.wages", "拖欠工资"), ("tenancy.deposit", "不退押金"), ("lending.iou", "借钱不还"))
    ]


def statutes() -> StatuteIndex:
    """Law texts of our own making, in which the law says 劳动报酬 where people say 工资."""
    articles = {
        ("欠薪法", 8): "第八条 用人单位应当按时支付劳动报酬。",
        ("欠薪法", 9): "第九条 用人单位应当建立职工名册。",
        ("租房法", 3): "第三条 租赁期满，出租人应当返还押金。",
        ("借款法", 5): "第五条 借款人应当按照约定的期限返还借款。",
        ("渔业法", 2): "第二条 禁渔期内不得捕鱼。",
    }
    return StatuteIndex.fit([ArticleText(law, (n, 0), "", text) for (law, n), text in articles.items()], "made up")


def others() -> list[tuple[Question, str]]:
    said = {"greet": ("你好", "您好呀", "早上好"), "out_of_scope": ("天气怎样", "今天天气", "股票行情")}
    return [(question_of(text), intent) for intent, texts in said.items() for text in texts]


@pytest.mark.parametrize("with_texts", [False, True])
def test_loaded_model_decides_as_the_trained_one(tmp_path: Path, with_texts: bool) -> None:
    index = statutes() if with_texts else None
    trained = Model.fit(documents(), others(), index)
    write_model(trained, tmp_path)
    loaded = read_model(tmp_path)
    first, second = (Understander(model, CrisisDetector([]), Thresholds(), index) for model in (trained, loaded))
    decided = set()
    for text in ("拖欠工资怎么办", "押金不退", "你好", "天气", "", "没见过的字", "钱"):
        found = first.understand(text, list(text))
        again = second.understand(text, list(text))
        assert (found.decision, found.intent, found.matter) == (again.decision, again.intent, again.matter), text
        assert [c.entry for c in found.candidates] == [c.entry for c in again.candidates]
        assert found.confidence == pytest.approx(again.confidence, abs=0.01), "half precision changes nothing"
        assert [hit.article for hit in found.statutes] == [hit.article for hit in again.statutes]
        decided.add(found.intent)
    assert {LEGAL, "greet"} <= decided, "the model learned nothing: identical decisions prove nothing"


def test_model_trained_without_law_texts_works_with_them() -> None:
    found = Understander(Model.fit(documents(), others()), CrisisDetector([]), Thresholds(), statutes()).understand(
        "拖欠工资怎么办", list("拖欠工资怎么办")
    )
    assert found.candidates[0].entry == "labour.wages"
    assert (found.statutes[0].law, found.statutes[0].article) == ("欠薪法", (8, 0))
