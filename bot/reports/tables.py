"""falin stats: the figures as tables on the screen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.bootstrap import load_street_of, open_database
from bot.domain.calendar import beijing_day, utc_now
from bot.knowledge.matters import load_matters
from bot.reports.stats import DIMENSIONS, count_services, count_total, label
from bot.settings import PROJECT, Settings

HEADINGS = {"month": "月份", "matter": "法律事项", "community": "社区", "kind": "服务类别"}


def print_stats(settings: Settings, year: int | None) -> None:
    """Print one table per dimension. Services are 人次, people 人数; days are counted in China."""
    wanted = year or beijing_day(utc_now()).year
    engine = open_database(settings)
    names = {
        "matter": {m.id: m.title for m in load_matters(PROJECT / "nlu_data" / "matters.yml").values()},
        "community": {c.id: c.name for c in load_street_of(settings).communities},
    }
    console = Console()
    total = count_total(engine, wanted)
    for by in DIMENSIONS:
        table = Table(title=f"{wanted}年 按{HEADINGS[by]}", title_justify="left", show_footer=True)
        table.add_column(HEADINGS[by], footer="合计", min_width=12)
        table.add_column("人次", footer=str(total.services), justify="right")
        table.add_column("人数", footer=str(total.people), justify="right")
        for row in count_services(engine, wanted, by):
            table.add_row(label(by, row.key, names), str(row.services), str(row.people))
        console.print(table)
    console.print("人次：服务次数；人数：不重复的当事人（同一人跨行只在合计中计一次）。")
