"""Members: they join by a one-time link, and say when they are away."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from bot.domain.calendar import beijing_day
from bot.domain.errors import NotFound
from bot.domain.roster import Absence
from bot.domain.street import Street
from bot.services.assigning import end_assignment, reassign
from bot.services.turn import Work
from bot.services.unit_of_work import UnitOfWork

INVITE_VALID = timedelta(days=7)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite_member(uow: UnitOfWork, street: Street, member_id: str, now: datetime) -> str:
    """Create a one-time invitation for whoever serves the street; only its hash is stored.

    Returns:
        The token, to be sent as /start member_<token> within INVITE_VALID.

    Raises:
        NotFound: nobody with this id in street.yml.
    """
    if street.find_member(member_id) is None:
        known = ", ".join(a.id for a in street.members)
        raise NotFound(f"nobody “{member_id}” in street.yml", f"known are: {known}")
    token = secrets.token_urlsafe(24)
    uow.members.add_invite(_token_hash(token), member_id, now + INVITE_VALID)
    return token


def accept_invite(uow: UnitOfWork, token: str, client_id: int, now: datetime) -> str | None:
    """Make the client's account that of the invited member.

    Returns:
        The member's id, or None when the token is unknown, used or expired.
    """
    member_id = uow.members.use_invite(_token_hash(token), now)
    if member_id:
        uow.members.add_account(member_id, client_id, now)
    return member_id


def go_on_duty(work: Work, member_id: str) -> None:
    """Back from today on."""
    work.uow.members.end_absence(member_id, beijing_day(work.now) - timedelta(days=1))


def go_off_duty(work: Work, absence: Absence) -> int:
    """Away for some days. Cases not yet taken over ask somebody else if it begins today; how many those were."""
    work.uow.members.add_absence(absence)
    if absence.first > beijing_day(work.now):
        return 0
    waiting = [c for c in work.uow.cases.list_for_adviser(absence.member_id) if c.accepted_at is None]
    for known in waiting:
        case = work.uow.cases.lock(known.id)
        end_assignment(work, case, "declined")
        reassign(work, case, before=absence.member_id)
    return len(waiting)
