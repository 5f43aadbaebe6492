"""Figures and lists: stats, cases, export."""

from __future__ import annotations

from pathlib import Path

import click

from bot.domain.errors import ConfigError
from bot.settings import Settings


@click.command()
@click.option("--year", type=int, help="Default: this year.")
@click.pass_obj
def stats(settings: Settings, year: int | None) -> None:
    """Services and people of a year by month, matter, community and kind."""
    from bot.reports.tables import print_stats

    print_stats(settings, year)


@click.command()
@click.pass_obj
def cases(settings: Settings) -> None:
    """Cases that wait for an adviser, urgent first."""
    from bot.reports.tables import print_open_cases

    print_open_cases(settings)


@click.command()
@click.option("--year", type=int, required=True)
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: falin-YEAR.FORMAT here.")
@click.pass_obj
def export(settings: Settings, year: int, file_format: str, output: Path | None) -> None:
    """The year's ledger, row by row, as CSV or Excel."""
    from bot.bootstrap import open_database
    from bot.reports.export import export_ledger

    path = output or Path(f"falin-{year}.{file_format}")
    if path.suffix != f".{file_format}":
        raise ConfigError(f"{path} does not end in .{file_format}", "name it so, or change --format")
    count = export_ledger(open_database(settings), year, path)
    click.echo(f"{count} entries of {year} in {path}")
