"""What is done with a case: each act is one form, one service and the way back to a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from bot.console.guard import Visit
from bot.domain.errors import NotFound
from bot.services.case_reading import read_case
from bot.services.casework import ask_documents, close_case, grade_bot, refer_case, return_to_bot
from bot.services.handoff import accept_case, assign_case, decline_case, transfer_case
from bot.services.turn import Work

LONGEST_TEXT = 4000  # characters of one message; Telegram carries 4,096


@dataclass(frozen=True)
class Act:
    """One act.

    Args:
        run: calls the service with (work, case id, member id, visit).
        done: a key of labels.DONE.  needs: fields that must be filled in.
        leaves: the case may be somebody else's afterwards, so the queue is shown.
    """

    run: Callable[[Work, int, str, Visit], object]
    done: str
    needs: tuple[str, ...] = ()
    leaves: bool = False


ACTS = {
    "accept": Act(lambda w, case, me, _: accept_case(w, case, me), "accepted"),
    "decline": Act(lambda w, case, me, v: decline_case(w, case, me, v.value("reason", 40)), "declined", ("reason",), True),
    "transfer": Act(
        lambda w, case, me, v: transfer_case(w, case, me, v.value("to_member", 32), v.value("reason", 200)),
        "transferred", ("to_member", "reason"), True,
    ),
    "documents": Act(
        lambda w, case, me, v: ask_documents(w, case, me, v.value("text", LONGEST_TEXT)), "documents", ("text",)
    ),
    "mediation": Act(lambda w, case, me, _: refer_case(w, case, me, "mediation"), "referred"),
    "legal_aid": Act(lambda w, case, me, _: refer_case(w, case, me, "legal_aid"), "referred"),
    "to_bot": Act(lambda w, case, me, _: return_to_bot(w, case, me), "to_bot"),
    "grade": Act(lambda w, case, me, v: grade_bot(w, case, me, v.value("grade", 16)), "graded", ("grade",)),
    "close": Act(lambda w, case, me, v: close_case(w, case, me, v.value("outcome", 32)), "closed", ("outcome",)),
}  # fmt: skip
ASSIGN = Act(
    lambda w, case, me, v: assign_case(w, case, me, v.value("to_member", 32), v.value("reason", 200)),
    "assigned", ("to_member", "reason"),
)  # fmt: skip


async def act_on_case(visit: Visit) -> Response:
    """POST /console/cases/REFERENCE/ACT."""
    act = ACTS.get(str(visit.request.path_params["act"]))
    if act is None:
        raise NotFound("no such act")
    return await _do(visit, act)


async def assign(visit: Visit) -> Response:
    """POST /console/cases/REFERENCE/assign, for supervisors."""
    return await _do(visit, ASSIGN)


async def _do(visit: Visit, act: Act) -> Response:
    reference = str(visit.request.path_params["reference"]).upper()
    missing = next((name for name in act.needs if not visit.value(name)), "")

    def run(work: Work) -> None:
        case = read_case(work, visit.member, reference).case  # what may not be seen cannot be acted on
        if not missing:
            act.run(work, case.id, visit.member.id, visit)

    await visit.site.change(run)
    if missing:
        return RedirectResponse(f"/console/cases/{reference}?fault={missing}", status_code=303)
    page = "/console/" if act.leaves else f"/console/cases/{reference}"
    return RedirectResponse(f"{page}?done={act.done}", status_code=303)
