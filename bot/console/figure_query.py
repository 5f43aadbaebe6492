"""What the address of the figures asks for: when, where, and of what sort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from bot.console.guard import Visit
from bot.domain.calendar import beijing_day
from bot.domain.errors import FalinError
from bot.domain.figures import Figure
from bot.domain.ledger import KINDS, SUBJECTS
from bot.domain.permissions import figure_communities
from bot.domain.reporting_periods import Days, Period, Span
from bot.reports.figures import FIGURES, narrow

SERVED_BY = {"human": "人工", "bot": "智能"}


@dataclass(frozen=True)
class Question:
    """Args: community: as chosen, or "".  communities: what the member may see of it; None: the whole street.
    terms: dimension → value.  faults: what the address says that cannot be, each in a sentence."""

    span: Span
    community: str
    communities: frozenset[str] | None
    terms: dict[str, str]
    faults: tuple[str, ...] = ()

    @property
    def period(self) -> Period | None:
        """The year, quarter or month; None for other days."""
        return self.span if isinstance(self.span, Period) else None

    def figure(self, name: str, **terms: str) -> Figure:
        """A declared figure as far as the question reaches, or a cell of it. Raises KeyError."""
        return narrow(FIGURES[name], **self.terms, **{k: v for k, v in terms.items() if k not in self.terms})

    def address(self, page: str = "", **more: str) -> str:
        """The same question on one of the pages below /console/figures."""
        if isinstance(self.span, Period):
            when = {"year": str(self.span.year), "quarter": str(self.span.quarter or ""), "month": str(self.span.month or "")}
        else:
            when = {"from": str(self.span.first), "to": str(self.span.last)}
        query = {**more, **when, "community": self.community, **self.terms}
        return f"/console/figures{page}?" + urlencode({k: v for k, v in query.items() if v})

    def link(self, name: str, **terms: str) -> str:
        """Where the rows of a figure are."""
        return self.address("/rows", figure=self.figure(name, **terms).id)

    def during(self, first: date, last: date) -> Question:
        """The same for other days."""
        return replace(self, span=Days(first, last))


def read_question(visit: Visit) -> Question:
    """The question of the address; in the place of what cannot be stand this year and everything one may see."""
    faults: list[str] = []
    span = _span(visit, beijing_day(visit.site.now()), faults)
    library, reach = visit.site.library, figure_communities(visit.member, visit.site.street)
    known: dict[str, Callable[[str], bool]] = {
        "kind": KINDS.__contains__, "matter": library.matters.__contains__,
        "served_by": SERVED_BY.__contains__, "subject": SUBJECTS.__contains__,
    }  # fmt: skip
    terms = {name: given for name in known if (given := visit.value(name, 40))}
    for name in [name for name, given in terms.items() if not known[name](given)]:
        faults.append(f"没有“{terms.pop(name)}”这样的条件，没有按它筛选。")
    chosen = visit.value("community", 32)
    found = visit.site.street.find_community(chosen) if chosen else None
    if found is None:
        if chosen:
            faults.append(f"没有“{chosen}”这个社区，下面是全部。")
        return Question(span, "", reach, terms, tuple(faults))
    allowed = reach is None or found.id in reach
    if not allowed:
        faults.append(f"您只能看自己服务的社区，看不到{found.name}的数。")
    return Question(span, found.id, frozenset({found.id}) if allowed else frozenset(), terms, tuple(faults))


def read_year(visit: Visit, name: str) -> int | None:
    """A year that can be counted; 0: none was given; None: what was given is none."""
    given = visit.value(name, 10)
    try:
        return Period(int(given)).year if given.isascii() and given.isdecimal() else None if given else 0
    except FalinError:
        return None


def _span(visit: Visit, today: date, faults: list[str]) -> Span:
    first, last = visit.value("from", 10), visit.value("to", 10)
    if first or last:
        try:
            until = date.fromisoformat(last) if last else today
            return Days(date.fromisoformat(first) if first else until.replace(month=1, day=1), until)
        except (ValueError, FalinError):
            faults.append(f"“{first}”到“{last}”不是能统计的日期，下面是今年的。")
            return Period(today.year)
    year = read_year(visit, "year")
    if year is None:
        faults.append(f"没有“{visit.value('year', 10)}”这样的年份，下面是今年的。")
    quarter, month = visit.value("quarter", 2), visit.value("month", 2)
    for given, least, most in ((quarter, 1, 4), (month, 1, 12)):
        if given and not (given.isascii() and given.isdecimal() and least <= int(given) <= most):
            faults.append(f"没有“{given}”这样的月份或季度，下面是全年的。")
            return Period(year or today.year)
    return Period(year or today.year, 0 if month else int(quarter or 0), int(month or 0))
