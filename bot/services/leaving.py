"""A member leaves."""

from __future__ import annotations

from bot.services.console_accounts import remove_access
from bot.services.handoff import remove_member
from bot.services.turn import Work


def remove_from_service(work: Work, member_id: str) -> int:
    """End everything a member has: sessions and account of the console, the chat account, open cases.

    Returns:
        How many cases ask somebody else now.
    """
    open_cases = remove_member(work, member_id)
    remove_access(work.uow, member_id)
    return open_cases
