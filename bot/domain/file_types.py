"""What a file really is, told from its first bytes; what its sender says of it is not trusted.

So a page of HTML cannot come as a picture, and what residents and advisers open is what it seems to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class FileType:
    """Args: mime: media type. kind: one of messages.CARRIED_KINDS. inline: a browser may show it by itself."""

    mime: str
    kind: str = "document"
    inline: bool = False


def _media(mime: str) -> FileType:
    # Sound goes as a document on Telegram, too: it keeps its name. A "voice" is spoken into the app itself.
    kinds = {"image": "photo", "video": "video"}
    return FileType(mime, kinds.get(mime.partition("/")[0], "document"), inline=True)


OFFICE = "application/vnd.openxmlformats-officedocument"
# Where the first bytes match, anchored at the beginning of the file.
SIGNATURES = tuple(
    (re.compile(pattern, re.DOTALL), _media(mime))
    for pattern, mime in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"....ftyp(heic|heix|heim|heis|hevc|mif1|msf1)", "image/heic"),
        (rb"....ftyp(M4A |M4B )", "audio/mp4"),
        (rb"....ftypqt  ", "video/quicktime"),
        (rb"....ftyp3g", "video/3gpp"),
        (rb"....ftyp", "video/mp4"),
        (rb"\x1aE\xdf\xa3", "video/webm"),
        (rb"RIFF....AVI ", "video/x-msvideo"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"ID3|\xff[\xfa\xfb\xf2\xf3]", "audio/mpeg"),
        (rb"\xff[\xf1\xf9]", "audio/aac"),
        (rb"OggS", "audio/ogg"),
        (rb"fLaC", "audio/flac"),
        (rb"#!AMR", "audio/amr"),
    )
)
PDF = FileType("application/pdf", inline=True)
TEXT = FileType("text/plain")
# Word, Excel and WPS share their containers: the name's ending tells them apart.
ZIPPED = {
    "docx": FileType(f"{OFFICE}.wordprocessingml.document"),
    "xlsx": FileType(f"{OFFICE}.spreadsheetml.sheet"),
}
COMPOUND = {
    "doc": FileType("application/msword"), "wps": FileType("application/msword"),
    "xls": FileType("application/vnd.ms-excel"), "et": FileType("application/vnd.ms-excel"),
}  # fmt: skip


def recognise(content: bytes, name: str) -> FileType | None:
    """The type of a file; None for whatever falin does not pass on (programs, pages, archives, SVG …)."""
    head, ending = content[:64], name.rpartition(".")[2].lower()
    for pattern, found in SIGNATURES:
        if pattern.match(head):
            return found
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return ZIPPED.get(ending) if b"[Content_Types].xml" in content else None
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return COMPOUND.get(ending)
    return TEXT if ending == "txt" and _is_text(content) else None


def _is_text(content: bytes) -> bool:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "\x00" not in text
    return False
