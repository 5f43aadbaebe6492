"""Word documents in the type of Chinese official papers: 仿宋 for the text, a centred title, A4 margins."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.domain.messages import clean_text

BODY, TITLE = "仿宋", "方正小标宋简体"  # Word puts 宋体 in the title's place where the font is missing
SIZE, TITLE_SIZE = 16, 22  # points: 三号, 二号
BLANK = "＿＿＿＿＿＿"
ALIGNMENTS = {"left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "centre": WD_ALIGN_PARAGRAPH.CENTER}


class Paper:
    """One document, written from top to bottom."""

    def __init__(self, title: str) -> None:
        self._document = Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.top_margin, section.bottom_margin = Cm(3.0), Cm(2.8)
        section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
        normal = self._document.styles["Normal"]
        normal.font.size = Pt(SIZE)
        _set_font(normal, BODY)
        self._document.core_properties.title = title
        self._write(title, "centre", TITLE, TITLE_SIZE, bold=True)

    def line(self, text: str, align: str = "left") -> None:
        """A line without indentation: a number, a signature, a date."""
        self._write(text, align)

    def text(self, text: str) -> None:
        """Paragraphs of running text, one a line, indented by two characters."""
        for part in text.splitlines() or [""]:
            self._write(part).paragraph_format.first_line_indent = Pt(2 * SIZE)

    def heading(self, text: str) -> None:
        """A part of the form."""
        self._write(text, bold=True).paragraph_format.keep_with_next = True

    def fields(self, *fields: tuple[str, str]) -> None:
        """姓名：张三　电话：… on one line; what is not known is left to be filled in by hand."""
        self._write("　".join(f"{name}：{value or BLANK}" for name, value in fields))

    def signatures(self, *lines: str) -> None:
        """Lines to sign on, kept together on one page."""
        for line in lines:
            paragraph = self._write(f"{line}：{BLANK}")
            paragraph.paragraph_format.keep_with_next = True

    def to_bytes(self) -> bytes:
        """The .docx file."""
        stream = io.BytesIO()
        self._document.save(stream)
        return stream.getvalue()

    def _write(self, text: str, align: str = "left", font: str = BODY, size: int = SIZE, *, bold: bool = False) -> Any:
        paragraph = self._document.add_paragraph()
        paragraph.alignment = ALIGNMENTS[align]
        paragraph.paragraph_format.space_after = Pt(12 if bold and align == "centre" else 0)
        paragraph.paragraph_format.line_spacing = Pt(28)
        run = paragraph.add_run(clean_text(text))
        run.bold = bold
        run.font.size = Pt(size)
        _set_font(run, font)
        return paragraph


def _set_font(target: Any, name: str) -> None:
    """Word takes Chinese characters from the East Asian font, so that one is named, too."""
    target.font.name = name
    fonts = target.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(kind), name)
