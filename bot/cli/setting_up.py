"""Setting up and looking after an installation: init, db, doctor."""

from __future__ import annotations

import sys
from typing import Any

import click

from bot.settings import Settings


@click.command()
@click.option("--demo", is_flag=True, help="Set up the demo street of five communities.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def init(settings: Settings, demo: bool, yes: bool) -> None:
    """Set up FALIN_HOME: street.yml, secret, database, posters."""
    from bot.installation import prepare_home, set_up, write_street

    prepare_home(settings)
    answers = None if demo or yes or settings.street_file.exists() else _ask_street()
    written = write_street(settings, answers)
    posters = set_up(settings)
    click.echo(f"{'wrote' if written else 'kept'} {settings.street_file}")
    click.echo(f"wrote {len(posters)} posters in {posters[0].parent}")
    click.echo("next: falin run")


def _ask_street() -> Any:
    from bot.installation import StreetAnswers

    street = click.prompt("街道名称 (street)", default="白鹭街道")
    names = click.prompt("社区名称，用空格分开 (communities)", default="白马社区 青杠社区").split()
    communities = []
    for number, name in enumerate(names, 1):
        communities.append((click.prompt(f"{name} 的英文代号，用于链接 (id)", default=f"community{number}"), name))
    advisers = click.prompt("法律顾问称呼，按社区顺序，用空格分开 (advisers)", default="陈律师").split()
    phone = click.prompt("司法所电话 (phone)")
    hours = click.prompt("办公时间 (hours)", default="周一至周五 9:00–12:00、14:00–18:00")
    return StreetAnswers(street, f"{street}司法所", phone, hours, communities, advisers)


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_obj
def db_upgrade(settings: Settings) -> None:
    """Bring the database to the present schema; safe to repeat."""
    from bot.installation import prepare_home
    from bot.storage.engine import make_engine
    from bot.storage.migrate import upgrade

    prepare_home(settings)
    before, after = upgrade(make_engine(settings.database_url))
    click.echo(f"schema {after}" + (" (already current)" if before == after else ""))


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Say what is missing and how to get it."""
    from bot.doctor import examine

    worst = 0
    for check in examine(settings):
        mark, colour = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}[check.ok]
        click.echo(click.style(f"{mark} {check.name}", fg=colour) + f": {check.detail}")
        worst = max(worst, int(check.ok is False))
    sys.exit(worst)
