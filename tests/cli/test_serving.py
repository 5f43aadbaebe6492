"""falin run: starts, answers, stops cleanly, starts again."""
from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.settings import PROJECT
from tests.agent_home import FALIN, falin_environment, run_falin

pytestmark = pytest.mark.agent
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = falin_environment(home, FALIN_PORT=str(port), NO_PROXY="127.0.0.1")
    process = subprocess.Popen(
        [str(FALIN), "run"], cwd=home.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until_answering(process: subprocess.Popen[str], url: str) -> str:
    end = time.monotonic() + START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        try:
            with opener.open(url, timeout=5) as response:
                return str(response.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError("falin run does not answer")


def test_a_stopped_server_leaves_cleanly_and_the_next_one_answers(home: Path) -> None:
    for stop in (signal.SIGTERM, signal.SIGINT):
        port = free_port()
        with serving(home, port) as process:
            page = wait_until_answering(process, f"http://127.0.0.1:{port}/")
            assert "白鹭街道" in page
            assert "登录工作台" in wait_until_answering(process, f"http://127.0.0.1:{port}/console/")
            process.send_signal(stop)
            output, errors = process.communicate(timeout=30)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors
            assert f"http://localhost:{port}/" in output


def test_a_port_in_use_is_said_before_the_agent_is_loaded(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_falin(home, "run", FALIN_PORT=str(port))
    assert done.returncode == 3
    assert f"127.0.0.1:{port}" in done.stderr
    assert "FALIN_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    assert "loading the agent" not in done.stderr


def test_run_without_a_street_says_how_to_get_one(tmp_path: Path) -> None:
    done = run_falin(tmp_path / "home", "run", FALIN_PORT=str(free_port()))
    assert done.returncode == 3
    assert "falin init" in done.stderr


def test_the_trained_model_is_not_trained_again(home: Path) -> None:
    done = run_falin(home, "train")
    assert done.returncode == 0, done.stderr
    assert "model is current" in done.stderr
    note = json.loads((home / "models" / "trained.json").read_text())
    assert (home / "models" / note["model"]).is_file()
    assert PROJECT.is_dir()
