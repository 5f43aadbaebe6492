"""Figures and lists: stats, cases, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.domain.errors import ConfigError
from bot.domain.reporting_periods import Period
from bot.settings import PROJECT, Settings


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
@click.option("--quarter", type=click.IntRange(1, 4), default=None, help="Only with --map.")
@click.option("--month", type=click.IntRange(1, 12), default=None, help="Only with --map.")
@click.option("--format", "file_format", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True)
@click.option("--map", "map_file", type=click.Path(path_type=Path, dir_okay=False), help="Another office's form (docs/exports.md).")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: falin-YEAR.FORMAT here.")
@click.pass_obj
def export(
    settings: Settings, year: int, quarter: int | None, month: int | None, file_format: str, map_file: Path | None,
    output: Path | None,
) -> None:  # fmt: skip
    """The year's ledger, row by row, as CSV or Excel; or in the form of a mapping file, corrections applied."""
    from bot.bootstrap import open_database
    from bot.reports.export import export_ledger

    path = output or Path(f"falin-{year}.{file_format}")
    if path.suffix != f".{file_format}":
        raise ConfigError(f"{path} does not end in .{file_format}", "name it so, or change --format")
    engine = open_database(settings)
    if map_file:
        count = _export_mapped(settings, engine, Period(year, quarter or 0, month or 0), map_file, path)
    elif quarter or month:
        raise ConfigError("--quarter and --month go with --map", "leave them out: the whole year is exported")
    else:
        count = export_ledger(engine, year, path)
    click.echo(f"{count} {'lines' if map_file else 'entries'} of {year} in {path}")


def _export_mapped(settings: Settings, engine: Any, period: Period, map_file: Path, path: Path) -> int:
    from bot.bootstrap import load_street_of
    from bot.knowledge.export_map import load_export_map
    from bot.knowledge.matters import load_matters
    from bot.reports.export import write_whole
    from bot.reports.mapped import mapped_rows, write_mapped
    from bot.reports.report_tables import Names
    from bot.storage.engine import read_only

    if not map_file.is_file():
        raise ConfigError(f"{map_file} does not exist", "name a mapping file, such as docs/maps/service_ledger.yml")
    wanted = load_export_map(map_file)
    names = Names(load_street_of(settings), load_matters(PROJECT / "nlu_data" / "matters.yml"))
    with read_only(engine).connect() as connection:
        rows = mapped_rows(connection, wanted, period, names)
        return write_whole(path, lambda fresh: write_mapped(fresh, wanted, rows, excel=path.suffix == ".xlsx"))
