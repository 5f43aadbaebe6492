"""Office files are zip archives: written again so that the same content is the same bytes."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
STAMPS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def stable(content: bytes) -> bytes:
    """The same archive: sorted, without moments, at one level of compression."""
    found = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(found, "w") as after:
        for name in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = before.read(name)
            if name == "docProps/core.xml":
                part = STAMPS.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", part)
            info = ZipInfo(name, EPOCH)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
            after.writestr(info, part, compresslevel=6)
    return found.getvalue()
