"""The tables of the report: each says which figures stand in its columns, and by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.ledger import AUDIENCES, CHANNELS, KINDS, OUTCOMES, SUBJECTS
from bot.domain.matters import Matter
from bot.domain.street import Street
from bot.reports.case_figures import CASE_FIGURES
from bot.reports.figures import FIGURES, narrow
from bot.reports.model import Part, Table, Value
from bot.reports.numbers import Numbers
from bot.reports.writing import NOTHING, Writer, title_of


@dataclass(frozen=True)
class Layout:
    """Args: by: one of DIMENSIONS; what the lines are.  figures: the columns.  published: not only for the office.
    turned: the figures are the lines, and the values of the dimension the columns."""

    id: str
    title: str
    by: str
    heading: str
    figures: tuple[str, ...]
    note: str = ""
    published: bool = True
    turned: bool = False


BOTH = ("services.total", "services.bot", "services.human")
SERVICE_KINDS = tuple(f"kind.{name}" for name, kind in KINDS.items() if kind.group == "service")
QUALITY_NOTE = "智能答复的复核只来自转了人工的案件，不代表全部智能咨询。没有注明工作时间的用时是自然时间。"
PEOPLE = "clients.total"
PARTS = ("adviser", "mediator", "staff", "member")
PEOPLE_NOTE = "人数各行相加可以大于合计：同一人只在合计中计一次。"
LAYOUTS = (
    Layout("by_community", "分社区情况", "community", "社区",
           (*BOTH, PEOPLE, "users.registered", "mediation.agreed", "kind.contract_review", "enterprises.visits"),
           PEOPLE_NOTE),
    Layout("by_kind", "分类别情况", "kind", "服务类别", (*BOTH, PEOPLE), PEOPLE_NOTE),
    Layout("kind_by_community", "分类别、分社区情况", "community", "服务类别", (*SERVICE_KINDS, "services.total"), turned=True),
    Layout("by_matter", "分法律事项情况", "matter", "法律事项", (*BOTH, "mediation.agreed")),
    Layout("by_month", "分月情况", "month", "月份",
           (*BOTH, PEOPLE, "users.registered", "mediation.agreed", "education.events"), PEOPLE_NOTE),
    Layout("by_channel", "分渠道情况", "channel", "渠道", BOTH),
    Layout("by_server", "分服务人员情况", "served_by", "服务人员",
           ("services.total", "mediation.agreed", "kind.contract_review", "enterprises.visits", "duty.days"),
           published=False),
    Layout("by_outcome", "分办理结果情况", "outcome", "办理结果", BOTH),
    Layout("mediation_by_matter", "人民调解情况", "matter", "纠纷类型",
           ("mediation.total", "mediation.agreed", "mediation.failed", "mediation.parties", "mediation.amount")),
    Layout("education_by_audience", "普法活动情况", "audience", "对象",
           ("education.events", "education.participants", "education.leaflets")),
    Layout("enterprises_by_community", "惠企服务情况", "community", "社区",
           ("enterprises.assigned", "enterprises.visits", "enterprises.meetings")),
)  # fmt: skip


class Names:
    """What the values of a dimension are called, and in which order they stand."""

    def __init__(self, street: Street, matters: Mapping[str, Matter]) -> None:
        # Somebody of the office may serve in another's part: a supervisor who closes a case stands there as adviser.
        members = {f"{part}:{m.id}": m.name for m in street.members for part in (m.role, *PARTS)}
        self._names: dict[str, dict[str, str]] = {
            "community": {c.id: c.name for c in street.communities},
            "kind": {name: kind.title for name, kind in KINDS.items()},
            "matter": {m.id: m.title for m in matters.values()},
            "channel": CHANNELS,
            "served_by": {"bot": "法邻（智能）", **members, "office": street.office},
            "outcome": OUTCOMES,
            "audience": AUDIENCES,
            "subject": SUBJECTS,
        }

    def name(self, by: str, key: str) -> str:
        """A value's name; what is no longer in the files keeps its id."""
        if by == "month":
            return f"{int(key[5:])}月"
        if not key:
            return "未注明"
        return self._names.get(by, {}).get(key, key.partition(":")[2] or key)

    def knows(self, by: str, key: str) -> bool:
        """Whether there is such a value; the ledger may still have some that are no longer in the files."""
        return not key or key in self._names.get(by, {})

    def order(self, by: str, keys: set[str]) -> list[str]:
        """In the order of the files, then whatever else stands in the ledger."""
        known = list(self._names.get(by, {}))
        return sorted(keys, key=lambda key: (known.index(key) if key in known else len(known), key))


def make_table(layout: Layout, numbers: Numbers, names: Names, writer: Writer) -> Table:
    """A table and its sums: the lines of a column add up to the figure itself, except for people."""
    figures = [figure for figure in layout.figures if figure != PEOPLE or not writer.publishing]
    note = layout.note if PEOPLE in figures else ""
    columns = {figure: numbers.by(layout.by, figure) for figure in figures}
    keys = {key for found in columns.values() for key in found}
    if layout.by == "month":
        keys = set(numbers.period.month_ids)
    lines = names.order(layout.by, keys)
    cells = [
        [_cell(writer, figure, {layout.by: key}, columns[figure].get(key, 0)) for figure in figures] for key in lines
    ]
    cells.append([_cell(writer, figure, {}, numbers.value(figure)) for figure in figures])
    titles = [*(names.name(layout.by, key) for key in lines), "合计"]
    heads = [f"{title_of(figure)}（{'元' if FIGURES[figure].measure == 'amount' else FIGURES[figure].unit}）"
             for figure in figures]  # fmt: skip
    if layout.turned:
        columns_of = [(head, *column) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
        shown = [row for row in columns_of if row[-1].number != 0]
        return Table(layout.id, layout.title, (layout.heading, *titles), tuple(shown), note=note)
    rows: list[tuple[Part, ...]] = [(title, *row) for title, row in zip(titles, cells, strict=True)]
    return Table(layout.id, layout.title, (layout.heading, *heads), tuple(rows), note=note)


def quality_table(numbers: Numbers, writer: Writer) -> Table:
    """The figures of cases, one a line."""
    rows: list[tuple[Part, ...]] = []
    for figure, (title, unit, _) in CASE_FIGURES.items():
        if (number := numbers.value(figure)) is not None:
            rows.append((f"{title}（{unit}）", writer.write(figure, number)))
    return Table("quality", "服务质量与时效", ("指标", numbers.period.title), tuple(rows), total=False, note=QUALITY_NOTE)


def _cell(writer: Writer, figure: str, terms: dict[str, str], number: float | None) -> Value:
    return writer.write(narrow(FIGURES[figure], **terms).id, number, exact=True)


def columns_by_dimension() -> dict[str, set[str]]:
    """What the published tables say: dimension → figures by it."""
    found: dict[str, set[str]] = {}
    for layout in (layout for layout in LAYOUTS if layout.published):
        found.setdefault(layout.by, set()).update(set(layout.figures) - {PEOPLE})
    return found


def compare_table(numbers: Numbers, before: Numbers, writer: Writer, writer_before: Writer) -> Table:
    """Each main figure beside that of the period before. Args: writer_before: what was not published then stays so."""
    rows: list[tuple[Part, ...]] = []
    for figure in COMPARED:
        now, then = numbers.value(figure) or 0, before.value(figure) or 0
        new, old = writer.write(figure, now, exact=True), writer_before.write(figure, then, exact=True)
        known = new.number is not None and old.number is not None
        change = Writer().write(figure, abs(now - then), exact=True)
        sign = "+" if now > then else "−" if now < then else ""
        difference = Value("", now - then, f"{sign}{change.text}", change.unit) if known else NOTHING
        growth = (now - then) / then if then else 0
        share = Value("", growth, f"{growth:+.1%}".replace("-", "−")) if known and then else NOTHING
        old = Value("", old.number, old.text, old.unit)
        rows.append((f"{title_of(figure)}（{new.unit}）", new, old, difference, share))
    head = ("指标", numbers.period.title, before.period.title, "增减", "增幅")
    return Table("compared", "同比情况", head, tuple(rows), total=False)


COMPARED = (
    *BOTH, PEOPLE, "users.registered", "mediation.total", "mediation.agreed", "mediation.parties",
    "mediation.amount", "kind.contract_review", "aid.handed_over", "enterprises.assigned", "enterprises.visits",
    "enterprises.meetings", "education.events", "education.leaflets", "education.videos", "education.posts",
)  # fmt: skip
