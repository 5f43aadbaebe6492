"""The process is killed, really, at every step of a turn; the next one makes good."""
from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.assistant.assistant import MAX_ATTEMPTS
from bot.settings import PROJECT
from bot.storage.engine import make_engine
from bot.storage.tables import inbox, ledger, outbox
from tests.agent_home import Falin, falin_environment
from tests.conftest import Database
from tests.faults.one_turn import (
    POISON,
    STEPS,
    Installation,
    Process,
    accepted,
    secret_of,
    start_again,
    take_at_once,
    take_turn,
)
from tests.faults.processes import CONTEXT, end, run, run_killed, start

ANSWER = "单位要按时发工资"
APOLOGY = "对不起，刚才出了点故障"


@pytest.fixture(params=["telegram", "webchat"])
def shared(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Installation:
    """On both databases; a platform that is pushed to, and a browser that fetches."""
    url = database.engine.url.render_as_string(hide_password=False)
    return Installation(url, tmp_path / "sink.jsonl", request.param)


def rows(url: str, table: sa.Table) -> list[Any]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(sa.select(table)))
    engine.dispose()
    return found


def texts(shared: Installation) -> list[str]:
    return [received["text"] for received in accepted(shared.sink)]


def assert_answered_once(shared: Installation, times: int = 1) -> None:
    assert len(texts(shared)) == times
    assert all(ANSWER in text for text in texts(shared))
    assert len({received["id"] for received in accepted(shared.sink)}) == 1, "one reply, however often it was sent"
    assert [row.kind for row in rows(shared.url, ledger)] == ["bot_consultation"]
    assert all(row.handled_at and row.content_sealed is None for row in rows(shared.url, inbox))
    assert all(row.delivered_at for row in rows(shared.url, outbox))


def test_without_a_crash_the_answer_comes_once(shared: Installation) -> None:
    run(take_turn, shared)
    run(start_again, shared)
    assert_answered_once(shared)


@pytest.mark.parametrize("step", STEPS)
def test_killed_anywhere_the_resident_has_the_answer_once(step: str, shared: Installation) -> None:
    run_killed(take_turn, shared, step)
    run(start_again, shared)
    run(start_again, shared)
    # Between the platform's acceptance and our note of it nobody can know: sent again, never lost.
    # A browser knows the id and drops the second.
    twice = step == "after sending" and shared.channel == "telegram"
    assert_answered_once(shared, times=2 if twice else 1)


def test_killed_at_one_step_after_another_the_answer_still_comes_once(shared: Installation) -> None:
    for step in STEPS[:-1]:
        run_killed(take_turn, shared, step)  # the platform repeats the update each time
    run(start_again, shared)
    assert_answered_once(shared)


def test_an_update_that_comes_again_is_not_answered_again(shared: Installation) -> None:
    for _ in range(3):
        run(take_turn, shared)
    assert_answered_once(shared)


def test_two_processes_with_the_same_update_answer_once(shared: Installation) -> None:
    barrier = CONTEXT.Barrier(2)
    both = [start(take_at_once, shared, barrier) for _ in range(2)]
    assert [end(process) for process in both] == [0, 0]
    run(start_again, shared)
    assert_answered_once(shared)


def test_a_message_that_kills_every_process_gets_an_apology_and_blocks_nothing(shared: Installation) -> None:
    run_killed(take_turn, shared, "", POISON)
    run_killed(take_turn, shared, "", "老板不发工资", "update-2")  # waits behind it
    for _ in range(MAX_ATTEMPTS):
        run_killed(start_again, shared)
    assert texts(shared) == []
    run(start_again, shared)
    first, second = texts(shared)
    assert first.startswith(APOLOGY)
    assert ANSWER in second
    run(take_turn, shared, "", "工资又没发", "update-3")
    assert ANSWER in texts(shared)[-1]
    assert len(rows(shared.url, ledger)) == 1, "one session, one matter"


@pytest.mark.agent
def test_killed_in_a_turn_of_the_real_agent_the_answer_comes_once(falin: Falin) -> None:
    command = [sys.executable, "-m", "tests.faults.one_turn", str(falin.home), "老板拖欠工资怎么办", "after the outbox"]
    done = subprocess.run(
        command, cwd=PROJECT, env=falin_environment(falin.home), capture_output=True, timeout=200, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert [falin.rows(inbox)[0].handled_at, falin.rows(ledger), falin.rows(outbox)] == [None, [], []]
    shared = Installation(falin.settings.database_url, falin.home / "sink.jsonl", secret=secret_of(falin.home))
    process = Process(shared, later=timedelta(minutes=2), brain=falin.brain, library=falin.library)
    assert process.assistant.resume() == 1
    process.deliver()
    process.deliver()
    [received] = accepted(shared.sink)
    assert "《劳动合同法》" in received["text"]
    assert falin.ledger() == {"bot_consultation": 1}
