"""Questions that go to an adviser: opened, taken over, answered, closed, rated."""

from __future__ import annotations

from dataclasses import dataclass

from bot.demo.plan import COMMON, Year, askers, turn
from bot.services.casework import close_case, rate_case
from bot.services.handoff import accept_case, open_case
from bot.services.relay import say_to_client
from bot.services.turn import Work

# Minutes of work. street.yml promises that somebody has taken it over after 30, and has answered after 120.
TAKEN_OVER, ANSWERED, TOO_LATE, CLOSED = (4, 28), (3, 60), (150, 300), (20, 90)


@dataclass
class Consultation:
    """One question on its way. Args: number: whose it is.  rating: 0 for none.  case_id: once it is open."""

    number: int
    matter: str
    rating: int
    case_id: int = 0


def plan_cases(plan: Year) -> None:
    """Everybody who wants to speak to an adviser."""
    for place, number in enumerate(askers(plan, plan.sizes.cases, 130)):
        rating = plan.chance.choices((5, 4, 3, 2), (70, 20, 7, 3))[0] if place % 4 else 0
        asked = Consultation(number, plan.chance.choice(COMMON), rating)
        opened = plan.moment(12, 350)
        taken = plan.later(opened, *TAKEN_OVER)
        # One in fifteen is answered too late.
        answered = plan.later(taken, *(TOO_LATE if place % 15 == 7 else ANSWERED))
        steps = ((opened, _open), (taken, _take), (answered, _answer), (plan.later(answered, *CLOSED), _close))
        for moment, step in steps:
            plan.at(moment, lambda work, do=step, a=asked: do(plan, work, a))  # type: ignore[misc]


def _open(plan: Year, work: Work, asked: Consultation) -> None:
    case, _ = open_case(turn(plan, work, asked.number), "（演示数据）想请顾问看看该怎么办", asked.matter)
    asked.case_id = case.id


def _take(plan: Year, work: Work, asked: Consultation) -> None:
    accept_case(work, asked.case_id, _adviser(work, asked))


def _answer(plan: Year, work: Work, asked: Consultation) -> None:
    say_to_client(work, asked.case_id, _adviser(work, asked), "（演示数据）材料先留好，下一步按这个顺序办。")


def _close(plan: Year, work: Work, asked: Consultation) -> None:
    outcome = plan.chance.choices(("advised", "settled", "document_done", "to_court"), (60, 15, 15, 10))[0]
    case = close_case(work, asked.case_id, _adviser(work, asked), outcome)
    if asked.rating and case.client_id:
        rate_case(work, case.id, case.client_id, asked.rating)


def _adviser(work: Work, asked: Consultation) -> str:
    """Whoever was asked, and takes it over in time."""
    return str(work.uow.cases.get(asked.case_id).adviser_id)
