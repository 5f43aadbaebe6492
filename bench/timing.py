"""What both sides are measured by: the same questions, conversation lengths and medians."""
from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, pairwise
from pathlib import Path

TURNS, WARM_UP = 20, 10  # turns per median; turns of another conversation before any is timed

# Take one turn of a conversation: (conversation, text).
Turn = Callable[[str, str], None]


@dataclass(frozen=True)
class Found:
    """One side's results.

    Args:
        turns: conversation length → milliseconds per turn; lengths not reached in time are missing.
        parse_ms: understanding alone.  start_seconds: from launch until ready.  megabytes: peak memory.
        idle_ms: of an HTTP request that does nothing, where turns travel over HTTP.
    """

    turns: dict[int, float]
    parse_ms: float
    start_seconds: float
    megabytes: float
    idle_ms: float | None = None


def check_lengths(text: str) -> list[int]:
    """Conversation lengths such as "1,10,100,1000".

    Raises:
        ValueError: they are not ascending with room for the measured turns in between.
    """
    lengths = [int(part) for part in text.split(",")]
    long = [length for length in lengths if length > 1]
    if lengths != sorted(set(lengths)) or lengths[0] < 1:
        raise ValueError("lengths must be ascending numbers from 1")
    if any(later - earlier < TURNS for earlier, later in pairwise(long)):
        raise ValueError(f"lengths above 1 must be at least {TURNS} apart, as {TURNS} turns are timed")
    return lengths


def measure_lengths(
    turn: Turn, questions: Sequence[str], lengths: Sequence[int], limit: float = float("inf")
) -> dict[int, float]:
    """Milliseconds per turn, median of TURNS, of conversations of these lengths.

    Length 1 is the first turn of fresh conversations; every other length is really reached, in one
    conversation that grows, and then measured from that turn on. Lengths not reached within `limit`
    seconds are left out.
    """
    texts = cycle(questions)
    for _ in range(WARM_UP):
        turn("warm-up", next(texts))
    deadline, taken, found = time.monotonic() + limit, 0, {}
    for length in lengths:
        if length == 1:
            found[1] = statistics.median(_time(turn, f"fresh-{n}", next(texts)) for n in range(TURNS))
            continue
        while taken < length - 1 and time.monotonic() < deadline:
            turn("long", next(texts))
            taken += 1
        if time.monotonic() >= deadline:
            break
        found[length] = statistics.median(_time(turn, "long", next(texts)) for _ in range(TURNS))
        taken += TURNS
    return found


def measure_calls(call: Callable[[str], object], questions: Sequence[str]) -> float:
    """Milliseconds of one call, median of TURNS after a warm-up."""
    texts = cycle(questions)
    for _ in range(WARM_UP):
        call(next(texts))
    return statistics.median(_time(call, next(texts)) for _ in range(TURNS))


def _time(call: Callable[..., object], *arguments: str) -> float:
    start = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - start) * 1000


def write_found(path: Path, found: Found) -> None:
    """Hand results from one process to another."""
    path.write_text(json.dumps(asdict(found)), encoding="utf-8")


def read_found(path: Path) -> Found:
    """The opposite of write_found."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Found(**{**data, "turns": {int(length): ms for length, ms in data["turns"].items()}})
