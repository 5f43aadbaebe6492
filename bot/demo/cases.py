"""Questions that go to an adviser: opened, taken over, answered, closed, rated."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.plan import COMMON, Year, askers, turn
from bot.services.casework import close_case, rate_case
from bot.services.handoff import accept_case, open_case
from bot.services.relay import say_to_client
from bot.services.turn import Work


def plan_cases(plan: Year) -> None:
    """Everybody who wants to speak to an adviser."""
    for place, number in enumerate(askers(plan, plan.sizes.cases, 130)):
        matter = plan.chance.choice(COMMON)
        found: dict[str, int] = {}
        opened = plan.moment(12, 350)
        # One in fifteen is answered too late.
        waits = timedelta(hours=30) if place % 15 == 7 else timedelta(minutes=plan.chance.randrange(4, 28))
        rating = plan.chance.choices((5, 4, 3, 2), (70, 20, 7, 3))[0] if place % 4 else 0
        plan.at(opened, lambda work, n=number, m=matter, f=found: _open(plan, work, n, m, f))  # type: ignore[misc]
        plan.at(opened + waits, lambda work, f=found: _talk(work, f))  # type: ignore[misc]
        end = opened + waits + timedelta(minutes=40)
        plan.at(end, lambda work, f=found, r=rating: _close(plan, work, f, r))  # type: ignore[misc]


def _open(plan: Year, work: Work, number: int, matter: str, found: dict[str, int]) -> None:
    case, _ = open_case(turn(plan, work, number), "（演示数据）想请顾问看看该怎么办", matter)
    found["case"] = case.id


def _talk(work: Work, found: dict[str, int]) -> None:
    case = work.uow.cases.get(found["case"])
    adviser = case.adviser_id or work.library.street.list_members("supervisor")[0].id
    accept_case(work, case.id, adviser)
    say_to_client(work, case.id, adviser, "（演示数据）材料先留好，下一步按这个顺序办。")


def _close(plan: Year, work: Work, found: dict[str, int], rating: int) -> None:
    case = work.uow.cases.get(found["case"])
    outcome = plan.chance.choices(("advised", "settled", "document_done", "to_court"), (60, 15, 15, 10))[0]
    close_case(work, case.id, str(case.adviser_id), outcome)
    if rating and case.client_id:
        rate_case(work, case.id, case.client_id, rating)
