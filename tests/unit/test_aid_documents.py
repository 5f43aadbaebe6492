"""The file that goes to the centre: a Word form that opens, and the photos beside it."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn

from bot.documents.aid_file import suffix_of
from bot.domain.errors import NotFound
from bot.domain.messages import Attachment
from bot.services.aid_office import make_aid_file
from tests.aid_builders import VIOLENCE, WAGES, aid_turn, make_application, make_photo


def open_file(**changes) -> tuple[list[str], str]:
    """The names in the zip, and all that stands in the form."""
    read = changes.pop("read", lambda attachment: b"bytes of " + attachment.ref.encode())
    with ZipFile(BytesIO(make_aid_file(aid_turn(), make_application(1, **changes), read))) as folder:
        assert folder.testzip() is None
        document = Document(BytesIO(folder.read("00-申请表.docx")))
        return folder.namelist(), whole_text(document)


def whole_text(document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_form_says_everything_the_applicant_said() -> None:
    _, text = open_file(facts="去年做工\n欠我两万元", reference="L26-ABCD-EF")
    for part in (
        "L26-ABCD-EF", "2026-11-23", "王小明", "13800000000", "白马社区", "本人申请", "老板欠我工钱", "某某建筑公司",
        "去年做工", "欠我两万元", "进城务工人员", "申请人签名", "不清楚", "《法律援助法》第四十二条", "仅供参考",
    ):  # fmt: skip
        assert part in text


def test_the_checklist_ticks_what_is_there() -> None:
    _, text = open_file(photos=[make_photo("identity")])
    lines = text.split("\n")
    assert lines[lines.index("身份证") + 1].startswith("☑")
    assert lines[lines.index("案件材料") + 1].startswith("☐")


def test_photos_are_named_by_their_paper() -> None:
    names, _ = open_file(photos=[make_photo("identity"), make_photo("identity", "b.PNG"), make_photo("case", "c.pdf")])
    assert names == ["00-申请表.docx", "01-身份证.jpg", "02-身份证.png", "03-案件材料.pdf"]


def test_a_lost_photo_is_named_and_the_rest_is_delivered() -> None:
    lost, kept, gone = make_photo("identity"), make_photo("case"), make_photo("case")

    def read(attachment: Attachment) -> bytes | None:
        if attachment == gone.attachment:
            raise NotFound("gone")
        return None if attachment == lost.attachment else b"photo"

    names, text = open_file(photos=[lost, kept, gone], read=read)
    assert names == ["00-申请表.docx", "01-案件材料.jpg"]
    assert "照片未能取出" in text


def test_where_means_do_not_matter_the_statement_says_so() -> None:
    _, text = open_file(answers=VIOLENCE, matter="violence", photos=[])
    assert "不受经济困难条件限制" in text
    assert "经济困难说明" not in text


def test_unknown_answers_and_an_empty_file_still_make_a_form() -> None:
    answers = replace(WAGES, side="unknown", matter="unknown", applicant="unknown", lawyer="unknown", exempt="unknown")
    names, text = open_file(answers=answers, matter="unknown", photos=[], other_party="", facts="")
    assert names == ["00-申请表.docx"]
    assert "申请事项\n未说明" in text


def test_the_same_application_gives_the_same_names_and_text() -> None:
    photos = [make_photo("identity")]
    assert open_file(photos=photos, reference="L26-A") == open_file(photos=photos, reference="L26-A")


def test_chinese_is_set_in_fangsong() -> None:
    content = make_aid_file(aid_turn(), make_application(1, photos=[]), lambda _: None)
    with ZipFile(BytesIO(content)) as folder:
        document = Document(BytesIO(folder.read("00-申请表.docx")))
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "仿宋"


@pytest.mark.parametrize(
    ("name", "mime", "kind", "suffix"),
    [
        ("借条.JPG", "", "photo", ".jpg"), ("", "image/png", "photo", ".png"), ("", "", "photo", ".jpg"),
        ("../../etc/passwd", "", "document", ".bin"), ("a.exe", "", "document", ".bin"),
        ("a.docx", "", "document", ".docx"), ("无后缀", "application/pdf", "document", ".pdf"),
    ],
)  # fmt: skip
def test_a_suffix_is_one_we_know(name: str, mime: str, kind: str, suffix: str) -> None:
    assert suffix_of(Attachment("telegram", "r", kind, name, mime)) == suffix
