"""The ledger of a year as CSV or Excel, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.calendar import BEIJING
from bot.domain.errors import FalinError
from bot.domain.messages import clean_text
from bot.domain.reporting_periods import Period
from bot.storage.engine import read_only
from bot.storage.tables import ledger

Written = TypeVar("Written")
EXCEL_CSV = "utf-8-sig"  # Excel needs the mark to see UTF-8
COLUMNS = (
    "id",
    "day",
    "time",
    "kind",
    "matter",
    "community",
    "subject",
    "channel",
    "served_by",
    "outcome",
    "count",
    "people",
    "amount_yuan",
    "leaflets",
    "audience",
    "title",
    "client",
    "corrects",
    "reason",
    "recorded_by",
    "recorded_on",
)
FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")  # Excel takes the wide ones, too


def safe_cell(value: Any) -> Any:
    """No text that a spreadsheet would run: a leading = + - @ gets an apostrophe."""
    if not isinstance(value, str):
        return value
    text = clean_text(value)  # a workbook takes no control characters
    return f"'{text}" if text.startswith(FORMULA) else text


def ledger_rows(engine: Engine, year: int) -> Iterator[list[Any]]:
    """Entries of a year in COLUMNS, oldest first, streamed."""
    period = Period(year)
    query = sa.select(ledger).where(ledger.c.day.between(period.first, period.last)).order_by(ledger.c.id)
    with read_only(engine).connect().execution_options(stream_results=True) as connection:
        for row in connection.execute(query):
            values = {
                **row._mapping,
                "day": row.day.isoformat(),
                "time": row.occurred_at.astimezone(BEIJING).strftime("%H:%M:%S"),
                "recorded_on": row.recorded_at.astimezone(BEIJING).date().isoformat() if row.recorded_at else "",
                "amount_yuan": None if row.amount is None else row.amount / 100,
            }
            yield [safe_cell(values[name]) for name in COLUMNS]


def export_ledger(engine: Engine, year: int, path: Path) -> int:
    """Write the ledger of a year to a .csv or .xlsx file; appears whole or not at all.

    Returns:
        The number of entries.

    Raises:
        FalinError: the folder does not exist, or there is no such year.
    """
    rows, excel = ledger_rows(engine, year), path.suffix == ".xlsx"
    return write_whole(path, lambda fresh: write_table(fresh, "ledger", COLUMNS, rows, excel=excel))


def write_whole(path: Path, write: Callable[[Path], Written]) -> Written:
    """Have a file written that appears whole or not at all, whatever happens in the middle.

    Raises:
        FalinError: the folder does not exist or may not be written to, or the disk is full.
    """
    if not path.parent.is_dir():
        raise FalinError(f"the folder {path.parent} does not exist", "create it, or name another: --output FILE")
    fresh = path.with_name(f".{path.name}.part")
    try:
        found = write(fresh)
        fresh.replace(path)
    except OSError as error:
        raise FalinError(
            f"{path} cannot be written: {error.strerror or type(error).__name__}", "nothing was written; free some space, or name another file"
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return found


def write_table(
    path: Path, title: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]], *, excel: bool
) -> int:
    """Write an Excel or a CSV file, whatever its name; how many rows, without the headings."""
    return _write_xlsx(path, title, heads, rows) if excel else _write_csv(path, heads, rows)


def table_bytes(title: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]], *, excel: bool) -> bytes:
    """The same, for sending."""
    if excel:
        book = io.BytesIO()
        _write_xlsx(book, title, heads, rows)
        return book.getvalue()
    text = io.StringIO()
    write_csv(text, heads, rows)
    return text.getvalue().encode(EXCEL_CSV)


def write_csv(file: TextIO, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    """Write headings and rows; how many rows."""
    count, writer = 0, csv.writer(file)
    writer.writerow(heads)
    for count, row in enumerate(rows, 1):  # noqa: B007
        writer.writerow(row)
    return count


def _write_csv(path: Path, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    with path.open("w", encoding=EXCEL_CSV, newline="") as file:
        return write_csv(file, heads, rows)


def _write_xlsx(file: Path | io.BytesIO, title: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> int:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    count = 0
    try:
        sheet.append(heads)
        for count, row in enumerate(rows, 1):  # noqa: B007
            sheet.append(row)
    finally:
        sheet.close()  # else its temporary file stays open when a row fails
    book.save(file)
    return count
