"""The model: no code in it, and loaded it decides as it did when trained."""
from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from bot.assistant.training import find_current_model
from bot.nlu.crisis import CrisisDetector
from bot.nlu.entry_index import Document
from bot.nlu.features import question_features
from bot.nlu.gate import LEGAL
from bot.nlu.understand import Model, Thresholds, Understander
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


def documents() -> list[Document]:
    return [
        Document(
            label,
            [question_features(list(text)) for text in (name, name + "怎么办", "请问" + name, name + "找谁", "我" + name)],
            question_features(list(name)),
            question_features(list(name + "依法处理")),
        )
        for label, name in (("labour.wages", "拖欠工资"), ("tenancy.deposit", "不退押金"), ("lending.iou", "借钱不还"))
    ]


def others() -> list[tuple[dict, str]]:
    said = {"greet": ("你好", "您好呀", "早上好"), "out_of_scope": ("天气怎样", "今天天气", "股票行情")}
    return [(question_features(list(text)), intent) for intent, texts in said.items() for text in texts]


def test_loaded_model_decides_as_the_trained_one(tmp_path: Path) -> None:
    trained = Model.fit(documents(), others())
    np.savez(tmp_path / "model.npz", **trained.arrays())
    names = json.loads(json.dumps(trained.names(), ensure_ascii=False))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        loaded = Model.from_parts(dict(arrays), names)
    thresholds = Thresholds()
    first, second = (Understander(model, CrisisDetector([]), thresholds) for model in (trained, loaded))
    decided = set()
    for text in ("拖欠工资怎么办", "押金不退", "你好", "天气", "", "没见过的字", "钱"):
        found = first.understand(text, list(text))
        assert found == second.understand(text, list(text)), text
        decided.add(found.intent)
    assert {LEGAL, "greet"} <= decided, "the model learned nothing: identical decisions prove nothing"
