"""A file is what its bytes say, and its name is harmless."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.file_types import recognise
from bot.domain.messages import CARRIED_KINDS, MAX_NAME, clean_name

ZIP = b"PK\x03\x04" + b"\x00" * 20 + b"[Content_Types].xml" + b"\x00" * 40
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 40
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "name", "mime", "kind"),
    [
        (b"\xff\xd8\xff\xe0..JFIF", "借条.jpg", "image/jpeg", "photo"),
        (b"\xff\xd8\xff\xe0..JFIF", "program.exe", "image/jpeg", "photo"),
        (b"\x89PNG\r\n\x1a\n...", "", "image/png", "photo"),
        (b"GIF89a...", "a.gif", "image/gif", "photo"),
        (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "a.webp", "image/webp", "photo"),
        (b"\x00\x00\x00\x18ftypheic\x00", "a.heic", "image/heic", "photo"),
        (b"\x00\x00\x00\x20ftypisom", "a.mp4", "video/mp4", "video"),
        (b"\x00\x00\x00\x14ftypqt  ", "a.mov", "video/quicktime", "video"),
        (b"\x00\x00\x00\x1cftypM4A ", "录音.m4a", "audio/mp4", "document"),
        (b"ID3\x03\x00", "a.mp3", "audio/mpeg", "document"),
        (b"#!AMR\n", "录音.amr", "audio/amr", "document"),
        (b"%PDF-1.4\n", "合同.pdf", "application/pdf", "document"),
        (ZIP, "合同.DOCX", WORD, "document"),
        (OLE, "合同.doc", "application/msword", "document"),
        (OLE, "表.xls", "application/vnd.ms-excel", "document"),
        ("欠条".encode(), "a.txt", "text/plain", "document"),
        ("欠条".encode("gb18030"), "a.TXT", "text/plain", "document"),
        ("欠条".encode("utf-16"), "a.txt", "text/plain", "document"),
    ],
)
def test_what_residents_send_is_recognised(content: bytes, name: str, mime: str, kind: str) -> None:
    found = recognise(content, name)
    assert found
    assert (found.mime, found.kind) == (mime, kind)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "photo.jpg"), (b"<html>", "a.pdf"), (b"\n%PDF-1.4", "a.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"), (b"MZ\x90\x00", "a.exe"), (b"MZ\x90\x00", "a.txt"),
        (ZIP, "a.zip"), (ZIP, "a.docm"), (b"PK\x03\x04" + b"\x00" * 90, "a.docx"), (OLE, "a.msi"),
        (b"", "a.txt.exe"), (b"hello", "a.html"), (b"\xff\xd8", "a.jpg"), (b"text", "jpg"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_seems_is_refused(content: bytes, name: str) -> None:
    assert recognise(content, name) is None


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_are_recognised_or_refused_without_a_fault(content: bytes, name: str) -> None:
    found = recognise(content, name)
    assert found is None or found.kind in CARRIED_KINDS


def test_a_page_is_never_shown_inline() -> None:
    text = recognise(b"<html><script>alert(1)</script>", "a.txt")
    assert text
    assert (text.mime, text.inline) == ("text/plain", False)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("借条.jpg", "借条.jpg"), ("../../etc/passwd", "passwd"), ("C:\\Users\\王\\合同.docx", "合同.docx"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"), ("a\x00b.pdf", "ab.pdf"), ("\u202egpj.exe", "gpj.exe"),
        ("..", ""), ("", ""), ("/", ""), (" .bashrc", "bashrc"), ("\ud800.txt", "txt"),
        ("长" * 300 + ".pdf", "长" * (MAX_NAME - 4) + ".pdf"), ("长" * 300, "长" * MAX_NAME),
        ("a." + "b" * 300, ("a." + "b" * 300)[:MAX_NAME]),
    ],
)  # fmt: skip
def test_a_name_has_no_folders_no_line_breaks_and_an_end(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=400))
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    clean = clean_name(name)
    assert len(clean) <= MAX_NAME
    assert clean_name(clean) == clean
