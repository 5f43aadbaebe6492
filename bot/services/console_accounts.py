"""Log-in to the console: invited, with password and one-time code. docs/console.md says it for those who use it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.console import INVITE_VALID, TOUCH, ConsoleAccount, ConsoleInvite, ConsoleSession, count_try
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.street import Member, Street
from bot.services.credentials import (
    find_step,
    new_recovery_codes,
    new_secret,
    new_token,
    recovery_hash,
    token_hash,
)
from bot.services.unit_of_work import UnitOfWork

INVITE, SESSION = "console_invite", "console_session"
LONGEST_ID = 32


def invite_to_console(uow: UnitOfWork, street: Street, member_id: str, now: datetime) -> str:
    """Create a one-time invitation to the console; an earlier one of the member is worth nothing any more.

    Returns:
        The token of the link, valid for INVITE_VALID.

    Raises:
        NotFound: nobody in street.yml has this id.
    """
    if street.find_member(member_id) is None:
        raise NotFound(f"nobody has the id “{member_id}” in street.yml")
    token = new_token()
    invite = ConsoleInvite(member_id, new_secret(), now + INVITE_VALID)
    uow.console_accounts.add_invite(token_hash(INVITE, token), invite)
    return token


def find_invite(uow: UnitOfWork, street: Street, token: str, now: datetime) -> ConsoleInvite:
    """The invitation behind a link.

    Raises:
        NotFound: it is unknown, used or too old, or the member has left.
    """
    invite = uow.console_accounts.find_invite(token_hash(INVITE, token), now)
    if invite is None or street.find_member(invite.member_id) is None:
        raise NotFound("no such invitation")
    return invite


def join_console(
    uow: UnitOfWork, street: Street, token: str, password_hash: str, code: str, now: datetime
) -> list[str]:
    """Set up the account an invitation is for; one the member had before is replaced, its sessions end.

    Args:
        code: what the authenticator shows for the invitation's secret.

    Returns:
        Recovery codes, to be shown once.

    Raises:
        NotFound: see find_invite.  RuleBroken: the code is wrong.
    """
    invite = find_invite(uow, street, token, now)
    step = find_step(invite.secret, code, now)
    if step is None:
        raise RuleBroken("wrong one-time code", code="wrong_code")
    accounts, codes = uow.console_accounts, new_recovery_codes()
    accounts.remove(invite.member_id)
    accounts.save(ConsoleAccount(invite.member_id, password_hash, invite.secret, now, step))
    accounts.set_recovery_codes(invite.member_id, [recovery_hash(invite.member_id, c) for c in codes])
    accounts.clear_tries("member", invite.member_id)
    return codes


@dataclass(frozen=True)
class Try:
    """A log-in that has begun. Args: blocked: too many wrong ones; it must not go on.  password_hash: None: nobody's."""

    blocked: bool
    password_hash: str | None = None


def start_log_in(uow: UnitOfWork, member_id: str, address: str, now: datetime) -> Try:
    """Begin a log-in. It counts as a wrong try until finish_log_in, so that many at once gain nothing.

    To be committed in any case. The password is compared afterwards, outside of any transaction.
    """
    who = {"member": member_id[:LONGEST_ID], "address": address}
    known = {kind: uow.console_accounts.find_tries(kind, name) for kind, name in who.items()}
    if any(tries and tries.blocks(now) for tries in known.values()):
        return Try(blocked=True)
    for kind, name in who.items():
        uow.console_accounts.save_tries(kind, name, count_try(known[kind], kind, now))
    account = uow.console_accounts.find(member_id)
    return Try(blocked=False, password_hash=account.password_hash if account else None)


def finish_log_in(
    uow: UnitOfWork, street: Street, member_id: str, address: str, code: str, now: datetime
) -> str | None:
    """Finish the log-in of somebody whose password was right.

    Args:
        code: a one-time code, or a recovery code, which is used up.

    Returns:
        The session's token, or None when the code is wrong or was used before.
    """
    accounts = uow.console_accounts
    account = accounts.find(member_id)
    if account is None or street.find_member(member_id) is None:
        return None
    step = find_step(account.secret, code, now, account.last_step)
    if step is not None:
        accounts.save(replace(account, last_step=step))
    elif not accounts.use_recovery_code(member_id, recovery_hash(member_id, code)):
        return None
    accounts.clear_tries("member", member_id)
    if tries := accounts.find_tries("address", address):  # the one that start_log_in counted
        accounts.save_tries("address", address, replace(tries, failures=tries.failures - 1, blocked_until=None))
    token = new_token()
    accounts.add_session(token_hash(SESSION, token), ConsoleSession(member_id, now, now))
    return token


def find_session(uow: UnitOfWork, street: Street, token: str, now: datetime) -> tuple[Member, bool] | None:
    """Who is logged in, and whether that should be written down with touch_session; None: nobody."""
    session = uow.console_accounts.find_session(token_hash(SESSION, token)) if token else None
    if session is None or not session.holds(now):
        return None
    member = street.find_member(session.member_id)
    return (member, now - session.seen_at >= TOUCH) if member else None


def touch_session(uow: UnitOfWork, token: str, now: datetime) -> None:
    """The session is in use."""
    uow.console_accounts.touch_session(token_hash(SESSION, token), now)


def log_out(uow: UnitOfWork, token: str) -> None:
    """End this session."""
    uow.console_accounts.end_session(token_hash(SESSION, token))


def log_out_everywhere(uow: UnitOfWork, member_id: str) -> None:
    """End all sessions of a member."""
    uow.console_accounts.end_sessions(member_id)


def remove_access(uow: UnitOfWork, member_id: str) -> None:
    """A member leaves: the console account, its sessions and the account on a channel are gone at once."""
    uow.console_accounts.remove(member_id)
    uow.members.remove_account(member_id)
