"""falin import: services from a list in .xlsx or .csv, looked at before anything is added."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from bot.domain.errors import ConfigError, FalinError, RuleBroken
from bot.settings import Settings

SHOWN = 40
STATES = {"new": "将新增", "known": "已有", "refused": "不收"}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--apply", is_flag=True, help="Add the rows that can be added. Without it nothing is changed.")
@click.option("--as", "member_id", help="Member of street.yml who answers for the list. Default: the first supervisor.")
@click.option("--year", type=int, default=0, help="Of days that name none, such as 3月5日.")
@click.option("--all", "show_all", is_flag=True, help=f"Print every row, not the first {SHOWN} of interest.")
@click.option("--template", type=click.Path(path_type=Path, dir_okay=False), help="Write an empty list with the headings here.")
@click.pass_obj
def import_list(
    settings: Settings, file: Path | None, apply: bool, member_id: str | None, year: int, show_all: bool, template: Path | None
) -> None:
    """Services that happened outside falin, from FILE (.xlsx, .csv). A row is never added twice."""
    if template:
        from bot.reports.export import write_whole
        from bot.reports.import_template import write_template

        write_whole(template, write_template)
        click.echo(f"fill in {template}, then: falin import {template}")
        return
    if file is None:
        raise click.UsageError("name a file, or --template FILE for an empty list")
    from bot.bootstrap import load_library, load_street_of, open_database, unit_of_work_factory
    from bot.cli.progress import progress
    from bot.documents.sheets import read_sheet
    from bot.domain.calendar import utc_now
    from bot.services.importing import apply_line, plan_import
    from bot.services.turn import Work
    from bot.storage.sealing import load_keys

    engine, street = open_database(settings), load_street_of(settings)
    in_charge = [*street.list_members("supervisor"), *street.list_members("staff"), *street.list_members("adviser")]
    member = street.find_member(member_id) if member_id else next(iter(in_charge), None)
    if member is None:
        raise ConfigError(f"no member “{member_id or ''}”", f"there are: {', '.join(m.id for m in street.members)}")
    library = load_library(street)
    open_unit = unit_of_work_factory(engine, load_keys(settings.secret_file))
    try:
        with progress(f"reading {file.name} …"), open_unit(read_only=not apply) as uow:
            work = Work(uow, library, utc_now())
            lines = list(plan_import(work, member, read_sheet(file), year))
            added = sum(apply_line(work, member, line) for line in lines if line.state == "new") if apply else 0
            if apply:
                uow.commit()
    except RuleBroken as error:
        raise FalinError(f"{member.name} may not record services: {error.message}") from None
    _print(lines, library, show_all)
    count = Counter(line.state for line in lines)
    click.echo("，".join(f"{title} {count[state]} 行" for state, title in STATES.items()))
    click.echo(f"已新增 {added} 条。" if apply else "这是试运行，什么都没有改。确认后加 --apply 导入。")
    if count["refused"]:
        raise SystemExit(1)


def _print(lines: list[Any], library: Any, show_all: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    from bot.cli.progress import screen

    interesting = lines if show_all else sorted(lines, key=lambda line: line.state != "refused")[:SHOWN]
    table = Table()
    for heading in ("行", "", "日期", "内容", "原因"):
        table.add_column(heading, overflow="fold")  # a Chinese sentence is one word and would be cut off
    for line in sorted(interesting, key=lambda line: line.number):
        reasons = "\n".join(reason.say(library.wording) for reason in line.reasons)
        day = str(line.record.day) if line.record else ""
        # Text: what people wrote is no markup.
        table.add_row(str(line.number), STATES[line.state], day, Text(line.content), Text(reasons))
    screen().print(table)
    if len(interesting) < len(lines):
        click.echo(f"（只列了 {len(interesting)} 行，全部：--all）")
