"""falin demo: invented data to look at the figures with."""

from __future__ import annotations

import click

from bot.settings import Settings

SHARE_BEFORE = 0.7


@click.group()
def demo() -> None:
    """Invented data, made through the real services."""


@demo.command("year")
@click.option("--year", type=int, default=2022, show_default=True)
@click.option("--with-previous", is_flag=True, help="Also a smaller year before it, to compare with.")
@click.pass_obj
def make_demo_year(settings: Settings, year: int, with_previous: bool) -> None:
    """A synthetic year of one street. Needs a folder of its own: FALIN_HOME=demo falin init --demo --yes."""
    from bot.bootstrap import load_library, load_street_of, open_database, unit_of_work_factory
    from bot.cli.progress import progress_bar
    from bot.demo.readiness import require_demo_street, require_unused
    from bot.demo.sizes import Sizes
    from bot.demo.year import make_year
    from bot.domain.reporting_periods import Period
    from bot.installation import DEMO_STREET
    from bot.knowledge.street_file import load_street
    from bot.storage.rollup import roll_up
    from bot.storage.sealing import load_keys

    Period(year), Period(year - 1)
    engine = open_database(settings)
    open_unit = unit_of_work_factory(engine, load_keys(settings.secret_file))
    street = load_street_of(settings)
    require_demo_street(street, load_street(DEMO_STREET))
    require_unused(open_unit)
    library = load_library(street)
    years = [(year - 1, Sizes().scaled(SHARE_BEFORE))] if with_previous else []
    with progress_bar() as advance:
        for number, sizes in [*years, (year, Sizes())]:
            make_year(open_unit, library, number, sizes, lambda done, total, n=number: advance(f"{n}", done, total))  # type: ignore[misc]
    roll_up(engine)
    click.echo(f"{year} is made up. Look at it: falin report --year {year} --format html")
