"""The report as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from bot.reports.model import Chart, Paragraph, Part, Report, Table, Value


class References:
    """Numbers the figures of the draft in the order in which they are first used."""

    def __init__(self) -> None:
        self.used: dict[str, Value] = {}

    def number(self, value: Value) -> int:
        """The number of a figure's reference; 0 when it has no rows of its own."""
        if not value.figure:
            return 0
        self.used.setdefault(value.figure, value)
        return list(self.used).index(value.figure) + 1


def say(value: Value) -> str:
    """A figure with its unit, as it stands in a sentence."""
    return f"{value.text}{value.unit if value.text != '—' else ''}"


def write_markdown(report: Report) -> bytes:
    """The report with footnotes that name the figures."""
    return ("\n".join(_lines(report)) + "\n").encode()


def _lines(report: Report) -> Iterator[str]:
    references = References()
    yield f"# {plain(report.title)}"
    yield ""
    yield f"{plain(report.office)}　{f'已封存：{plain(report.signed)}' if report.signed else '草稿'}"
    for section in report.sections:
        yield from ("", f"## {plain(section.title)}")
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield from ("", "".join(_part(part, references) for part in block.parts))
            elif isinstance(block, Table):
                yield from ("", f"### {plain(block.title)}", "", *_table(block))
    yield from ("", "## 计数说明", "", *(f"- {plain(note)}" for note in report.notes), "", "## 数据出处", "")
    yield from (f"[^{number}]: `{figure}`" for number, figure in enumerate(references.used, 1))


def _part(part: Part, references: References) -> str:
    if isinstance(part, str):
        return plain(part)
    number = references.number(part)
    return f"{say(part)}[^{number}]" if number else say(part)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, table.head))} |"
    yield "| --- |" + " ---: |" * (len(table.head) - 1)
    for row in table.rows:
        yield f"| {' | '.join(plain(cell if isinstance(cell, str) else cell.text) for cell in row)} |"
    if table.note:
        yield from ("", plain(table.note))


def plain(text: str) -> str:
    """Text that Markdown does not read as marks, in one line."""
    text = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#" else sign for sign in text)


def write_json(report: Report) -> bytes:
    """Everything, for programs: the same report is the same bytes."""
    content = asdict(report)
    for section, found in zip(content["sections"], report.sections, strict=True):
        for block, original in zip(section["blocks"], found.blocks, strict=True):
            block["type"] = type(original).__name__.lower()
            if isinstance(original, Chart):
                block["table"] = original.table.id
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def tables_of(report: Report) -> Iterable[Table]:
    """All tables, in order."""
    return [block for section in report.sections for block in section.blocks if isinstance(block, Table)]
