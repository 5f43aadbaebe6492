"""/console/mediations/REFERENCE: one mediation, its evidence and its papers."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot.console.files import download, send_file
from bot.console.guard import Visit
from bot.console.mediation_timeline import tell_mediation_actor, tell_mediation_event
from bot.console.pages import page
from bot.domain.calendar import beijing_day
from bot.domain.disputes import FORMS, PERFORMANCES, REFUSALS, SOURCES, dispute_name
from bot.domain.errors import NotFound
from bot.domain.periods import is_over, say_day
from bot.services.mediation_papers import make_agreement, make_confirmation
from bot.services.mediation_reading import MediationView, find_evidence, read_mediation
from bot.services.mediation_results import confirmation_deadline
from bot.services.turn import Work

LONGEST = 5_001  # characters of a field that is shown again
PAPERS = {
    "agreement.docx": ("调解协议书", make_agreement),
    "confirmation.docx": ("司法确认申请书", make_confirmation),
}


def reference_of(visit: Visit) -> str:
    """The reference in the address."""
    return str(visit.request.path_params["reference"]).upper()


async def show_mediation(visit: Visit) -> Response:
    """GET."""
    return await show_page(visit)


async def show_page(visit: Visit, fault: str = "", failed: str = "", status: int = 422) -> Response:
    """The mediation as far as this member may see it; the reading is noted.

    Args:
        fault: what is wrong with what was sent.  failed: the act it was sent for; its fields are shown as typed.
        status: when there is a fault.
    """
    view, values = await visit.site.change(_gather, visit)

    def kept(act: str, name: str, default: str = "") -> str:
        return visit.value(name, LONGEST) if act == failed else default

    return page(
        visit, "mediation.html", status if fault else 200, view=view, m=view.mediation, fault=fault, failed=failed,
        kept=kept, library=visit.site.library, **values,
    )  # fmt: skip


def _gather(work: Work, visit: Visit) -> tuple[MediationView, dict[str, Any]]:
    view, library = read_mediation(work, visit.member, reference_of(visit)), work.library
    mediation, text = view.mediation, library.wording.text
    last = confirmation_deadline(mediation.effective_on) if mediation.effective_on else None
    return view, {
        "revision": work.uow.console.revision(),
        "events": [(e, tell_mediation_event(library, e), tell_mediation_actor(library, e)) for e in view.events],
        "kind": dispute_name(mediation.kind),
        "source": SOURCES[mediation.source],
        "mediator": library.street.find_member(mediation.mediator_id),
        "mediators": library.street.list_members("mediator"),
        "refusals": {r: text(f"utter_mediation_because_{r}") for r in REFUSALS},
        "forms": FORMS,
        "performances": PERFORMANCES,
        "today": beijing_day(work.now),
        "last_day": say_day(last, work.now) if last else "",
        "confirmation_over": last is not None and is_over(last, work.now),
        "late": mediation.due_at is not None and mediation.due_at < work.now,
    }


async def show_evidence(visit: Visit) -> Response:
    """GET …/files/NUMBER: one piece of evidence."""
    return await send_file(
        visit, await visit.site.change(find_evidence, visit.member, reference_of(visit), number_of(visit))
    )


def number_of(visit: Visit) -> int:
    """The number of a file in the address. Raises NotFound."""
    number = str(visit.request.path_params["number"])
    if not number.isdecimal() or len(number) > 4:
        raise NotFound("no such file")
    return int(number)


async def show_paper(visit: Visit) -> Response:
    """GET …/papers/NAME: a paper as .docx. Raises NotFound, RuleBroken."""
    title, make = PAPERS.get(str(visit.request.path_params["paper"]), ("", None))
    if make is None:
        raise NotFound("no such paper")
    view = await visit.site.change(read_mediation, visit.member, reference_of(visit))
    if not view.with_words:
        raise NotFound("not for this member")
    content = await visit.site.read(make, view.mediation)
    return download(content, f"{title}-{view.mediation.reference}.docx")
