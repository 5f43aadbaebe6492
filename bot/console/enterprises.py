"""/console/enterprises: the register of enterprises and the adviser of each."""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.enterprises import CHOICES
from bot.domain.errors import RuleBroken
from bot.services.enterprises import (
    EnterpriseForm,
    change_enterprise,
    end_enterprise,
    list_enterprises,
    register_enterprise,
    require_enterprise,
)
from bot.services.logging_by_hand import describe
from bot.services.turn import Work

SERVED = 50


def _given(visit: Visit) -> EnterpriseForm:
    choices = tuple(choice for choice in CHOICES if visit.value(f"choice_{choice}", 1))
    return EnterpriseForm(
        visit.value("name", 200), visit.value("community", 32), visit.value("adviser", 32), visit.value("contact", 200), choices
    )


async def enterprises(visit: Visit) -> Response:
    """GET: the list, filtered by the address, and the form. POST: one more."""
    if visit.request.method == "GET":
        return await _show_list(visit, EnterpriseForm("", ""))
    given = _given(visit)
    try:
        made = await visit.site.change(register_enterprise, visit.member, given)
    except RuleBroken as error:
        return await _show_list(visit, given, error.code)
    return RedirectResponse(f"/console/enterprises/{made.id}?done=enterprise", status_code=303)


async def _show_list(visit: Visit, given: EnterpriseForm, code: str = "") -> Response:
    found = await visit.site.read(list_enterprises, visit.member)
    wanted = visit.request.query_params.get("of", "")[:32]
    shown = [e for e in found if wanted in ("", e.community, e.adviser_id)]
    return page(
        visit, "enterprises.html", 422 if code else 200, given=given, fault=visit.say_fault(code), found=shown, wanted=wanted,
        **_choices(visit),
    )  # fmt: skip


async def enterprise(visit: Visit) -> Response:
    """GET: one enterprise. POST: changed, or ended."""
    number, code, given = visit.path_number("number"), "", None
    if visit.request.method == "POST":
        given = _given(visit)
        try:
            if visit.value("end", 1):
                await visit.site.change(end_enterprise, visit.member, number)
            else:
                await visit.site.change(change_enterprise, visit.member, number, given)
            return RedirectResponse(f"/console/enterprises/{number}?done=changed", status_code=303)
        except RuleBroken as error:
            code = error.code

    def look(work: Work) -> Any:
        enterprise = require_enterprise(work, visit.member, number)
        served = [e for e in work.uow.ledger.list_for_client(enterprise.pseudonym, SERVED) if e.kind != "enterprise_assigned"]
        return enterprise, [describe(work, entry) for entry in served]

    found, served = await visit.site.read(look)
    given = given or EnterpriseForm(found.name, found.community, found.adviser_id, found.contact, found.choices)
    return page(
        visit, "enterprise.html", 422 if code else 200, given=given, fault=visit.say_fault(code), found=found, served=served,
        **_choices(visit),
    )  # fmt: skip


def _choices(visit: Visit) -> dict[str, Any]:
    return {
        "communities": visit.communities,
        "advisers": visit.site.street.list_members("adviser"),
        "choices": CHOICES,
        "library": visit.site.library,
    }
