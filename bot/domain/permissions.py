"""Who may do what in the console: one table, role × action (docs/console.md)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.cases import Assignment, Case
from bot.domain.street import Member, Street

ACTIONS = (
    "see_queue",  # the list of cases, as cards without words
    "see_facts",  # a case without what was said: matter, times, who has it
    "read_case",  # a case with what was said
    "act_on_case",  # take over, write, close …
    "assign",  # give a case to somebody
    "see_audit",  # who read which case
    "enter_referred",  # disputes the police or a court referred
    "see_mediations",  # which stand where, without what was told
    "read_mediation",  # with parties, telephone numbers, facts, agreement
    "act_on_mediation",  # its steps
    "assign_mediation",  # give it to a mediator; for a mediator: take one that nobody has
    "handle_aid",  # applications for legal aid: read, hand over, record the decision
    "see_figures",
    "record_service",  # what happened outside falin
    "correct_entry",  # of the ledger, whoever made it
    "manage_enterprises",
    "manage_members",  # absences, invitations, removal
    "export",
)
# How far a permission reaches. "own": cases one has.  "had": also those one once had.
# "served": also waiting cases of one's communities, and those one was asked to take.
ALL, SERVED, HAD, OWN = "all", "served", "had", "own"
# A role that does not stand here, such as a resident's, may do nothing.
TABLE: dict[str, dict[str, str]] = {
    "adviser": {
        "see_queue": SERVED, "see_facts": SERVED, "read_case": HAD, "act_on_case": OWN, "see_figures": SERVED,
        "record_service": SERVED, "manage_enterprises": SERVED,
    },
    "mediator": {
        "see_queue": HAD, "see_facts": HAD, "read_case": HAD, "act_on_case": OWN, "enter_referred": ALL,
        "see_mediations": SERVED, "read_mediation": OWN, "act_on_mediation": OWN, "assign_mediation": SERVED,
        "see_figures": SERVED, "record_service": SERVED,
    },
    "staff": {
        "see_queue": ALL, "see_facts": ALL, "enter_referred": ALL, "see_mediations": ALL, "read_mediation": ALL,
        "act_on_mediation": ALL, "assign_mediation": ALL, "handle_aid": ALL, "see_figures": ALL, "export": ALL,
        "record_service": ALL, "correct_entry": ALL, "manage_enterprises": ALL,
    },
    "supervisor": {
        "see_queue": ALL, "see_facts": ALL, "read_case": ALL, "act_on_case": OWN, "assign": ALL, "see_audit": ALL,
        "enter_referred": ALL, "see_mediations": ALL, "read_mediation": ALL, "act_on_mediation": ALL,
        "assign_mediation": ALL, "handle_aid": ALL, "see_figures": ALL, "manage_members": ALL, "export": ALL,
        "record_service": ALL, "correct_entry": ALL, "manage_enterprises": ALL,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A case, as far as permissions look at it.

    Args:
        holder: id of whoever has it now.  former: ids of those who once took it over.
        asked: those it was offered to who did not decline.  barred: those on the other side's side.
        waiting: nobody has taken it over yet.
    """

    community: str
    holder: str | None = None
    former: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    waiting: bool = False


def subject_of(case: Case, assignments: Collection[Assignment] = (), barred: Collection[str] = ()) -> Subject:
    """What permissions look at. Somebody to whom a case was offered and who never took it over has not had it.

    Args:
        barred: members with a conflict of interest.
    """
    return Subject(
        community=case.community,
        holder=case.adviser_id,
        former=frozenset(a.adviser_id for a in assignments if a.accepted_at),
        asked=frozenset(a.adviser_id for a in assignments if a.ended_because != "declined"),
        barred=frozenset(barred),
        waiting=case.state in ("waiting", "supervisor"),
    )


def reach(member: Member | None, action: str) -> str:
    """How far the member's permission reaches; "" for none.

    Raises:
        KeyError: no such action.
    """
    if action not in ACTIONS:
        raise KeyError(action)
    return TABLE.get(member.role, {}).get(action, "") if member else ""


def may(member: Member | None, action: str, *, case: Subject | None = None, street: Street | None = None) -> bool:
    """Whether the member may do this, with this case if one is named; without one: whether with any at all."""
    how_far = reach(member, action)
    if not how_far or member is None:
        return False
    if how_far == ALL or case is None:
        return True
    if member.id in case.barred:
        return False
    if case.holder == member.id:
        return True
    if how_far in (HAD, SERVED) and member.id in case.former:
        return True
    near = member.id in case.asked or case.community in communities_of(member, street)
    return how_far == SERVED and case.waiting and near


def communities_of(member: Member, street: Street | None) -> frozenset[str]:
    """The communities a member serves by name: whose adviser this is, and those that street.yml lists for them."""
    own = {c.id for c in street.communities if c.adviser == member.id} if street else set()
    return frozenset(own | set(member.communities))


def figure_communities(member: Member, street: Street) -> frozenset[str] | None:
    """The communities whose figures a member sees and records; None: the whole street.

    An adviser or mediator sees those they serve. Staff for whom street.yml lists communities see these, all others all.
    """
    if member.role in ("staff", "supervisor"):
        return frozenset(member.communities) or None
    served = communities_of(member, street)
    return served or None if member.role == "mediator" else served
