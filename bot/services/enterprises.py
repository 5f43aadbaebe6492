"""The register of enterprises: who looks after which, and what each wants."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.enterprises import CHOICES, Enterprise, normalise_enterprise
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry
from bot.domain.permissions import figure_communities, may
from bot.domain.street import Member
from bot.services.turn import Work

LONGEST_NAME, LONGEST_CONTACT = 60, 80


@dataclass(frozen=True)
class EnterpriseForm:
    """What was filled in. Args: adviser_id: "" is the community's own.  choices: ids of CHOICES."""

    name: str
    community: str
    adviser_id: str = ""
    contact: str = ""
    choices: tuple[str, ...] = ()


def register_enterprise(work: Work, member: Member, form: EnterpriseForm) -> Enterprise:
    """Put an enterprise into the register with its adviser; counted once as assigned.

    Raises:
        RuleBroken: not allowed, faulty, or one of this name stands there already ("enterprise_known").
    """
    adviser = _check(work, member, form)
    if work.uow.enterprises.find_by_name(form.name):
        raise RuleBroken("an enterprise of this name is registered", code="enterprise_known")
    enterprise = work.uow.enterprises.add(
        Enterprise(0, "", form.name.strip(), form.community, adviser, work.now, form.contact.strip(), form.choices)
    )
    work.uow.ledger.add(
        Entry(
            key=f"enterprise_assigned:{enterprise.pseudonym}",
            kind="enterprise_assigned",
            matter="other",
            community=enterprise.community,
            subject="enterprise",
            channel="offline",
            served_by=f"adviser:{adviser}",
            outcome="registered",
            client=enterprise.pseudonym,
            occurred_at=work.now,
            recorded_by=member.id,
        )
    )
    return enterprise


def change_enterprise(work: Work, member: Member, enterprise_id: int, form: EnterpriseForm) -> Enterprise:
    """Another adviser, contact or choice; not counted again. Raises NotFound, RuleBroken as register_enterprise."""
    enterprise = require_enterprise(work, member, enterprise_id)
    adviser = _check(work, member, form)
    known = work.uow.enterprises.find_by_name(form.name)
    if known and known.id != enterprise.id:
        raise RuleBroken("an enterprise of this name is registered", code="enterprise_known")
    enterprise.name, enterprise.community, enterprise.adviser_id = form.name.strip(), form.community, adviser
    enterprise.contact, enterprise.choices = form.contact.strip(), form.choices
    work.uow.enterprises.save(enterprise)
    return enterprise


def end_enterprise(work: Work, member: Member, enterprise_id: int) -> None:
    """It has closed down or moved away; its entries stay. Raises NotFound, RuleBroken."""
    enterprise = require_enterprise(work, member, enterprise_id)
    enterprise.ended_at = enterprise.ended_at or work.now
    work.uow.enterprises.save(enterprise)


def list_enterprises(work: Work, member: Member) -> list[Enterprise]:
    """Those of the communities the member serves."""
    reach = figure_communities(member, work.library.street)
    return [e for e in work.uow.enterprises.list_all() if reach is None or e.community in reach]


def require_enterprise(work: Work, member: Member, enterprise_id: int) -> Enterprise:
    """Raises NotFound, or RuleBroken when it is not of the member's communities."""
    enterprise = work.uow.enterprises.get(enterprise_id)
    reach = figure_communities(member, work.library.street)
    if not may(member, "manage_enterprises") or (reach is not None and enterprise.community not in reach):
        raise RuleBroken("an enterprise of another community", code="not_allowed")
    return enterprise


def _check(work: Work, member: Member, form: EnterpriseForm) -> str:
    """The adviser's id. Raises RuleBroken."""
    street = work.library.street
    community, reach = street.find_community(form.community), figure_communities(member, street)
    if not may(member, "manage_enterprises") or (reach is not None and form.community not in reach):
        raise RuleBroken("may not register enterprises there", code="not_allowed")
    if community is None:
        raise RuleBroken("no such community", code="community")
    if not normalise_enterprise(form.name) or len(form.name) > LONGEST_NAME or len(form.contact) > LONGEST_CONTACT:
        raise RuleBroken("no name, or too long", code="enterprise_name")
    if any(choice not in CHOICES for choice in form.choices):
        raise RuleBroken("no such choice", code="enterprise_choice")
    adviser = street.find_member(form.adviser_id or community.adviser)
    if adviser is None or adviser.role != "adviser":
        raise RuleBroken("no such adviser", code="member")
    return adviser.id
