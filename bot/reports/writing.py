"""How a figure is written: 1,307件次, 378.12万元, 91.7%, or hidden because few people stand behind it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.reports.case_figures import CASE_FIGURES
from bot.reports.figures import FIGURES, RATES
from bot.reports.model import Value

NOTHING = "—"
HIDDEN = "＊"  # one sign for what is small and for what would give it away: the reader is not to know which
FEN_A_WAN = 1_000_000


@dataclass(frozen=True)
class Writer:
    """Args: hidden: ids of figures and cells that are not published, see bot.reports.disclosure.  publishing: whether it is for the public."""

    hidden: frozenset[str] = frozenset()
    publishing: bool = False

    def write(self, figure_id: str, number: float | None, *, exact: bool = False) -> Value:
        """A figure, or a cell of one. Args: exact: yuan instead of 万元.  Raises KeyError for no such figure."""
        unit, measure = self._unit(figure_id.partition("@")[0])
        if measure == "amount":
            unit = "元" if exact else "万元"
        if number is None or figure_id in self.hidden:
            return Value(figure_id, None, NOTHING if number is None else HIDDEN, "" if unit == "%" else unit)
        if measure == "amount":
            fen = int(number)
            wan = f"{fen / FEN_A_WAN:,.2f}"
            yuan = f"{fen // 100:,}" if fen % 100 == 0 else f"{fen / 100:,.2f}"
            return Value(figure_id, fen, yuan if exact else wan, unit)
        if unit == "%":
            return Value(figure_id, number, f"{number:.1%}")
        if unit == "分":
            return Value(figure_id, number, f"{number:.1f}", unit)
        return Value(figure_id, int(number), f"{int(number):,}", unit)

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
