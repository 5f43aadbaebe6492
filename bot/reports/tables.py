"""falin stats: the figures as tables on the screen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.bootstrap import load_library, load_street_of, open_database, unit_of_work_factory
from bot.domain.calendar import BEIJING, beijing_day, utc_now
from bot.knowledge.matters import load_matters
from bot.reports.cases import list_open_cases
from bot.reports.stats import DIMENSIONS, count_services, count_total, label
from bot.services.consultations import find_withdrawn
from bot.settings import PROJECT, Settings
from bot.storage.sealing import load_keys

HEADINGS = {"month": "月份", "matter": "法律事项", "community": "社区", "kind": "服务类别"}


def print_withdrawn(settings: Settings) -> None:
    """Print the entries that may not answer now, each with those who were given it, newest first."""
    street = load_street_of(settings)
    communities = {community.id: community.name for community in street.communities}
    library = load_library(street)
    open_unit = unit_of_work_factory(open_database(settings), load_keys(settings.secret_file))
    with open_unit(read_only=True) as uow:
        withdrawn = sorted(find_withdrawn(uow, library, utc_now()))
        recipients = uow.answers.list_recipients(withdrawn)
    table = Table(title="暂停回答的条目，和得到过答复的人", title_justify="left")
    for heading in ("条目", "标题", "匿名编号", "社区", "最近一次"):
        table.add_column(heading)
    for entry in withdrawn:
        given = sorted((r for r in recipients if r.entry == entry), key=lambda r: r.given_at, reverse=True)
        table.add_row(entry, library.entries[entry].title, "" if given else "没有人得到过", "", "")
        for recipient in given:
            day = f"{recipient.given_at.astimezone(BEIJING):%Y-%m-%d}"
            table.add_row("", "", recipient.client, communities.get(recipient.community, ""), day)
    console = Console()
    console.print(table)
    console.print(f"{len(withdrawn)} 条暂停；{len({r.client for r in recipients})} 人得到过其中的答复")


def print_open_cases(settings: Settings) -> None:
    """Print the cases that wait, urgent first."""
    street = load_street_of(settings)
    matters = load_matters(PROJECT / "nlu_data" / "matters.yml")
    communities = {community.id: community.name for community in street.communities}
    table = Table(title="未办结的案件", title_justify="left")
    for heading in ("编号", "紧急", "社区", "事项", "顾问", "开始", "顾问已收到"):
        table.add_column(heading)
    for case in list_open_cases(open_database(settings)):
        adviser = street.find_member(case.adviser)
        table.add_row(
            case.reference,
            "紧急" if case.urgency == "urgent" else "",
            communities.get(case.community, case.community),
            matters[case.matter].title if case.matter in matters else case.matter,
            adviser.name if adviser else street.office,
            f"{case.opened_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
            "是" if case.connected else "否，请转告",
        )
    Console().print(table)


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
