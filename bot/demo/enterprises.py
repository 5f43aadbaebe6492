"""Enterprises that get an adviser."""

from __future__ import annotations

from bot.demo.plan import Year
from bot.services.enterprises import EnterpriseForm, register_enterprise
from bot.services.turn import Work


def plan_enterprises(plan: Year) -> None:
    """The register fills up in the first weeks of the year."""
    for number in range(plan.sizes.enterprises):
        community = plan.library.street.communities[number % len(plan.library.street.communities)].id
        form = EnterpriseForm(f"演示{plan.year % 100}{number + 1:03}号小微企业", community, choices=("contract_review",))
        plan.at(plan.moment(2, 40), lambda work, f=form: _enrol(plan, work, f))  # type: ignore[misc]


def _enrol(plan: Year, work: Work, form: EnterpriseForm) -> None:
    made = register_enterprise(work, plan.someone(), form)
    plan.enterprises.append((made.pseudonym, made.community))
