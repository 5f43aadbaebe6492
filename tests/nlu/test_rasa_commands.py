"""The repository is a Rasa project: rasa's own commands work on it."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import PROJECT
from tests.agent_home import falin_environment

pytestmark = pytest.mark.agent
RASA = Path(sys.executable).with_name("rasa")


def run_rasa(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = falin_environment(home, SQLALCHEMY_SILENCE_UBER_WARNING="1", PYTHONWARNINGS="ignore")
    environment["RASA_CACHE_DIRECTORY"] = str(home / "cache")
    return subprocess.run(
        [str(RASA), *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def test_rasa_data_validate_finds_everything_without_options(home: Path) -> None:
    done = run_rasa(home, "data", "validate")
    assert done.returncode == 0, done.stdout + done.stderr
    report = done.stdout + done.stderr
    assert "No story structure conflicts found" in report
    for intent in ("faq", "greet", "request_adviser"):
        assert f"The intent '{intent}' is listed in the domain file, but is not found" not in report


def test_rasa_test_core_finds_no_wrong_prediction(home: Path) -> None:
    model, out = os.path.realpath(home / "models"), home / "results"
    stories = "tests/conversations/rasa_stories"
    done = run_rasa(
        home, "test", "core", "--stories", stories, "--model", model, "--out", str(out), "--fail-on-prediction-errors"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((out / "story_report.json").read_text())
    assert report["conversation_accuracy"]["correct"] == report["conversation_accuracy"]["total"] >= 5
