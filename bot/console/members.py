"""/console/members: who serves, who is away, how much each has; invitations and removal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from bot.console import labels
from bot.console.guard import Visit
from bot.console.invitations import invitation_links
from bot.console.pages import page
from bot.domain.calendar import beijing_day
from bot.domain.errors import NotFound
from bot.domain.roster import Absence
from bot.domain.street import Member
from bot.services.console_accounts import invite_to_console
from bot.services.leaving import remove_from_service
from bot.services.members import go_off_duty, go_on_duty, invite_member
from bot.services.turn import Work


async def show_members(visit: Visit) -> Response:
    """Everyone of street.yml."""
    rows = await visit.site.read(_gather)
    fault = labels.FAULTS.get(visit.value("fault", 20), "")
    return page(visit, "members.html", rows=rows, fault=fault, today=beijing_day(visit.site.now()))


def _gather(work: Work) -> list[dict[str, Any]]:
    street, roster, today = work.library.street, work.roster, beijing_day(work.now)
    load, joined = work.uow.cases.count_open_by_adviser(), work.uow.console_accounts.list_joined()
    invited = {invite.member_id: invite.expires_at for invite in work.uow.console_accounts.list_invites(work.now)}
    works = work.library.calendar.is_workday(today)
    return [
        {
            "member": member,
            "on_duty": works and roster.is_on_duty(member, today),
            "absences": [a for a in roster.absences if a.member_id == member.id],
            "load": load.get(member.id, 0),
            "chat": work.uow.members.find_account(member.id) is not None,
            "console": member.id in joined,
            "invited": invited.get(member.id),
        }
        for member in street.members
    ]


def _target(visit: Visit) -> Member:
    member = visit.site.street.find_member(str(visit.request.path_params["member"]))
    if member is None:
        raise NotFound("no such member")
    return member


async def invite(visit: Visit) -> Response:
    """POST: new one-time links, shown once."""
    site, member = visit.site, _target(visit)

    def make(work: Work) -> tuple[str, str]:
        chat = invite_member(work.uow, site.street, member.id, work.now)
        return chat, invite_to_console(work.uow, site.street, member.id, work.now)

    chat, console = await site.change(make)
    links = invitation_links(site.telegram_name, site.base_url, chat, console)
    return page(visit, "invited.html", who=member, links=links)


async def go_away(visit: Visit) -> Response:
    """POST: an absence; without a last day until the member is back."""
    member, first, last = _target(visit), read_day(visit.value("first", 10)), visit.value("last", 10)
    end = read_day(last)
    if first is None:
        return _back("fault=first")
    if last and (end is None or end < first):
        return _back("fault=last")
    await visit.site.change(go_off_duty, Absence(member.id, first, end))
    return _back("done=away")


async def come_back(visit: Visit) -> Response:
    """POST: the member is on duty again from today on."""
    await visit.site.change(go_on_duty, _target(visit).id)
    return _back("done=back")


async def remove(visit: Visit) -> Response:
    """POST: accounts are unbound, sessions end at once, open cases ask somebody else."""
    member = _target(visit)
    if member.id == visit.member.id:
        return _back("fault=self")
    await visit.site.change(remove_from_service, member.id)
    return _back("done=removed")


def read_day(text: str) -> date | None:
    """A day such as 2026-11-23; None when it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def _back(query: str) -> Response:
    return RedirectResponse(f"/console/members?{query}", status_code=303)
