"""The report as an Excel workbook: a sheet a table, real numbers, native charts."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from bot.reports.export import safe_cell
from bot.reports.model import Chart, Paragraph, Part, Report, Table, Value
from bot.reports.plain_formats import say, tables_of
from bot.reports.stable_zip import stable
from bot.reports.writing import FEN_A_WAN, title_of

CHARTS = {"bar": BarChart, "line": LineChart, "pie": PieChart}
BOLD, LINE = Font(bold=True), Border(bottom=Side(style="thin", color="999999"))
WIDEST = 40
FEN = {"元": 100, "万元": FEN_A_WAN}  # money is counted in fen
LINE_HEIGHT = 16  # points, of letters of 11
OVERVIEW_WIDTH = 88


def write_xlsx(report: Report) -> bytes:
    """The workbook."""
    book = Workbook()
    _overview(book.active, report)
    sheets: dict[str, Any] = {}
    for table in tables_of(report):
        sheets[table.id] = book.create_sheet(sheet_name(table.title, book.sheetnames))
        _table(sheets[table.id], table)
    charts = [block for section in report.sections for block in section.blocks if isinstance(block, Chart)]
    for chart in charts:
        if chart.table.id in sheets:
            _chart(sheets[chart.table.id], chart)
    _sources(book.create_sheet("数据出处"), report)
    found = BytesIO()
    book.save(found)
    return stable(found.getvalue())


def sheet_name(title: str, taken: list[str]) -> str:
    """A name that Excel allows and that is free."""
    name = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or "表"
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free


def _overview(sheet: Any, report: Report) -> None:
    sheet.title = "总览"
    sheet.column_dimensions["A"].width = OVERVIEW_WIDTH
    _paper(sheet, "portrait")
    state = f"已封存：{report.signed}" if report.signed else "草稿"
    lines = [(report.title, Font(bold=True, size=16)), (f"{report.office}　{state}", None)]
    for section in report.sections:
        paragraphs = [block for block in section.blocks if isinstance(block, Paragraph)]
        if paragraphs:
            lines.append((section.title, Font(bold=True, size=13)))
        lines += [("".join(p if isinstance(p, str) else say(p) for p in block.parts), None) for block in paragraphs]
    lines += [("计数说明", Font(bold=True, size=13)), *((note, None) for note in report.notes)]
    for number, (text, font) in enumerate(lines, 1):
        cell = sheet.cell(number, 1)
        _write(cell, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if font:
            cell.font = font
        height = LINE_HEIGHT * (font.size / 11 if font else 1)
        sheet.row_dimensions[number].height = height * (len(text) * 2 // OVERVIEW_WIDTH + 1)


def _table(sheet: Any, table: Table) -> None:
    for column, title in enumerate(table.head, 1):
        cell = sheet.cell(1, column)
        _write(cell, title)
        cell.font, cell.border = BOLD, LINE
        cell.alignment = Alignment(wrap_text=True, vertical="bottom", horizontal="left" if column == 1 else "right")
        # A Chinese character is two wide; a heading takes two lines, what stands below it one.
        longest = max([len(title) // 2 + 2, *(len(_text(row[column - 1])) for row in table.rows)])
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, longest * 2 + 2)
    sheet.row_dimensions[1].height = 2 * LINE_HEIGHT
    for number, row in enumerate(table.rows, 2):
        for column, part in enumerate(row, 1):
            cell = sheet.cell(number, column)
            _write(cell, part)
            if column > 1:
                cell.alignment = Alignment(horizontal="right")
            if table.total and number == len(table.rows) + 1:
                cell.font = BOLD
    if table.note:
        _write(sheet.cell(len(table.rows) + 3, 1), table.note)
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    _paper(sheet, "landscape")


def _paper(sheet: Any, orientation: str) -> None:
    """A page as wide as the sheet, and as many as it is long."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = orientation, sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _text(part: Part) -> str:
    return part if isinstance(part, str) else part.text


def _write(cell: Any, part: Part) -> None:
    """A number as a number, a text as a text: never as a formula."""
    if isinstance(part, Value) and part.number is not None:
        cell.value = part.number / FEN.get(part.unit, 1)
        shape = "0.0%" if part.text.endswith("%") else "0.0" if part.unit == "分" else "#,##0"
        if part.unit in FEN and cell.value != int(cell.value):
            shape = "#,##0.00"
        cell.number_format = f"+{shape};−{shape};{shape}" if part.text.startswith(("+", "−")) else shape
        return
    cell.value = safe_cell(_text(part))
    cell.data_type = "s"


def _chart(sheet: Any, chart: Chart) -> None:
    made = CHARTS[chart.kind]()
    lines = len(chart.table.rows) - (1 if chart.table.total else 0)
    for column in chart.columns:
        made.add_data(Reference(sheet, min_col=column + 1, min_row=1, max_row=lines + 1), titles_from_data=True)
    made.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=lines + 1))
    made.title, made.height, made.width = chart.title, 9, 18
    if chart.kind == "bar":
        made.gapWidth = 60
    if chart.kind != "pie":
        made.x_axis.delete = made.y_axis.delete = False  # else Excel draws none
    sheet.add_chart(made, f"{get_column_letter(len(chart.table.head) + 2)}2")


def _sources(sheet: Any, report: Report) -> None:
    _paper(sheet, "portrait")
    for column, title in enumerate(("编号", "指标", "数值", "单位"), 1):
        _write(sheet.cell(1, column), title)
        sheet.cell(1, column).font = BOLD
    for row, (figure, value) in enumerate(report.figures.items(), 2):
        line: tuple[Part, ...] = (figure, title_of(figure), value, value.unit)
        for column, part in enumerate(line, 1):
            _write(sheet.cell(row, column), part)
    for letter, width in zip("ABCD", (34, 26, 16, 8), strict=True):
        sheet.column_dimensions[letter].width = width
