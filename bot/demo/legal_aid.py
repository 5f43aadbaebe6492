"""Legal aid asked for in falin: the pre-check, the application, handing it over, what the centre decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.plan import Year, askers, turn
from bot.domain.aid_applications import DECISION_DAYS
from bot.domain.calendar import beijing_day
from bot.domain.legal_aid import AidAnswers
from bot.services.aid_office import hand_over, record_decision
from bot.services.legal_aid import Applicant, apply_for_aid, precheck_aid, withdraw_aid
from bot.services.turn import Work

ANSWERS = (
    AidAnswers("civil", "wages", "self", "no", "migrant", "unknown", "none"),
    AidAnswers("civil", "work_injury", "self", "no", "migrant", "i2", "none"),
    AidAnswers("civil", "support", "self", "no", "elderly", "i1", "none"),
    AidAnswers("civil", "violence", "self", "no", "none", "unknown", "none"),
    AidAnswers("civil", "traffic", "self", "no", "relief", "i1", "none"),
)
APPLICANT = Applicant("演示甲", "023-00001234", "（演示数据）想申请法律援助", "演示乙")
# Minutes of work: an application is passed on within a workday (420). The papers are brought to the office.
HANDED_OVER, DECIDED = (20, 300), (400, 1_600)
FORM = timedelta(minutes=12)  # what filling it in takes a resident


@dataclass
class Application:
    """One application on its way. Args: number: whose.  decision: the centre's.  reference: once it is made."""

    number: int
    answers: AidAnswers
    decision: str
    reference: str = ""


def plan_aid(plan: Year) -> None:
    """Those that are handed over, one or two that are taken back, and people who only ask whether they may."""
    sizes = plan.sizes
    applied, withdrawn = sizes.aid_applied, sizes.aid_applied + sizes.aid_withdrawn
    for place, number in enumerate(askers(plan, withdrawn + sizes.aid_asked, 200)):
        decision = "refused" if place < sizes.aid_refused else "granted"
        wish = Application(number, plan.chance.choice(ANSWERS), decision)
        asked, handed, decided = _moments(plan)
        plan.at(asked, lambda work, w=wish: _ask(plan, work, w))  # type: ignore[misc]
        if place < withdrawn:
            plan.at(asked + FORM, lambda work, w=wish: _apply(plan, work, w))  # type: ignore[misc]
        if place < applied:
            plan.at(handed, lambda work, w=wish: _hand_over(plan, work, w))  # type: ignore[misc]
            plan.at(decided, lambda work, w=wish: _decide(plan, work, w))  # type: ignore[misc]
        elif place < withdrawn:
            plan.at(asked + 2 * FORM, lambda work, w=wish: _withdraw(plan, work, w))  # type: ignore[misc]


def _moments(plan: Year) -> tuple[datetime, datetime, datetime]:
    """When somebody asks, when it is handed over, and when the centre has decided: within its days, holidays or not."""
    while True:
        asked = plan.moment(20, 335)
        handed = plan.later(asked + FORM, *HANDED_OVER)
        decided = plan.later(handed, *DECIDED)
        if beijing_day(decided) - beijing_day(handed) <= DECISION_DAYS:
            return asked, handed, decided


def _ask(plan: Year, work: Work, wish: Application) -> None:
    precheck_aid(turn(plan, work, wish.number), wish.answers)


def _apply(plan: Year, work: Work, wish: Application) -> None:
    application, _ = apply_for_aid(turn(plan, work, wish.number), wish.answers, APPLICANT)
    wish.reference = application.reference


def _hand_over(plan: Year, work: Work, wish: Application) -> None:
    hand_over(work, wish.reference, plan.someone().id)


def _decide(plan: Year, work: Work, wish: Application) -> None:
    record_decision(work, wish.reference, wish.decision, plan.someone().id)


def _withdraw(plan: Year, work: Work, wish: Application) -> None:
    withdraw_aid(turn(plan, work, wish.number), wish.reference)
