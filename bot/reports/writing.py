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


def hide_more(rows: list[list[Value]]) -> list[list[Value]]:
    """Hide what would give a hidden cell away: in a line of a table whose sum is known, one hidden cell is none.

    Args:
        rows: cells of a table whose last row is the sum of those above it. Columns are looked at, one by one.
    """
    for column in range(len(rows[0]) if rows else 0):
        parts = [row[column] for row in rows[:-1]]
        hidden = [part for part in parts if part.number is None and part.text != NOTHING]
        if len(hidden) != 1 or rows[-1][column].number is None:
            continue
        shown = [(part.number, place) for place, part in enumerate(parts) if part.number]
        # Without another part the sum itself is the small number.
        place = min(shown)[1] if shown else len(rows) - 1
        rows[place][column] = Value(rows[place][column].figure, None, HIDDEN, rows[place][column].unit)
    return rows
