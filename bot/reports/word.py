"""The report as a Word document, in the form of official papers; every number of the draft has its source at the end."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.domain.messages import clean_text
from bot.reports.model import Chart, Paragraph, Report, Table, Value
from bot.reports.pictures import draw, find_font
from bot.reports.plain_formats import References, say
from bot.reports.stable_zip import stable
from bot.reports.writing import title_of

TEXT, HEAD, TITLE = "仿宋", "黑体", "宋体"
LATIN = "Times New Roman"


def write_docx(report: Report) -> bytes:
    """The document."""
    document, references, font = Document(), References(), find_font()
    _page(document)
    _line(document, report.title, TITLE, 20, centred=True, bold=True)
    state = f"已封存：{report.signed}" if report.signed else "（草稿）"
    _line(document, f"{report.office}　{state}", TEXT, 12, centred=True)
    for section in report.sections:
        _line(document, section.title, HEAD, 15, level=1)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                _paragraph(document, block, references)
            elif isinstance(block, Table):
                _table(document, block)
            elif font:
                _picture(document, block, font)
    _line(document, "计数说明", HEAD, 15, level=1)
    for note in report.notes:
        _line(document, note, TEXT, 11)
    _line(document, "数据出处", HEAD, 15, level=1)
    for number, (figure, value) in enumerate(references.used.items(), 1):
        _line(document, f"{number}　{title_of(figure)}：{say(value)}　{figure}", TEXT, 9)
    found = BytesIO()
    document.save(found)
    return stable(found.getvalue())


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(2.8)
    section.left_margin, section.right_margin = Cm(2.7), Cm(2.5)
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        _font(run, TEXT, 10)
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _font(run: Any, name: str, size: float, *, bold: bool = False) -> None:
    run.font.name, run.font.size, run.font.bold = LATIN, Pt(size), bold
    run._element.rPr.rFonts.set(qn("w:eastAsia"), name)


def _line(
    document: Any, text: str, font: str, size: float, *, centred: bool = False, bold: bool = False, level: int = 0
) -> Any:
    paragraph = document.add_paragraph()
    _font(paragraph.add_run(clean_text(text)), font, size, bold=bold)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before = Pt(12 if level else 0)
    paragraph.paragraph_format.space_after = Pt(6 if level or centred else 2)
    paragraph.paragraph_format.keep_with_next = bool(level)
    if level:
        outline = OxmlElement("w:outlineLvl")
        outline.set(qn("w:val"), str(level - 1))
        paragraph._p.get_or_add_pPr().append(outline)
    return paragraph


def _paragraph(document: Any, block: Paragraph, references: References) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(28)
    paragraph.paragraph_format.line_spacing = Pt(26)
    for part in block.parts:
        _font(paragraph.add_run(clean_text(part if isinstance(part, str) else say(part))), TEXT, 14)
        number = references.number(part) if isinstance(part, Value) else 0
        if number:
            run = paragraph.add_run(str(number))
            _font(run, TEXT, 9)
            run.font.superscript = True


def _table(document: Any, table: Table) -> None:
    title = _line(document, table.title, HEAD, 12, centred=True)
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_before = Pt(12)
    made = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    size = 10 if len(table.head) <= 6 else 8.5
    for number, row in enumerate((table.head, *table.rows)):
        line = made.add_row()
        properties = line._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for column, part in enumerate(row):
            cell = line.cells[column].paragraphs[0]
            total = table.total and number == len(table.rows)
            text = part if isinstance(part, str) else part.text
            _font(cell.add_run(clean_text(text)), TEXT, size, bold=number == 0 or total)
            right = isinstance(part, Value) and number > 0
            cell.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.CENTER
    if table.note:
        _line(document, f"注：{table.note}", TEXT, 9)


def _picture(document: Any, chart: Chart, font: str) -> None:
    document.add_picture(BytesIO(draw(chart, font)), width=Cm(15.5))
    document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
