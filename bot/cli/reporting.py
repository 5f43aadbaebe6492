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
    from bot.domain.street import Street
    from bot.reports.desk import FigureDesk
    from bot.reports.explain import Explanation
    from bot.reports.model import Report
    from bot.reports.report_tables import Names

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
@click.option("--suppress-below", type=click.IntRange(2, 100), metavar="N", help="For publication: hides numbers below N, and what would give them away.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: falin-report-PERIOD.FORMAT here.")
@click.pass_context
def report(
    ctx: click.Context, year: int | None, quarter: int | None, month: int | None, file_format: str, compare: int | None,
    communities: tuple[str, ...], suppress_below: int | None, output: Path | None,
) -> None:  # fmt: skip
    """The report of a year, a quarter or a month: draft, tables, charts. A closed year is printed as it was signed off."""
    if ctx.invoked_subcommand:
        return
    if year is None:
        raise click.UsageError("--year is missing, such as: falin report --year 2026")
    from bot.domain.calendar import utc_now
    from bot.reports.closing import find_signed, list_later
    from bot.reports.desk import report_name
    from bot.reports.export import write_whole
    from bot.storage.engine import read_only

    settings: Settings = ctx.obj
    period = Period(year, quarter or 0, month or 0)
    if compare == year:
        raise ConfigError(f"{year} cannot be compared with itself", "name another year: --compare")
    desk = _open_desk(settings)
    only = _communities(desk.street, communities)
    path = output or Path(report_name(period, compare or 0, only, suppress_below or 0, file_format))
    if path.suffix != f".{file_format}":
        raise ConfigError(f"{path} does not end in .{file_format}", "name it so, or change --format")
    content = desk.print_report(period, compare or 0, only, file_format, utc_now(), suppress_below or 0)
    with read_only(desk.engine).connect() as connection:
        if closed := find_signed(connection, period, compare or 0, only):
            later = len(list_later(connection, closed))
            click.echo(f"{year} is closed: signed by {closed.signed_by}; {later} corrections since (docs/closing.md)", err=True)
    write_whole(path, lambda fresh: fresh.write_bytes(content))
    click.echo(f"{period.title}: {path}")


def _open_desk(settings: Settings) -> FigureDesk:
    from bot.bootstrap import load_street_of, open_database
    from bot.knowledge.matters import load_matters
    from bot.reports.desk import FigureDesk

    engine, street = open_database(settings), load_street_of(settings)
    return FigureDesk(engine, street, load_matters(PROJECT / "nlu_data" / "matters.yml"))


def _communities(street: Street, names: tuple[str, ...]) -> frozenset[str] | None:
    found = [street.find_community(name) for name in names]
    if None in found:
        raise ConfigError(f"no community “{names[found.index(None)]}”", f"there are: {'、'.join(c.name for c in street.communities)}")
    return frozenset(c.id for c in found if c) if names else None


@report.command()
@click.argument("figure")
@with_period
@click.option("--community", "communities", multiple=True, help="Only this community; more than one may be named.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Rows to print.")
@click.option("--after", type=click.IntRange(0), default=0, help="Number of the last entry of the page before.")
@click.pass_obj
def explain(
    settings: Settings, figure: str, year: int, quarter: int | None, month: int | None, communities: tuple[str, ...], limit: int,
    after: int,
) -> None:  # fmt: skip
    """What a figure is, and the rows behind it: FIGURE is an id such as mediation.agreed@community=baima."""
    from bot.domain.calendar import utc_now
    from bot.reports.explain import list_ids

    desk = _open_desk(settings)
    only = _communities(desk.street, communities)
    try:
        found = desk.explain(figure, Period(year, quarter or 0, month or 0), only, utc_now(), limit, after)
    except NotFound as error:
        if figure.partition("@")[0] in list_ids():
            raise ConfigError(error.message, "see docs/statistics.md; --community takes a community's name") from None
        near = difflib.get_close_matches(figure.partition("@")[0], list_ids(), 3, 0.3)
        raise ConfigError(f"no figure “{figure}”", f"near: {', '.join(near) or 'docs/statistics.md lists all'}") from None
    _print_explanation(found, limit, desk.names)


def _print_explanation(found: Explanation, limit: int, names: Names) -> None:
    from rich.table import Table

    from bot.cli.progress import screen

    console = screen()
    console.print(f"[bold]{found.title}[/bold]　{found.value.text}{found.value.unit}", highlight=False)
    console.print(found.definition, highlight=False)
    if found.note:
        console.print(found.note, highlight=False)
    for part in found.parts:
        console.print(f"{part.figure}: {part.text}{part.unit}", highlight=False)
    if found.cases:
        more = f"……共{len(found.cases)}件，--limit 可以多列" if len(found.cases) > limit else ""
        console.print("、".join(found.cases[:limit]) + more, highlight=False)
    if not found.rows:
        return
    table = Table()
    for heading in ("条目", "日期", "类别", "社区", "事项", "结果", "件次", "人数", "金额（元）", "当事人"):
        table.add_column(heading)
    for row in found.rows:
        amount = "" if row.amount is None else f"{row.amount / 100:,.2f}"
        table.add_row(
            str(row.id), row.day.isoformat(), *(names.name(by, getattr(row, by)) for by in ("kind", "community", "matter", "outcome")),
            str(row.count), str(row.people), amount, row.client[:8],
        )  # fmt: skip
    console.print(table)
    if len(found.rows) == limit:
        console.print(f"后面可能还有：--after {found.rows[-1].id}", highlight=False)


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
    from bot.domain.calendar import utc_now
    from bot.reports.closing import close_year, printed_name
    from bot.reports.formats import FORMATS, PUBLISHED_BELOW, write_report
    from bot.reports.report import build_report
    from bot.reports.writing import title_of
    from bot.storage.engine import read_only

    desk, period, now = _open_desk(settings), Period(number), utc_now()
    before = period.in_year(compare) if compare else None

    def build(connection: Any, below: int = 0, *, printing_closed: bool) -> Report:
        return build_report(
            connection, desk.street, desk.matters, period, before, None, below, now=now, printing_closed=printing_closed
        )

    with read_only(desk.engine).connect() as connection:
        draft = build(connection, printing_closed=False)
    for name in ("services.total", "clients.total", "users.registered", "mediation.agreed", "mediation.amount"):
        value = draft.figures[name]
        click.echo(f"{title_of(name)}：{value.text}{value.unit}")
    if not yes:
        click.confirm(f"Close {number}, signed by {signed_by}? It cannot be opened again", abort=True)

    def print_all(connection: Any) -> dict[str, bytes]:
        made = {0: build(connection, printing_closed=True)}
        try:
            made[PUBLISHED_BELOW] = build(connection, PUBLISHED_BELOW, printing_closed=True)
        except FalinError as error:  # the year can be closed all the same
            click.echo(f"no report for publication: {error.message}", err=True)
        return {printed_name(name, below): write_report(report, name) for below, report in made.items() for name in FORMATS}

    closed = close_year(desk.engine, number, signed_by, now, print_all)
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
