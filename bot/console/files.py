"""/console/files/…: a file somebody sent in a case."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

from starlette.responses import Response

from bot.console import labels
from bot.console.guard import Visit
from bot.console.headers import FILE_POLICY
from bot.console.pages import notice_page
from bot.domain.errors import FalinError, NotFound
from bot.domain.messages import Attachment
from bot.services.case_reading import find_readable

# What a browser may show itself; everything else is saved.
SHOWN = re.compile(r"image/(jpeg|png|gif|webp)|audio/(mpeg|mp4|ogg|aac|wav|webm)|video/(mp4|webm|quicktime)")
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})", re.ASCII)
FETCH_SECONDS = 60


async def show_file(visit: Visit) -> Response:
    """A file of a message."""
    number = str(visit.request.path_params["message"])
    if not number.isdecimal() or len(number) > 15:
        raise NotFound("no such file")
    message = await visit.site.change(find_readable, visit.member, int(number))
    assert message.attachment
    return await send_file(visit, message.attachment)


async def send_file(visit: Visit, attachment: Attachment) -> Response:
    """The bytes of an attachment that this member may see, from wherever they lie."""
    if visit.site.read_file is None:
        return notice_page(visit.site, "no_file", 404, visit)
    try:
        content = await asyncio.wait_for(visit.site.read_file(attachment), FETCH_SECONDS)
    except (FalinError, asyncio.TimeoutError, OSError):
        return notice_page(visit.site, "no_file", 404, visit)
    headers = file_headers(attachment, visit.request.query_params.get("save") == "1")
    return cut_out(content, visit.request.headers.get("range", ""), headers)


def cut_out(content: bytes, wanted: str, headers: dict[str, str]) -> Response:
    """The part a player asks for: Safari plays nothing that cannot be had in parts."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    found = RANGE.fullmatch(wanted)
    if not found or not content:
        return Response(content, headers=headers)
    first, last = int(found[1]), min(int(found[2] or len(content) - 1), len(content) - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers)


def file_headers(attachment: Attachment, save: bool) -> dict[str, str]:
    """Shown only when it is a picture, sound or film; named as the sender named it."""
    shown = SHOWN.fullmatch(attachment.mime) is not None or (attachment.kind == "photo" and not attachment.mime)
    mime = (attachment.mime or "image/jpeg") if shown else "application/octet-stream"
    name = re.sub(r"[\x00-\x1f\x7f/\\\"]", "_", attachment.name)[-100:] or labels.FILES.get(attachment.kind, "文件")
    way = "inline" if shown and not save else "attachment"
    return {
        "Content-Type": mime,
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": FILE_POLICY,
    }


def download(content: bytes, name: str) -> Response:
    """A file that falin wrote, to be saved under this name."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": FILE_POLICY,
    }
    return Response(content, headers=headers)
