"""/console/import: a list of services; first what it would do, row by row, then the same file once more to do it."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.console.uploads import clean_name
from bot.documents.sheets import read_sheet
from bot.domain.errors import FalinError, RuleBroken
from bot.domain.reporting_periods import FIRST_YEAR, LAST_YEAR
from bot.services.importing import Line, apply_line, plan_import
from bot.services.turn import Work

LARGEST = 10_000_000  # bytes; longer lists go by falin import
SHOWN = 200


async def import_list(visit: Visit) -> Response:
    """GET: choose a file. POST: the plan, or, when the file is the one whose plan was shown, the import."""
    if visit.request.method == "GET":
        return _show(visit)
    upload = visit.form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return _show(visit, fault="file")
    content, name = await upload.read(LARGEST + 1), clean_name(upload.filename)
    if not content or len(content) > LARGEST:
        return _show(visit, fault="size")
    checksum = hashlib.sha256(content).hexdigest()
    confirmed = visit.value("checksum", 64) == checksum
    number = visit.number("year", FIRST_YEAR, LAST_YEAR)

    def run(work: Work) -> tuple[list[Line], int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"list{Path(name).suffix.lower()}"
            path.write_bytes(content)
            lines = list(plan_import(work, visit.member, read_sheet(path), number))
        fresh = [line for line in lines if line.state == "new"]
        return lines, sum(apply_line(work, visit.member, line) for line in fresh) if confirmed else 0

    try:
        lines, added = await (visit.site.change(run) if confirmed else visit.site.read(run))
    except RuleBroken:
        raise
    except FalinError as error:
        return _show(visit, fault="list", detail=error.message)
    if confirmed:
        return RedirectResponse(f"/console/import?added={added}", status_code=303)
    return _show(visit, lines=lines, checksum=checksum, year=number, name=name)


def _show(visit: Visit, *, fault: str = "", detail: str = "", lines: list[Line] | None = None, **values: Any) -> Response:
    count = Counter(line.state for line in lines or [])
    # What is refused is what one has to look at.
    shown = sorted(lines or [], key=lambda line: (line.state != "refused", line.number))[:SHOWN]
    added = visit.request.query_params.get("added", "")
    given: dict[str, Any] = {"checksum": "", "year": 0, "name": "", **values}
    return page(
        visit, "import.html", 422 if fault else 200, fault=fault, detail=detail, lines=shown, count=count,
        wording=visit.site.library.wording, added=added if added.isascii() and added.isdecimal() else "", **given,
    )  # fmt: skip
