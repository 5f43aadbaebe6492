"""The forms in which a report can be had."""

from __future__ import annotations

from importlib import import_module

from bot.reports.model import Report

# Format → module and function; Word and Excel are imported only when they are wanted.
_WRITERS = {
    "docx": ("word", "write_docx"),
    "xlsx": ("excel", "write_xlsx"),
    "html": ("web_page", "write_html"),
    "md": ("plain_formats", "write_markdown"),
    "json": ("plain_formats", "write_json"),
}
FORMATS = tuple(_WRITERS)
PUBLISHED_BELOW = 5  # numbers below it are hidden in what is published, unless another is asked for


def write_report(report: Report, name: str) -> bytes:
    """The report in one of FORMATS. Raises KeyError for another."""
    module, function = _WRITERS[name]
    content: bytes = getattr(import_module(f"bot.reports.{module}"), function)(report)
    return content
