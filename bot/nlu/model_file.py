"""The matcher's part of a model file, read without Rasa: searching law texts needs no agent."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np

from bot.nlu.model import Model

NUMBERS, NAMES = "model.npz", "model.json"


def write_model(model: Model, folder: Path) -> None:
    """Write npz and JSON: a model file must not be able to run code."""
    np.savez(folder / NUMBERS, **model.arrays())
    (folder / NAMES).write_text(json.dumps(model.names(), ensure_ascii=False), encoding="utf-8")


def read_model(folder: Path) -> Model:
    """The opposite of write_model."""
    names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    with np.load(folder / NUMBERS, allow_pickle=False) as arrays:
        return Model.from_parts(dict(arrays), names)


def read_model_archive(path: Path) -> Model:
    """The model inside a trained Rasa archive.

    Raises:
        KeyError: the archive holds none.
    """
    found: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            if name in (NUMBERS, NAMES) and (file := archive.extractfile(member)):
                found[name] = file.read()
    with np.load(io.BytesIO(found[NUMBERS]), allow_pickle=False) as arrays:
        return Model.from_parts(dict(arrays), json.loads(found[NAMES]))
