"""Advisers join by a one-time link."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from bot.domain.errors import NotFound
from bot.domain.street import Street
from bot.services.unit_of_work import UnitOfWork

INVITE_VALID = timedelta(days=7)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite_adviser(uow: UnitOfWork, street: Street, adviser_id: str, now: datetime) -> str:
    """Create a one-time invitation; only its hash is stored.

    Returns:
        The token, to be sent as /start adviser_<token> within INVITE_VALID.

    Raises:
        NotFound: no such adviser in street.yml.
    """
    if street.find_member(adviser_id) is None:
        known = ", ".join(a.id for a in street.list_members("adviser"))
        raise NotFound(f"no adviser “{adviser_id}” in street.yml", f"known are: {known}")
    token = secrets.token_urlsafe(24)
    uow.members.add_invite(_token_hash(token), adviser_id, now + INVITE_VALID)
    return token


def accept_invite(uow: UnitOfWork, token: str, client_id: int, now: datetime) -> str | None:
    """Make the client's account that of the invited adviser.

    Returns:
        The adviser's id, or None when the token is unknown, used or expired.
    """
    adviser_id = uow.members.use_invite(_token_hash(token), now)
    if adviser_id:
        uow.members.add_account(adviser_id, client_id, now)
    return adviser_id
