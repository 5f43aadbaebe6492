"""POST /console/cases/REFERENCE/say: words, or a file with or without words, for the resident."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.console.acts import LONGEST_TEXT
from bot.console.guard import Visit
from bot.console.uploads import keep_upload
from bot.domain.errors import RuleBroken
from bot.domain.messages import Attachment
from bot.services.case_reading import read_case
from bot.services.relay import say_to_client
from bot.services.turn import Work


async def say(visit: Visit) -> Response:
    """Pass on what was written; back to where one writes."""
    reference = str(visit.request.path_params["reference"]).upper()
    text, upload = visit.value("text", LONGEST_TEXT), visit.form.get("file")
    case_id, address = await visit.site.change(_require_own, visit, reference)
    attachment: Attachment | None = None
    if isinstance(upload, UploadFile) and upload.filename:
        found = await keep_upload(visit, upload, address, text)
        if isinstance(found, str):
            return _back(reference, f"fault={found}")
        attachment = found
    if not text and attachment is None:
        return _back(reference, "fault=text")
    await visit.site.change(say_to_client, case_id, visit.member.id, text, attachment)
    return _back(reference, "done=sent")


def _require_own(work: Work, visit: Visit, reference: str) -> tuple[int, tuple[str, str]]:
    """Whom it goes to: looked up before a file is kept. Raises RuleBroken when it cannot go there."""
    view = read_case(work, visit.member, reference)
    if not view.mine:
        raise RuleBroken("not taken over by this member", code="closed" if view.case.closed_at else "not_yours")
    if not view.case.client_id:
        raise RuleBroken("the client is gone", code="client_gone")
    client = work.uow.clients.get(view.case.client_id)
    return view.case.id, (client.channel, client.key)


def _back(reference: str, query: str) -> Response:
    return RedirectResponse(f"/console/cases/{reference}?{query}#write", status_code=303)
