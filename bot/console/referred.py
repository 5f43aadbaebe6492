"""/console/referred: a dispute that the police or a court sent, entered in one short form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from starlette.responses import RedirectResponse, Response

from bot.console import labels
from bot.console.guard import Visit
from bot.console.pages import page
from bot.services.turn import Work


@dataclass(frozen=True)
class ReferredDispute:
    """What staff know of it; all but the first three may be empty.

    Args:
        source: of labels.SOURCES.  kind: of Referrals.kinds.  number: of the sender's file.
        mediator: id; "": whoever is next.
    """

    source: str = ""
    kind: str = ""
    community: str = ""
    applicant: str = ""
    applicant_phone: str = ""
    respondent: str = ""
    respondent_phone: str = ""
    facts: str = ""
    number: str = ""
    mediator: str = ""


REQUIRED = ("source", "kind", "community", "applicant", "respondent", "facts")


@dataclass(frozen=True)
class Referrals:
    """What takes referred disputes.

    Args:
        kinds: of disputes, with their Chinese names.
        enter: stores one entered by a member; its reference. Raises RuleBroken.
    """

    kinds: Mapping[str, str]
    enter: Callable[[Work, str, ReferredDispute], str]


def referred_handler(referrals: Referrals | None):  # type: ignore[no-untyped-def]
    """GET: the form. POST: entered, or the form again with what is missing."""

    async def handle(visit: Visit) -> Response:
        given = ReferredDispute(**{f.name: visit.value(f.name, 2000) for f in fields(ReferredDispute)})
        faults: list[str] = []
        if visit.request.method == "POST" and referrals:
            faults = find_faults(visit, given, referrals)
            if not faults:
                reference = await visit.site.change(referrals.enter, visit.member.id, given)
                return RedirectResponse(f"/console/referred?done=referred_dispute&reference={reference}", 303)
        return page(
            visit, "referred.html", 422 if faults else 200, given=given, faults=faults, sources=labels.SOURCES,
            kinds=referrals.kinds if referrals else {}, ready=referrals is not None,
            mediators=visit.site.street.list_members("mediator"), reference=visit.request.query_params.get("reference", "")[:16],
        )  # fmt: skip

    return handle


def find_faults(visit: Visit, given: ReferredDispute, referrals: Referrals) -> list[str]:
    """Fields that are missing or name nothing that exists."""
    street = visit.site.street
    known = {
        "source": given.source in labels.SOURCES,
        "kind": given.kind in referrals.kinds,
        "community": any(c.id == given.community for c in street.communities),
        "mediator": not given.mediator or any(m.id == given.mediator for m in street.list_members("mediator")),
    }
    missing = [name for name in REQUIRED if not getattr(given, name)]
    return [*missing, *(name for name, right in known.items() if not right and name not in missing)]
