"""Processes that die: forked off a small server process, so that starting one costs nothing."""
from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.one_turn"])
SECONDS = 60


def start(work: Callable[..., None], *arguments: Any) -> Any:
    process = CONTEXT.Process(target=work, args=arguments)
    process.start()
    return process


def end(process: Any) -> int:
    """Its exit code."""
    process.join(SECONDS)
    if process.exitcode is None:
        process.kill()
        raise AssertionError("the process did not end")
    return int(process.exitcode)


def run(work: Callable[..., None], *arguments: Any) -> None:
    """A process that ends well."""
    assert end(start(work, *arguments)) == 0


def run_killed(work: Callable[..., None], *arguments: Any) -> None:
    """A process that dies on the way."""
    assert end(start(work, *arguments)) == -signal.SIGKILL, "the process reached its end: nothing was tested"
