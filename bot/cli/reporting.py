"""falin report and falin year: the year's figures, the rows behind each, and closing a year."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.domain.errors import ConfigError, FalinError, NotFound
from bot.domain.reporting_periods import Period
from bot.settings import PROJECT, Settings

if TYPE_CHECKING:
    from bot.reports.model import Report

period_options = (
    click.option("--year", type=int, required=True),
    click.option("--quarter", type=click.IntRange(1, 4), default=None),
    click.option("--month", type=click.IntRange(1, 12), default=None),
)


def with_period(command: Any) -> Any:
    """Adds --year, --quarter and --month."""
    for option in reversed(period_options):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@click.option("--year", type=int)
@click.option("--quarter", type=click.IntRange(1, 4), default=None)
@click.option("--month", type=click.IntRange(1, 12), default=None)
@click.option("--format", "file_format", type=click.Choice(["docx", "xlsx", "html", "md", "json"]), default="docx", show_default=True)
@click.option("--compare", type=int, help="The year it is compared with.")
@click.option("--community", "communities", multiple=True, help="Only this community; more than one may be named.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: falin-report-PERIOD.FORMAT here.")
@click.pass_context
def report(
    ctx: click.Context, year: int | None, quarter: int | None, month: int | None, file_format: str, compare: int | None,
    communities: tuple[str, ...], output: Path | None,
) -> None:  # fmt: skip
    """The report of a year, a quarter or a month: draft, tables, charts. A closed year is printed as it was signed off."""
    if ctx.invoked_subcommand:
        return
    if year is None:
        raise click.UsageError("--year is missing, such as: falin report --year 2026")
    from bot.bootstrap import open_database
    from bot.reports.closing import find_closed, list_later, printed_report
    from bot.reports.export import write_whole
    from bot.reports.formats import write_report
    from bot.storage.engine import read_only

    settings: Settings = ctx.obj
    period = Period(year, quarter or 0, month or 0)
    path = output or Path(f"falin-report-{period.id}.{file_format}")
    if path.suffix != f".{file_format}":
        raise ConfigError(f"{path} does not end in .{file_format}", "name it so, or change --format")
    with read_only(open_database(settings)).connect() as connection:
        closed = find_closed(connection, year) if period == Period(year) else None
        if closed and not (compare or communities):
            content = printed_report(connection, year, file_format)
            later = len(list_later(connection, closed))
            click.echo(f"{year} is closed: signed by {closed.signed_by}; {later} corrections since (docs/closing.md)", err=True)
        else:
            content = write_report(_build(settings, connection, period, compare, communities), file_format)
    write_whole(path, lambda fresh: fresh.write_bytes(content))
    click.echo(f"{period.title}: {path}")


def _build(
    settings: Settings, connection: Any, period: Period, compare: int | None, names: tuple[str, ...], *, printing_closed: bool = False,
) -> Report:  # fmt: skip
    from bot.bootstrap import load_street_of
    from bot.domain.calendar import utc_now
    from bot.knowledge.matters import load_matters
    from bot.reports.report import build_report

    street = load_street_of(settings)
    communities = None
    if names:
        found = [street.find_community(name) for name in names]
        if None in found:
            raise ConfigError(f"no community “{names[found.index(None)]}”", f"there are: {'、'.join(c.name for c in street.communities)}")
        communities = frozenset(c.id for c in found if c)
    matters = load_matters(PROJECT / "nlu_data" / "matters.yml")
    before = period.in_year(compare) if compare else None
    return build_report(
        connection, street, matters, period, before, communities, now=utc_now(), printing_closed=printing_closed
    )


@report.command()
@click.argument("figure")
@with_period
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Rows to print.")
@click.pass_obj
def explain(settings: Settings, figure: str, year: int, quarter: int | None, month: int | None, limit: int) -> None:
    """What a figure is, and the rows behind it: FIGURE is an id such as mediation.agreed@community=baima."""
    from bot.bootstrap import open_database
    from bot.domain.calendar import utc_now
    from bot.reports.explain import explain as look
    from bot.reports.explain import print_explanation
    from bot.storage.engine import read_only

    with read_only(open_database(settings)).connect() as connection:
        try:
            found = look(connection, figure, Period(year, quarter or 0, month or 0), utc_now(), limit)
        except NotFound:
            from bot.reports.explain import list_ids

            near = difflib.get_close_matches(figure.partition("@")[0], list_ids(), 3, 0.3)
            raise ConfigError(f"no figure “{figure}”", f"near: {', '.join(near) or 'docs/statistics.md lists all'}") from None
    print_explanation(found)


@click.group()
def year() -> None:
    """Closing a year: its figures are signed off and stay."""


@year.command()
@click.argument("number", metavar="YEAR", type=int)
@click.option("--signed-by", required=True, help="Who has checked the figures.")
@click.option("--compare", type=int, help="The year its report is compared with.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def close(settings: Settings, number: int, signed_by: str, compare: int | None, yes: bool) -> None:
    """Freeze a year: nothing more can be recorded in it, and its report stays the same bytes."""
    from bot.bootstrap import open_database
    from bot.domain.calendar import utc_now
    from bot.reports.closing import close_year
    from bot.reports.formats import FORMATS, write_report
    from bot.storage.engine import read_only

    engine, period = open_database(settings), Period(number)
    with read_only(engine).connect() as connection:
        draft = _build(settings, connection, period, compare, ())
    for name in ("services.total", "clients.total", "users.registered", "mediation.agreed", "mediation.amount"):
        value = draft.figures[name]
        click.echo(f"{name}: {value.text}{value.unit}")
    if not yes:
        click.confirm(f"Close {number}, signed by {signed_by}? It cannot be opened again", abort=True)

    def print_all(connection: Any) -> dict[str, bytes]:
        made = _build(settings, connection, period, compare, (), printing_closed=True)
        return {name: write_report(made, name) for name in FORMATS}

    closed = close_year(engine, number, signed_by, utc_now(), print_all)
    click.echo(f"{number} is closed. Checksum of its entries: {closed.checksum}")


@year.command("list")
@click.pass_obj
def list_years(settings: Settings) -> None:
    """The closed years."""
    from bot.bootstrap import open_database
    from bot.domain.calendar import beijing_day
    from bot.reports.closing import list_closed, list_later
    from bot.storage.engine import read_only

    with read_only(open_database(settings)).connect() as connection:
        for closed in list_closed(connection):
            later = len(list_later(connection, closed))
            click.echo(f"{closed.year}  {beijing_day(closed.closed_at)}  {closed.signed_by}  {closed.checksum}  {later} corrections since")


@year.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Whether the entries of all closed years are still those that were signed for."""
    from bot.bootstrap import open_database
    from bot.reports.closing import list_faults

    if wrong := list_faults(open_database(settings)):
        raise FalinError(f"changed since they were closed: {', '.join(map(str, wrong))}", "restore the database from a backup")
    click.echo("all closed years are as they were signed off")
