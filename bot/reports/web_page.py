"""The report as one HTML file: no scripts, nothing from outside, fit for a phone and for paper."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.reports.model import Chart, Paragraph, Report, Table, Value
from bot.reports.plain_formats import References, say

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def write_html(report: Report) -> bytes:
    """The whole page."""
    template = TEMPLATES.get_template("report.html")
    kinds = {"is_paragraph": Paragraph, "is_table": Table, "is_chart": Chart, "is_value": Value}
    tests = {name: (lambda part, kind=kind: isinstance(part, kind)) for name, kind in kinds.items()}
    return template.render(report=report, say=say, bars=bars, references=References(), **tests).encode()


def bars(chart: Chart) -> list[tuple[str, list[tuple[str, str, float]]]]:
    """A chart as bars: for each line its title, and for each column name, text and length in per cent."""
    rows = chart.table.rows[:-1] if chart.table.total else chart.table.rows
    numbers = [cell.number or 0 for row in rows for cell in (row[c] for c in chart.columns) if isinstance(cell, Value)]
    longest = max(numbers, default=0) or 1
    return [
        (
            str(row[0]),
            [
                (chart.table.head[c], cell.text, round(100 * (cell.number or 0) / longest, 1))
                for c in chart.columns
                if isinstance(cell := row[c], Value)
            ],
        )
        for row in rows
    ]
