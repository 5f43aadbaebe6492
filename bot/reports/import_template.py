"""An empty list to fill in, with the headings that `falin import` knows."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from bot.domain.ledger import KINDS

HEADINGS = ("日期", "类别", "社区", "事项", "件数", "人数", "金额（元）", "资料份数", "对象", "名称", "经办人", "企业", "来源", "结果", "备注")
LINES = 2_000


def write_template(path: Path) -> None:
    """The workbook: a row of headings, and a list to choose the kind from."""
    book = Workbook()
    sheet, kinds = book.active, book.create_sheet("类别")
    sheet.title = "服务记录"
    for column, heading in enumerate(HEADINGS, 1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = 14
    titles = [kind.title for kind in KINDS.values() if kind.by_hand]
    for row, title in enumerate(titles, 1):
        kinds.cell(row, 1, title)
    choice = DataValidation(type="list", formula1=f"=类别!$A$1:$A${len(titles)}", allow_blank=True)
    sheet.add_data_validation(choice)
    choice.add(f"B2:B{LINES}")
    for row in range(2, LINES):
        sheet.cell(row, 1).number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "A2"
    book.save(path)
