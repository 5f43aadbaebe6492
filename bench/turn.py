"""How long a turn takes, and whether it stays so: falin and stock Rasa in one run.

    .venv/bin/python -m bench.turn --entries 10 --epochs 2 --lengths 1,10,50
"""
from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.child import ChildFailed, compile_libraries, stop_on_signals
from bench.falin import copy_project, measure_falin, read_entries
from bench.stock import cached_stock, measure_stock
from bench.timing import TURNS, Found, check_lengths

FLAT_FROM = 10  # flatness compares the longest conversation with this length


def _lengths(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    try:
        return check_lengths(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option("--entries", type=click.IntRange(1), help="Knowledge: the first N entries. Default: all.")
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, help="Of stock's training.")
@click.option("--lengths", callback=_lengths, default="1,10,100,1000", show_default=True, help="To measure.")
@click.option("--skip-stock", is_flag=True, help="Measure falin only.")
@click.option("--train-limit", default=7200, show_default=True, help="Seconds stock may train.")
@click.option("--turn-limit", default=1800, show_default=True, help="Seconds each side may take turns.")
def main(
    entries: int | None, epochs: int, lengths: list[int], skip_stock: bool, train_limit: int, turn_limit: int
) -> None:
    """Milliseconds per turn, memory and start of falin and stock Rasa."""
    stop_on_signals()
    console, used = Console(), read_entries(entries)
    questions = [entry["ask"][0] for entry in used]
    try:
        compile_libraries()
        with tempfile.TemporaryDirectory(prefix="falin-bench-") as folder:
            work = Path(folder)
            (work / "stock").mkdir()
            console.print(f"falin: {len(used)} entries …")
            project = copy_project(work / "falin", used)
            falin = measure_falin(project, lengths, turn_limit)
            stock = None
            if not skip_stock:
                console.print(f"stock: training with {epochs} epochs unless cached, then turns …")
                trained = cached_stock(used, epochs, train_limit)
                stock = measure_stock(trained, work / "stock", questions, lengths, turn_limit)
    except ChildFailed as error:
        raise click.ClickException(str(error)) from None
    console.print(make_table(falin, stock, lengths, f"{len(used)} entries, {epochs} epochs"))
    print_ratios(console, falin, stock)


def make_table(falin: Found, stock: Found | None, lengths: list[int], title: str) -> Table:
    """One row per measure, with stock ÷ falin."""
    table = Table(title=f"one turn, median of {TURNS} ({title})")
    for name in ("", "falin", "stock", "stock ÷ falin"):
        table.add_column(name, justify="left" if not name else "right")
    for length in lengths:
        values = (falin.turns.get(length), stock.turns.get(length) if stock else None)
        table.add_row(f"turn {length:,}, ms", *_cells(*values))
    table.add_row("understanding alone, ms", *_cells(falin.parse_ms, stock.parse_ms if stock else None))
    if stock:
        table.add_row("of stock's figures: empty HTTP request, ms", *_cells(None, stock.idle_ms))
    table.add_row("start, s", *_cells(falin.start_seconds, stock.start_seconds if stock else None))
    table.add_row("peak memory, MB", *_cells(falin.megabytes, stock.megabytes if stock else None, 0))
    return table


def _cells(falin: float | None, stock: float | None, digits: int = 1) -> list[str]:
    ratio = f"{stock / falin:.1f}" if falin and stock else "–"
    return [*("–" if value is None else f"{value:,.{digits}f}" for value in (falin, stock)), ratio]


def print_ratios(console: Any, falin: Found, stock: Found | None) -> None:
    """Flatness: what the longest conversation costs, relative to one of FLAT_FROM turns."""
    for name, found in (("falin", falin), ("stock", stock)):
        if found and FLAT_FROM in found.turns and (longest := max(found.turns)) > FLAT_FROM:
            ratio = found.turns[longest] / found.turns[FLAT_FROM]
            console.print(f"{name}: turn {longest:,} ÷ turn {FLAT_FROM} = {ratio:.2f}")


if __name__ == "__main__":
    main()
