"""What training costs: falin and stock Rasa on the same entries, in one run.

    .venv/bin/python -m bench.train --entries 10 --epochs 2
    .venv/bin/python -m bench.train --skip-stock --synthetic 1000
"""
from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.child import ChildFailed, Cost, compile_libraries, stop_on_signals
from bench.falin import Entry, copy_project, make_entries, read_entries, train_falin
from bench.stock import train_stock, write_stock

Row = tuple[str, Sequence[Entry], Cost]


@click.command()
@click.option("--entries", type=click.IntRange(1), help="Knowledge: the first N entries. Default: all.")
@click.option("--epochs", type=click.IntRange(1), default=100, show_default=True, help="Of stock's training.")
@click.option("--skip-stock", is_flag=True, help="Measure falin only.")
@click.option("--synthetic", type=click.IntRange(1), help="Also: falin on N made-up entries.")
@click.option("--limit", default=7200, show_default=True, help="Seconds one training may take.")
def main(entries: int | None, epochs: int, skip_stock: bool, synthetic: int | None, limit: int) -> None:
    """Wall seconds and peak memory of a training, imports included."""
    stop_on_signals()
    console, used, rows = Console(), read_entries(entries), list[Row]()
    try:
        compile_libraries()
        with tempfile.TemporaryDirectory(prefix="falin-bench-") as folder:
            work = Path(folder)
            console.print(f"falin: {len(used)} entries …")
            rows.append(("falin", used, train_falin(copy_project(work / "falin", used), limit)))
            if synthetic:
                made = make_entries(read_entries(), synthetic)
                console.print(f"falin: {synthetic:,} made-up entries …")
                rows.append(("falin, made up", made, train_falin(copy_project(work / "made", made), limit)))
            if not skip_stock:
                console.print(f"stock: {len(used)} entries, {epochs} epochs …")
                project = write_stock(work / "stock", used, epochs)
                rows.append((f"stock, {epochs} epochs", used, train_stock(project, limit)))
    except ChildFailed as error:
        raise click.ClickException(str(error)) from None
    console.print(make_table(rows))


def make_table(rows: Sequence[Row]) -> Table:
    """One row per training; the last column compares with falin on the same entries."""
    table = Table(title="training, imports included")
    for name in ("", "entries", "questions", "seconds", "CPU s", "peak MB", "÷ falin"):
        table.add_column(name, justify="left" if not name else "right")
    _, base_entries, base = rows[0]
    for name, entries, cost in rows:
        questions = sum(len(entry["ask"]) for entry in entries)
        ratio = f"{cost.seconds / base.seconds:.1f}" if entries is base_entries else "–"
        costs = f"{cost.seconds:,.1f}", f"{cost.cpu_seconds:,.1f}", f"{cost.megabytes:,.0f}"
        table.add_row(name, f"{len(entries):,}", f"{questions:,}", *costs, ratio)
    return table


if __name__ == "__main__":
    main()
