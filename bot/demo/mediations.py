"""Disputes that go to the mediators."""

from __future__ import annotations

from bot.demo.plan import Year, split
from bot.domain.mediation import Content, Person, Terms
from bot.services.mediation import Referral, refer_dispute
from bot.services.mediation_results import Result, record_result
from bot.services.mediation_steps import accept_mediation
from bot.services.turn import Work


def plan_mediations(plan: Year) -> None:
    """Those that end with an agreement, and those that do not."""
    sizes, chance = plan.sizes, plan.chance
    parties = [2] * sizes.agreed
    for extra in range(sizes.parties - 2 * sizes.agreed):
        parties[extra % sizes.agreed] += 1
    chance.shuffle(parties)
    amounts = split(chance, sizes.amount // 100, sizes.agreed)
    for place in range(sizes.agreed + sizes.failed):
        agreed = place < sizes.agreed
        result = Result(
            agreed, parties[place] if agreed else 2, amount=amounts[place] * 100 if agreed else 0,
            terms=Terms("（演示数据）双方互谅互让", "按约定的日子付清"),
        )  # fmt: skip
        community = chance.choice(plan.library.street.communities).id
        source = chance.choices(("walk_in", "police", "court", "adviser"), (60, 25, 8, 7))[0]
        kind = chance.choices(("neighbours", "family", "labour", "property_management", "consumer", "contract", "damages"),
                              (30, 15, 15, 15, 10, 10, 5))[0]  # fmt: skip
        form = Referral(
            source, community, kind,
            Content(applicant=Person("演示甲", ""), respondent=Person("演示乙", ""), facts="（演示数据）"), consented=True,
        )  # fmt: skip
        plan.at(plan.moment(5, 355), lambda work, f=form, r=result: _mediate(work, f, r))  # type: ignore[misc]


def _mediate(work: Work, form: Referral, result: Result) -> None:
    staff = work.library.street.list_members("staff", "supervisor")[0].id
    mediation = refer_dispute(work, staff, form)
    accept_mediation(work, staff, mediation.id)
    record_result(work, staff, mediation.id, result)
