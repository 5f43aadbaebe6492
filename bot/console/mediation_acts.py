"""What is done with a mediation: each act is one form, one service and the way back to the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from bot.console import labels
from bot.console.files import download
from bot.console.guard import Visit
from bot.console.mediation import reference_of, show_page
from bot.console.mediation_forms import (
    Unclear,
    read_choice,
    read_corrected,
    read_moment,
    read_result,
    read_sum,
    read_terms,
)
from bot.console.pages import page
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.mediation import STEPS, Mediation, broken
from bot.services.mediation import correct_content
from bot.services.mediation_invites import invite_respondent
from bot.services.mediation_papers import draft_agreement
from bot.services.mediation_reading import read_mediation
from bot.services.mediation_results import record_confirmation, record_followup, record_result
from bot.services.mediation_steps import (
    accept_mediation,
    ask_respondent,
    assign_mediator,
    record_consent,
    refuse_mediation,
    schedule_session,
    withdraw_for_applicant,
)
from bot.services.turn import Work


@dataclass(frozen=True)
class Act:
    """One act. Args: step: of STEPS.  run: calls the service with (work, member id, mediation id, visit)."""

    step: str
    run: Callable[[Work, str, int, Visit], object]


ACTS = {
    "ask": Act("ask", lambda w, me, m, _: ask_respondent(w, me, m)),
    "consent": Act("consent", lambda w, me, m, _: record_consent(w, me, m, True)),
    "decline": Act("decline", lambda w, me, m, _: record_consent(w, me, m, False)),
    "accept": Act("accept", lambda w, me, m, _: accept_mediation(w, me, m)),
    "refuse": Act("refuse", lambda w, me, m, v: refuse_mediation(w, me, m, v.value("reason", 32))),
    "assign": Act("assign", lambda w, me, m, v: assign_mediator(w, me, m, v.value("to_member", 32))),
    "schedule": Act("schedule", lambda w, me, m, v: schedule_session(
        w, me, m, read_moment(v), v.value("place", 200), even_if_closed=bool(v.value("even_if_closed", 1))
    )),
    "conclude": Act("conclude", lambda w, me, m, v: record_result(w, me, m, read_result(v))),
    "confirm": Act("confirm", lambda w, me, m, v: record_confirmation(w, me, m, read_choice(v, "wanted"))),
    "follow_up": Act("follow_up", lambda w, me, m, v: record_followup(w, me, m, v.value("performed", 10))),
    "correct": Act("correct", lambda w, me, m, v: correct_content(w, me, m, read_corrected(v))),
    "withdraw": Act("withdraw", lambda w, me, m, _: withdraw_for_applicant(w, me, m)),
}  # fmt: skip


async def act_on_mediation(visit: Visit) -> Response:
    """POST /console/mediations/REFERENCE/ACT; a GET, after a page was loaded again, leads to the page."""
    reference, name = reference_of(visit), str(visit.request.path_params["act"])
    act = ACTS.get(name)
    if act is None:
        raise NotFound("no such act")
    if visit.request.method == "GET":
        return RedirectResponse(f"/console/mediations/{reference}", status_code=303)

    def run(work: Work) -> None:
        act.run(work, visit.member.id, require_step(work, visit, reference, act.step).id, visit)

    try:
        await visit.site.change(run)
    except (Unclear, RuleBroken) as error:
        return await _show_again(visit, name, error)
    return RedirectResponse(f"/console/mediations/{reference}?done=mediation_{name}", status_code=303)


async def draft(visit: Visit) -> Response:
    """POST …/draft: the agreement to be signed, as it is filled in; nothing is recorded."""

    def write(work: Work) -> bytes:
        mediation = require_step(work, visit, reference_of(visit), "conclude")
        return draft_agreement(work, mediation, read_terms(visit), read_sum(visit) or 0)

    try:
        return download(await visit.site.change(write), f"调解协议书-{reference_of(visit)}.docx")
    except (Unclear, RuleBroken) as error:
        return await _show_again(visit, "conclude", error)


async def invite(visit: Visit) -> Response:
    """POST …/invite: a link for the other side, shown once."""

    def make(work: Work) -> str:
        mediation = require_step(work, visit, reference_of(visit), "invite")
        return invite_respondent(work, visit.member.id, mediation.id)

    try:
        token = await visit.site.change(make)
    except RuleBroken as error:
        return await _show_again(visit, "invite", error)
    links = visit.site.library.start_links(f"mediation_{token}")
    return page(visit, "mediation_link.html", reference=reference_of(visit), links=links)


def require_step(work: Work, visit: Visit, reference: str, step: str) -> Mediation:
    """The mediation, if this member may take the step.

    Raises:
        NotFound: not to be seen.  RuleBroken: not possible now, or not this member's.
    """
    view = read_mediation(work, visit.member, reference)  # what may not be seen cannot be acted on
    if step not in view.steps:
        raise broken("not_yours" if view.mediation.state in STEPS[step] else "state")
    return view.mediation


async def _show_again(visit: Visit, name: str, error: Unclear | RuleBroken) -> Response:
    """The page with what was typed and one sentence about it."""
    if isinstance(error, Unclear):
        return await show_page(visit, fault=labels.FAULTS[error.fault], failed=name)
    if error.code == "mediation_state":
        return await show_page(visit, fault=labels.NOTICES["moved_on"], failed=name, status=409)
    return await show_page(visit, fault=visit.site.library.wording.text(f"utter_refused_{error.code}"), failed=name)
