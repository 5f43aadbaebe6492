"""The wording of the report: bot/reports/templates/report.yml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.errors import ConfigError
from bot.knowledge.yaml_file import load_yaml


@dataclass(frozen=True)
class Clause:
    """Args: figure: the clause is left out when this is nought; "" for never."""

    figure: str
    text: str


@dataclass(frozen=True)
class DraftSection:
    """Args: paragraphs: each with its lead and its clauses.  charts: ids of charts that follow."""

    title: str
    paragraphs: tuple[tuple[str, tuple[Clause, ...]], ...]
    charts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportWording:
    """What stands in the file."""

    title: str
    sections: tuple[DraftSection, ...]
    nothing: str
    compare: dict[str, str]
    notes: tuple[str, ...]
    small: str


def load_report_wording(path: Path) -> ReportWording:
    """Raises ConfigError when something is missing."""
    data = load_yaml(path, as_text=True)
    try:
        return ReportWording(
            title=data["title"],
            sections=tuple(_section(section) for section in data["sections"]),
            nothing=data["nothing"],
            compare={name: str(data["compare"][name]) for name in ("more", "less", "same", "none")},
            notes=tuple(data["notes"]),
            small=data["small"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"the report's wording lacks {error}", "compare it with the file in the repository", file=path) from None


def _section(section: Any) -> DraftSection:
    return DraftSection(
        section["title"],
        tuple(_paragraph(paragraph) for paragraph in section["paragraphs"]),
        tuple(section.get("charts") or ()),
    )


def _paragraph(paragraph: Any) -> tuple[str, tuple[Clause, ...]]:
    if "always" in paragraph:
        return "", (Clause("", paragraph["always"]),)
    return paragraph.get("lead") or "", tuple(Clause(figure, text) for figure, text in paragraph["clauses"])
