"""Enterprises that get an adviser. Their names are made up, and say so: 青杠示例禾润五金店."""

from __future__ import annotations

import random
from itertools import product

from bot.demo.plan import Year
from bot.services.enterprises import EnterpriseForm, register_enterprise
from bot.services.turn import Work

MARK = "示例"  # no real enterprise calls itself an example
FIRST = ("禾", "润", "嘉", "顺", "宏", "恒")
SECOND = ("源", "泰", "达", "美", "和", "兴")
TRADES = (
    "小面馆", "火锅店", "便利店", "五金店", "药房", "理发店", "建材经营部", "服装店", "汽车维修部", "打印社", "家政服务部", "物流有限公司",
    "装饰工程有限公司", "食品有限公司", "科技有限公司",
)  # fmt: skip


def list_names(year: int) -> list[str]:
    """What a year's new enterprises can be called, 270 names; none is used in two years in a row."""
    names = [f"{MARK}{first}{second}{trade}" for first, second, trade in product(FIRST, SECOND, TRADES)]
    random.Random("enterprises").shuffle(names)
    return names[year % 2 :: 2]


def plan_enterprises(plan: Year) -> None:
    """The register fills up in the first weeks of the year."""
    communities = plan.library.street.communities
    for place, name in enumerate(list_names(plan.year)[: plan.sizes.enterprises]):
        community = communities[place % len(communities)]
        form = EnterpriseForm(f"{community.name.removesuffix('社区')}{name}", community.id, choices=("contract_review",))
        plan.at(plan.moment(2, 40), lambda work, f=form: _enrol(plan, work, f))  # type: ignore[misc]


def _enrol(plan: Year, work: Work, form: EnterpriseForm) -> None:
    made = register_enterprise(work, plan.someone(), form)
    plan.enterprises.append((made.pseudonym, made.community))
