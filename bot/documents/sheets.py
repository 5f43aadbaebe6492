"""Reading tables that people made: .xlsx and .csv, row by row, without running anything in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from bot.domain.errors import FalinError

LARGEST = 60_000_000  # bytes of a file
LARGEST_UNPACKED = 1_000_000_000
WIDEST = 60  # columns
LONGEST = 500  # characters of a cell
MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
ENCODINGS = ("utf-8-sig", "gb18030")
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. Args: value: text, number, day or None.  formula, merged: what it is besides."""

    value: Any = None
    formula: bool = False
    merged: bool = False


@dataclass(frozen=True)
class SheetRow:
    """Args: number: as the program that made the file counts, from 1."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return all(cell.value in (None, "") for cell in self.cells)


def read_sheet(path: Path) -> Iterator[SheetRow]:
    """The rows of the first sheet.

    Raises:
        FalinError: no file, too large, not a table, or a text in an encoding nobody uses.
    """
    if not path.is_file():
        raise FalinError(f"{path} does not exist", "name a .xlsx or .csv file")
    if path.stat().st_size > LARGEST:
        raise FalinError(f"{path} is larger than {LARGEST // 1_000_000} MB", "split it")
    kind = path.suffix.lower()
    if kind == ".xlsx":
        return _read_xlsx(path)
    if kind == ".csv":
        return _read_csv(path)
    raise FalinError(f"{path.name} is neither .xlsx nor .csv", "save it as one of these")


def _read_csv(path: Path) -> Iterator[SheetRow]:
    content = path.read_bytes()
    mark = next((name for begin, name in MARKS if content.startswith(begin)), "")
    text = next((found for name in ((mark,) if mark else ENCODINGS) if (found := _decode(content, name)) is not None), None)
    if text is None or "\0" in text:
        raise FalinError(f"{path.name} is not readable text", "save it as CSV in UTF-8")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            yield SheetRow(number, tuple(_cell(value) for value in row[:WIDEST]))
    except csv.Error as error:
        raise FalinError(f"{path.name} is no CSV file: {error}", "save it anew") from None


def _decode(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _cell(value: str) -> Cell:
    text = value.strip()[:LONGEST]
    # A number with a sign is a number; anything else behind these signs is what a spreadsheet would run.
    return Cell(text, formula=bool(re.match(r"[=@]|[+-](?![\d.,]+$)", text)))


def _read_xlsx(path: Path) -> Iterator[SheetRow]:
    from openpyxl import load_workbook

    try:
        with ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
                raise FalinError(f"{path.name} unpacks to more than it should", "save it anew, without pictures")
        book = load_workbook(path, read_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise FalinError(
            f"{path.name} is no Excel workbook ({type(error).__name__})", "save it as .xlsx without a password"
        ) from None
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size need not be true
        merged = _find_merged(path, sheet._worksheet_path)
        values: dict[tuple[int, int], Any] = {}
        for number, row in enumerate(sheet.iter_rows(max_col=WIDEST), 1):
            cells = []
            for column, found in enumerate(row, 1):
                cell = _excel_cell(found)
                anchor = merged.get((number, column))
                if anchor == (number, column):
                    values[anchor] = cell.value
                if anchor:
                    cell = Cell(values.get(anchor), cell.formula, merged=True)
                cells.append(cell)
            yield SheetRow(number, tuple(cells))
    except (KeyError, ValueError, IndexError, SyntaxError) as error:
        raise FalinError(f"{path.name} is a damaged workbook ({type(error).__name__})", "save it anew as .xlsx") from None
    finally:
        book.close()


def _excel_cell(found: Any) -> Cell:
    value = found.value
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        value = value.strip()[:LONGEST]
    kind = getattr(found, "data_type", "n")
    if kind == "e":  # #REF! and the like
        return Cell(str(value), formula=True)
    if value is not None and not isinstance(value, str | int | float | date):
        value = str(value)
    return Cell(value, formula=kind == "f")


def _find_merged(path: Path, sheet_path: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Row and column of every merged cell → those of the one that carries the value. Small ranges only."""
    with ZipFile(path) as archive:
        content = archive.read(sheet_path.lstrip("/"))
    found = {}
    for match in MERGED.finditer(content):
        left, top, right, bottom = _column(match[1]), int(match[2]), _column(match[3]), int(match[4])
        if (bottom - top + 1) * (right - left + 1) <= 10_000:
            found.update({(row, column): (top, left) for row in range(top, bottom + 1) for column in range(left, right + 1)})
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.decode():
        number = number * 26 + ord(letter) - 64
    return number
