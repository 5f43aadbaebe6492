"""What a terminal shows while one waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def progress(text: str) -> Any:
    """A spinner with a text while one waits; plain lines where there is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(text)
    return console.status(text)


def screen() -> Any:
    """Where tables are printed: as wide as the terminal; a file has no width, there nothing is cut off."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=160)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A bar that moves while one waits: call it with what is done, how far, and of how many."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield advance
