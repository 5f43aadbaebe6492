"""Charts as pictures, for Word."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from bot.reports.model import Chart, Value

# Fonts with Chinese characters that systems come with; the first one found is used.
FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC", "Noto Serif CJK SC", "SimSun",
)  # fmt: skip
COLOURS = ("#2457a7", "#c98a2b", "#4d8a5b", "#9a4f6b", "#6a6fae", "#8a8a8a")


def find_font() -> str:
    """The font for Chinese labels; "" when this machine has none, and a picture would show boxes."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in known), "")


def draw(chart: Chart, font: str) -> bytes:
    """A PNG, 16 × 8 cm at 200 dots an inch. Args: font: see find_font."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"font.sans-serif": [font], "font.family": "sans-serif", "axes.unicode_minus": False}):
        figure = Figure(figsize=(6.3, 3.15), dpi=200)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot(111)
        rows = chart.table.rows[:-1] if chart.table.total else chart.table.rows
        labels = [str(row[0]) for row in rows]
        columns = [(chart.table.head[c], [_number(row[c]) for row in rows]) for c in chart.columns]
        (_pie if chart.kind == "pie" else _bars)(axes, labels, columns)
        axes.set_title(chart.title, fontsize=10)
        figure.tight_layout()
        found = BytesIO()
        figure.savefig(found, format="png", metadata={"Software": None})
    return found.getvalue()


def _number(cell: Any) -> float:
    return float(cell.number or 0) if isinstance(cell, Value) else 0.0


def _bars(axes: Any, labels: list[str], columns: list[tuple[str, list[float]]]) -> None:
    width = 0.8 / len(columns)
    for number, (title, values) in enumerate(columns):
        places = [place + (number - (len(columns) - 1) / 2) * width for place in range(len(labels))]
        bars = axes.bar(places, values, width, label=title, color=COLOURS[number % len(COLOURS)])
        axes.bar_label(bars, [f"{value:,.0f}" for value in values], fontsize=6, padding=1)
    axes.set_xticks(range(len(labels)))
    axes.set_xticklabels(labels, fontsize=7, rotation=0 if max(map(len, labels), default=0) < 6 else 30)
    axes.tick_params(axis="y", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    if len(columns) > 1:
        axes.legend(fontsize=7, frameon=False)


def _pie(axes: Any, labels: list[str], columns: list[tuple[str, list[float]]]) -> None:
    pairs = sorted(((value, label) for label, value in zip(labels, columns[0][1], strict=True) if value), reverse=True)
    total = sum(value for value, _ in pairs) or 1
    # Slices too thin to be labelled would lie on each other.
    shown = [(value, label) for value, label in pairs if value / total >= 0.03]
    rest = total - sum(value for value, _ in shown)
    if rest and pairs:
        shown.append((rest, "其余"))
    axes.pie(
        [value for value, _ in shown], labels=[label for _, label in shown], autopct="%1.0f%%", colors=COLOURS,
        textprops={"fontsize": 7}, startangle=90, counterclock=False,
    )  # fmt: skip
