"""What the office does with an application for legal aid."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.console import labels
from bot.console.aid import show_page
from bot.console.guard import Visit
from bot.console.mediation import reference_of
from bot.console.uploads import keep_upload
from bot.domain.aid_applications import hide_id_numbers
from bot.domain.errors import RuleBroken
from bot.domain.messages import clean_text
from bot.services.aid_office import hand_over, record_decision
from bot.services.aid_reading import bring_paper, find_applicant, find_application
from bot.services.turn import Work

LONGEST_NOTE = 1_000  # characters


async def hand_over_application(visit: Visit) -> Response:
    """POST …/handed: the centre has it."""

    def run(work: Work) -> None:
        hand_over(work, find_application(work, reference_of(visit)).reference, visit.member.id)

    return await _do(visit, run, "aid_handed")


async def decide(visit: Visit) -> Response:
    """POST …/decide: what the centre decided, and what it wrote."""
    note = hide_id_numbers(clean_text(visit.value("note", LONGEST_NOTE)))

    def run(work: Work) -> None:
        reference = find_application(work, reference_of(visit)).reference
        record_decision(work, reference, visit.value("decision", 16), visit.member.id, note)

    return await _do(visit, run, "aid_decided")


async def add_paper(visit: Visit) -> Response:
    """POST …/papers: a photo or file of a paper that was brought to the office."""
    reference, paper, upload = reference_of(visit), visit.value("paper", 32), visit.form.get("file")
    if not paper or not isinstance(upload, UploadFile) or not upload.filename:
        return await show_page(visit, labels.FAULTS["paper"])
    try:
        address = await visit.site.read(find_applicant, reference, paper)
    except RuleBroken as error:
        return await _show_again(visit, error)
    kept = await keep_upload(visit, upload, address, paper=True)
    if isinstance(kept, str):
        return await show_page(visit, labels.FAULTS[kept])
    return await _do(visit, lambda work: bring_paper(work, visit.member.id, reference, paper, kept), "aid_paper")


async def _do(visit: Visit, run: Callable[[Work], object], done: str) -> Response:
    try:
        await visit.site.change(run)
    except RuleBroken as error:
        return await _show_again(visit, error)
    return RedirectResponse(f"/console/aid/{reference_of(visit)}?done={done}", status_code=303)


async def _show_again(visit: Visit, error: RuleBroken) -> Response:
    """The page with what was typed and one sentence about it."""
    text = visit.site.library.wording.text(f"utter_refused_{error.code}")
    return await show_page(visit, text, 409 if error.code in ("aid_state", "aid_over") else 422)
