"""/console/aid/REFERENCE: one application for legal aid, its papers and its complete file."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.responses import Response

from bot.console.files import FETCH_SECONDS, download, send_file
from bot.console.guard import Visit
from bot.console.mediation import number_of, reference_of
from bot.console.mediation_timeline import tell_mediation_actor
from bot.console.pages import page
from bot.domain.aid_applications import AidApplication
from bot.domain.errors import FalinError
from bot.domain.messages import Attachment
from bot.services.aid_office import aid_matter_title, describe_application, make_aid_file
from bot.services.aid_reading import AidView, find_paper_photo, read_application
from bot.services.turn import Work

LONGEST = 2_001  # characters of a field that is shown again
# Seconds for all photos together: what has not come by then is named in the checklist.
FETCH_ALL = 3 * FETCH_SECONDS


async def show_application(visit: Visit) -> Response:
    """GET."""
    return await show_page(visit)


async def show_page(visit: Visit, fault: str = "", status: int = 422) -> Response:
    """The application; the reading is noted. Args: fault: what is wrong with what was sent."""
    view, values = await visit.site.change(_gather, visit)

    def kept(name: str) -> str:
        return visit.value(name, LONGEST) if fault else ""

    return page(
        visit, "aid.html", status if fault else 200, view=view, a=view.application, fault=fault, kept=kept,
        library=visit.site.library, **values,
    )  # fmt: skip


def _gather(work: Work, visit: Visit) -> tuple[AidView, dict[str, Any]]:
    view = read_application(work, visit.member.id, reference_of(visit))
    application, text = view.application, work.library.wording.text
    return view, {
        "revision": work.uow.console.revision(),
        "lines": describe_application(work, application),
        "matter": aid_matter_title(work, application.matter),
        "state": text(f"utter_aid_state_{application.state}"),
        "result": text(f"utter_aid_result_name_{application.result}"),
        "decisions": {act: text(f"utter_aid_act_{act}") for act in view.acts if act != "handed"},
        "events": [(event, tell_mediation_actor(work.library, event)) for event in view.events],
    }


async def show_paper_photo(visit: Visit) -> Response:
    """GET …/files/NUMBER: one photo of a paper."""
    found = await visit.site.change(find_paper_photo, visit.member.id, reference_of(visit), number_of(visit))
    return await send_file(visit, found)


async def show_file(visit: Visit) -> Response:
    """GET …/file.zip: everything the centre needs, in one file."""
    view = await visit.site.change(read_application, visit.member.id, reference_of(visit))
    there = await _fetch_photos(visit, view.application)
    content = await visit.site.read(make_aid_file, view.application, there.get)
    return download(content, f"法律援助申请-{view.application.reference}.zip")


async def _fetch_photos(visit: Visit, application: AidApplication) -> dict[Attachment, bytes]:
    """The photos that can be had; one after the other, because each may be large."""
    found: dict[Attachment, bytes] = {}
    end, read = time.monotonic() + FETCH_ALL, visit.site.read_file
    for photo in application.photos if read else ():
        assert read
        left = min(FETCH_SECONDS, end - time.monotonic())
        try:
            found[photo.attachment] = await asyncio.wait_for(read(photo.attachment), max(left, 0))
        except (FalinError, asyncio.TimeoutError, OSError):
            continue
    return found
