"""/console/account: the member's own account."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.pages import page


async def show_account(visit: Visit) -> Response:
    """What is left of the recovery codes; log out here or everywhere."""
    left = await visit.site.read(lambda work: work.uow.console_accounts.count_recovery_codes(visit.member.id))
    return page(visit, "account.html", recovery_codes=left)
