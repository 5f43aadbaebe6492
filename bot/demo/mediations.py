"""Disputes that go to the mediators: entered, asked about, taken on, discussed, and settled or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from bot.demo.plan import Year, split
from bot.domain.mediation import Content, Person, Terms
from bot.services.mediation import Referral, refer_dispute
from bot.services.mediation_results import Result, record_result
from bot.services.mediation_steps import accept_mediation, ask_respondent, record_consent, schedule_session
from bot.services.turn import Work

FIRST, LAST = 5, 325  # days of the year on which a dispute comes in: all are over before the year is
# Minutes of work from step to step, a workday has 420. The other side is asked within 3 workdays, the next step is
# taken within 5, and the result stands there within one of the session.
ASKED, CONSENTED, ACCEPTED, SCHEDULED, SESSION, RESULT = (
    (30, 600), (430, 1_200), (30, 900), (20, 300), (840, 2_520), (50, 200),
)  # fmt: skip
SOURCES = {"walk_in": 60, "police": 25, "court": 8, "adviser": 7}
WILLING = ("police", "court")  # who sends both sides only when both want it
KINDS = {
    "neighbours": 30, "family": 15, "labour": 15, "property_management": 15, "consumer": 10, "contract": 10, "damages": 5,
}  # fmt: skip


@dataclass
class Dispute:
    """One dispute on its way. Args: session: when both sides meet.  mediation_id, mediator: once it is entered."""

    form: Referral
    result: Result
    session: datetime | None = None
    mediation_id: int = 0
    mediator: str = ""


def plan_mediations(plan: Year) -> None:
    """Those that end with an agreement, and those that do not."""
    for result in _results(plan):
        dispute = Dispute(_form(plan), result)
        for moment, step in _steps(plan, dispute):
            plan.at(moment, lambda work, do=step, d=dispute: do(work, d))  # type: ignore[misc]


def _results(plan: Year) -> Iterator[Result]:
    sizes = plan.sizes
    parties = [2] * sizes.agreed
    for extra in range(sizes.parties - 2 * sizes.agreed):
        parties[extra % sizes.agreed] += 1
    plan.chance.shuffle(parties)
    terms = Terms("（演示数据）双方互谅互让", "按约定的日子付清")
    for people, yuan in zip(parties, split(plan.chance, sizes.amount // 100, sizes.agreed), strict=True):
        yield Result(True, people, amount=yuan * 100, terms=terms)
    for _ in range(sizes.failed):
        yield Result(False)


def _form(plan: Year) -> Referral:
    source, kind = (plan.chance.choices(list(shares), list(shares.values()))[0] for shares in (SOURCES, KINDS))
    content = Content(applicant=Person("演示甲"), respondent=Person("演示乙"), facts="（演示数据）")
    community = plan.chance.choice(plan.library.street.communities).id
    return Referral(source, community, kind, content, consented=source in WILLING)


def _steps(plan: Year, dispute: Dispute) -> Iterator[tuple[datetime, Callable[[Work, Dispute], None]]]:
    moment = plan.moment(FIRST, LAST)
    yield moment, _enter
    if not dispute.form.consented:
        yield (moment := plan.later(moment, *ASKED)), _ask
        yield (moment := plan.later(moment, *CONSENTED)), _consent
    yield (moment := plan.later(moment, *ACCEPTED)), _accept
    yield (moment := plan.later(moment, *SCHEDULED)), _schedule
    (slot,) = plan.library.calendar.list_slots(plan.later(moment, *SESSION), timedelta(minutes=30), 1)
    dispute.session = slot.astimezone(timezone.utc)
    yield plan.later(slot, *RESULT), _conclude


def _enter(work: Work, dispute: Dispute) -> None:
    office = work.library.street.list_members("staff", "supervisor")[0].id
    mediation = refer_dispute(work, office, dispute.form)
    dispute.mediation_id, dispute.mediator = mediation.id, mediation.mediator_id or office


def _ask(work: Work, dispute: Dispute) -> None:
    ask_respondent(work, dispute.mediator, dispute.mediation_id)


def _consent(work: Work, dispute: Dispute) -> None:
    record_consent(work, dispute.mediator, dispute.mediation_id, agrees=True)


def _accept(work: Work, dispute: Dispute) -> None:
    accept_mediation(work, dispute.mediator, dispute.mediation_id)


def _schedule(work: Work, dispute: Dispute) -> None:
    assert dispute.session
    schedule_session(work, dispute.mediator, dispute.mediation_id, dispute.session)


def _conclude(work: Work, dispute: Dispute) -> None:
    record_result(work, dispute.mediator, dispute.mediation_id, dispute.result)
