"""How a figure is written: 1,307件次, 378.12万元, 91.7%, or hidden because it is small."""

from __future__ import annotations

from dataclasses import dataclass

from bot.reports.case_figures import CASE_FIGURES
from bot.reports.figures import FIGURES, RATES
from bot.reports.model import Value

NOTHING = "—"
HIDDEN = "＊"  # not small itself, but it would give a small one away
FEN_A_WAN = 1_000_000


@dataclass(frozen=True)
class Writer:
    """Args: below: counts of services and people from 1 to one less are not published; 0: all are."""

    below: int = 0

    def write(self, figure_id: str, number: float | None, *, exact: bool = False) -> Value:
        """A figure, or a cell of one. Args: exact: yuan instead of 万元.  Raises KeyError for no such figure."""
        unit, measure = self._unit(figure_id.partition("@")[0])
        if number is None:
            return Value(figure_id, None, NOTHING)
        if measure == "amount":
            fen = int(number)
            wan = f"{fen / FEN_A_WAN:,.2f}"
            yuan = f"{fen // 100:,}" if fen % 100 == 0 else f"{fen / 100:,.2f}"
            return Value(figure_id, fen, yuan if exact else wan, "元" if exact else "万元")
        if unit == "%":
            return Value(figure_id, number, f"{number:.1%}")
        if unit == "分":
            return Value(figure_id, number, f"{number:.1f}", unit)
        whole = int(number)
        if measure in ("count", "people", "clients", "entries") and 0 < whole < self.below:
            return Value(figure_id, None, f"＜{self.below}", unit)
        return Value(figure_id, whole, f"{whole:,}", unit)

    def _unit(self, name: str) -> tuple[str, str]:
        if name in RATES:
            return RATES[name][1], "rate"
        if name in CASE_FIGURES:
            unit = CASE_FIGURES[name][1]
            return unit, "count" if unit == "件" else "rate"
        return FIGURES[name].unit, FIGURES[name].measure


def title_of(figure_id: str) -> str:
    """What a figure is called. Raises KeyError."""
    name = figure_id.partition("@")[0]
    if name in RATES:
        return RATES[name][0]
    return CASE_FIGURES[name][0] if name in CASE_FIGURES else FIGURES[name].title


def hide_more(rows: list[list[Value]], below: int) -> list[list[Value]]:
    """Hide what would give a hidden cell away: what is left of a known sum must leave the hidden cells open.

    Args:
        rows: cells of a table whose last row is the sum of those above it. Columns are looked at, one by one.
        below: what was hidden first is smaller than this, and at least 1.
    """
    for column in range(len(rows[0]) if rows else 0):
        while gives_away([row[column] for row in rows], below):
            shown = [(part.number, place) for place, row in enumerate(rows[:-1]) if (part := row[column]).number]
            # Without another part the sum itself would say it.
            place = min(shown)[1] if shown else len(rows) - 1
            rows[place][column] = Value(rows[place][column].figure, None, HIDDEN, rows[place][column].unit)
    return rows


def gives_away(cells: list[Value], below: int) -> bool:
    """Whether the last cell, the sum of the others, says what a hidden one is."""
    total = cells[-1].number
    hidden = [cell for cell in cells[:-1] if cell.number is None and cell.text != NOTHING]
    if total is None or not hidden:
        return False
    left = total - sum(cell.number for cell in cells[:-1] if cell.number is not None)
    open_ended = any(cell.text == HIDDEN for cell in hidden)
    return len(hidden) == 1 or left <= len(hidden) or (not open_ended and left >= len(hidden) * (below - 1))
