"""A file that somebody at the desk sends along with a form."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from bot.console.guard import Visit
from bot.domain.errors import NoRoom
from bot.domain.file_types import recognise
from bot.domain.messages import MAX_FILE, Attachment, clean_text
from bot.services.files import keep_file

LONGEST_NAME = 100  # characters


async def keep_upload(
    visit: Visit, upload: UploadFile, address: tuple[str, str], text: str = "", *, paper: bool = False
) -> Attachment | str:
    """The file, kept as the resident's own, so that it goes when the resident is forgotten; or what is wrong with it.

    Args:
        address: channel and key of the resident.  text: what is written beside it.
        paper: only pictures and documents will do.

    Returns:
        The attachment, or a key of labels.FAULTS.
    """
    content, name = await upload.read(MAX_FILE + 1), clean_name(upload.filename or "")
    kind = recognise(content, name) if content else None
    if kind is None:
        return "file"
    if len(content) > MAX_FILE:
        return "size"
    if paper and kind.mime.startswith(("audio/", "video/")):
        return "paper_kind"
    site = visit.site
    try:
        ref = await run_in_threadpool(keep_file, site.open_unit, *address, content, site.now())
    except NoRoom:
        return "room"
    return Attachment("local", ref, kind.kind, name, kind.mime, len(content), text)


def clean_name(name: str) -> str:
    """A file's name without folders, line breaks and excess."""
    plain = clean_text(name).replace("\n", " ").replace("\t", " ")
    return plain.replace("\\", "/").rpartition("/")[2].strip()[-LONGEST_NAME:]
