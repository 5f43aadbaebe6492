"""A report as data: what every format (Word, Excel, Markdown, HTML, JSON) is written from. Nothing here reads a database."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Value:
    """A figure in its place.

    Args:
        figure: id; what `falin report explain` takes; "" for one that has no rows of its own (a rank, a difference).
        number: the exact value: a whole number (fen for money), a ratio 0-1, minutes; None: cannot be said
            (no data), or not published, see bot.reports.disclosure.
        text: as it is printed: "1,307", "378.12", "91.7%", "—", "＊".
        unit: "件", "人次", "万元", "%" …
    """

    figure: str
    number: float | int | None
    text: str
    unit: str = ""


Part = str | Value


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the draft: words and figures in turn."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Table:
    """A table. Args: id: permanent.  head: titles of the columns.  rows: the last is the sum when `total` is set.

    The first cell of a row is its title. note: what must be known to read it; "" for nothing.
    """

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Part, ...], ...]
    total: bool = True
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture of a table. Args: kind: "bar", "line" or "pie".  columns: which of the table's, by number from 1."""

    kind: str
    title: str
    table: Table
    columns: tuple[int, ...] = (1,)


Block = Paragraph | Table | Chart


@dataclass(frozen=True)
class Section:
    """A part under a heading (一、二、…)."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole of it.

    Args:
        period: "2022", "2022-Q1", "2022-03".  period_title: 2022年.  compared: title of the period compared with, or "".
        state: "draft" or "closed".  signed: who signed it off and when; "" for a draft.
        figures: every figure of the report by id.
        notes: how it was counted: 人次 and 人数, bot and people apart, small cells.
    """

    title: str
    street: str
    office: str
    period: str
    period_title: str
    sections: tuple[Section, ...]
    figures: dict[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    compared: str = ""
    state: str = "draft"
    signed: str = ""
