"""Figures of the handoff: how soon people answered, promises kept, who changed, satisfaction, how good the bot's answers were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.calendar import BEIJING
from bot.domain.cases import BOT_GRADES, ENDINGS
from bot.domain.reporting_periods import Span
from bot.domain.work_calendar import WorkCalendar
from bot.storage.tables import assignments, case_events, cases


@dataclass(frozen=True)
class CaseFigures:
    """Of the cases opened in a period, with the references behind each figure.

    Args:
        reassigned: that somebody gave back, let pass or handed on.  reopened: after closing.
        answered: in which a person has answered.  kept, broken: promises, as far as they have fallen due.  rated: with a rating.
        median_minutes, slow_minutes: from opening to a person's first words, by the clock: the median, and what nine
            in ten stay under; the same in the office's working time; None without any.  rating: the average, None without any.
        grades: how advisers graded what the bot had answered: grade → references.
    """

    opened: tuple[str, ...]
    reassigned: tuple[str, ...]
    reopened: tuple[str, ...]
    answered: tuple[str, ...]
    kept: tuple[str, ...]
    broken: tuple[str, ...]
    rated: tuple[str, ...]
    closed: tuple[str, ...]
    median_minutes: int | None
    slow_minutes: int | None
    median_work_minutes: int | None
    slow_work_minutes: int | None
    rating: float | None
    grades: dict[str, tuple[str, ...]]


FAULTY = ("wrong", "wrong_route")
_REASSIGNED = tuple(ending for ending in ENDINGS if ending != "closed")
# id → title, unit, definition. They rest on cases, not on the ledger.
CASE_FIGURES: dict[str, tuple[str, str, str]] = {
    "cases.opened": ("转人工案件", "件", "当期转给顾问的案件数。"),
    "cases.reassigned": ("换人办理", "件", "顾问婉拒、超时未接或者转交过的件数，一件只计一次。"),
    "cases.reopened": ("重新打开", "件", "结案后又打开过的件数。"),
    "cases.answered": ("顾问已答复", "件", "其中顾问已经答复的件数。"),
    "cases.kept": ("按承诺时间答复", "件", "在承诺时间以前答复的件数。"),
    "cases.broken": ("超过承诺时间", "件", "过了承诺时间才答复或者没有答复的件数。"),
    "cases.kept_rate": ("承诺兑现率", "%", "按承诺时间答复的件数除以承诺到期的件数。"),
    "cases.median_minutes": ("答复用时中位数", "分钟", "从转人工到顾问第一次答复的自然时间，一半案件不超过这个数。"),
    "cases.slow_minutes": ("九成案件答复用时", "分钟", "从转人工到顾问第一次答复的自然时间，九成案件不超过这个数。"),
    "cases.median_work_minutes": ("答复用时中位数（工作时间）", "分钟", "从转人工到顾问第一次答复经过的工作时间，一半案件不超过这个数。"),
    "cases.slow_work_minutes": ("九成案件答复用时（工作时间）", "分钟", "从转人工到顾问第一次答复经过的工作时间，九成案件不超过这个数。"),
    "cases.rated": ("收到评价", "件", "居民打了分的案件数。"),
    "cases.rating": ("满意度", "分", "居民评分（1至5分）的平均数。"),
    "bot.graded": ("复核智能答复", "件", "顾问给法邻先前的答复打过分的件数。"),
    "bot.error_rate": ("智能答复差错率", "%", "顾问认为答错或者指错路的件数除以复核的件数。"),
    **{f"bot.grade.{grade}": (f"智能答复{title}", "件", f"顾问认为法邻先前的答复{title}的件数。")
       for grade, title in BOT_GRADES.items()},
}  # fmt: skip


def value_of_cases(found: CaseFigures, figure_id: str) -> float | None:
    """One of CASE_FIGURES; None when there is nothing to say it of. Raises KeyError."""
    if figure_id not in CASE_FIGURES:
        raise KeyError(figure_id)
    name = figure_id.rpartition(".")[2]
    if name == "error_rate":
        graded = len(references_of(found, "bot.graded"))
        return len(references_of(found, figure_id)) / graded if graded else None
    if name == "kept_rate":
        due = len(found.kept) + len(found.broken)
        return len(found.kept) / due if due else None
    if name.endswith("_minutes") or name == "rating":
        value: float | None = getattr(found, name)
        return value
    return len(references_of(found, figure_id))


def references_of(found: CaseFigures, figure_id: str) -> tuple[str, ...]:
    """The cases behind a figure. Raises KeyError."""
    name = figure_id.rpartition(".")[2]
    if name in BOT_GRADES:
        return found.grades[name]
    if name in ("graded", "error_rate"):
        return tuple(r for grade in BOT_GRADES if name == "graded" or grade in FAULTY for r in found.grades[grade])
    if name.endswith("_minutes"):
        return found.answered
    behind = {"kept_rate": found.kept + found.broken, "rating": found.rated}
    return behind[name] if name in behind else tuple(getattr(found, name))


def load_case_figures(
    connection: Connection, period: Span, now: datetime, calendar: WorkCalendar, communities: frozenset[str] | None = None
) -> CaseFigures:
    """Read them. Args: now: a promise that is still to be kept counts neither way.  calendar: the office's."""
    begin = datetime(period.first.year, period.first.month, period.first.day, tzinfo=BEIJING)
    end = datetime(period.last.year, period.last.month, period.last.day, tzinfo=BEIJING) + timedelta(days=1)
    columns = ("id", "reference", "opened_at", "promised_at", "answered_at", "closed_at", "rating", "bot_grade")
    query = sa.select(*(cases.c[name] for name in columns)).where(cases.c.opened_at >= begin, cases.c.opened_at < end).order_by(cases.c.id)
    if communities is not None:
        query = query.where(cases.c.community.in_(communities))
    rows = connection.execute(query).all()
    numbers = query.with_only_columns(cases.c.id).order_by(None)
    handed_on = set(connection.execute(_cases_with(assignments, numbers, assignments.c.ended_because.in_(_REASSIGNED))).scalars())
    reopened = set(connection.execute(_cases_with(case_events, numbers, case_events.c.kind == "reopened")).scalars())
    waits = [(row.opened_at, row.answered_at) for row in rows if row.answered_at]
    minutes, work_minutes = _minutes(end - begin for begin, end in waits), _minutes(calendar.worked(*wait) for wait in waits)
    ratings = [row.rating for row in rows if row.rating]

    def those(choose: Any) -> tuple[str, ...]:
        return tuple(row.reference for row in rows if choose(row))

    def kept(row: Any) -> bool:
        return bool(row.promised_at and row.answered_at and row.answered_at <= row.promised_at)

    def broken(row: Any) -> bool:
        if row.promised_at is None or kept(row):
            return False
        ended = row.answered_at or row.closed_at or now
        return bool(ended > row.promised_at)

    return CaseFigures(
        opened=those(lambda row: True),
        reassigned=those(lambda row: row.id in handed_on),
        reopened=those(lambda row: row.id in reopened),
        answered=those(lambda row: row.answered_at),
        kept=those(kept),
        broken=those(broken),
        rated=those(lambda row: row.rating),
        closed=those(lambda row: row.closed_at),
        median_minutes=round(median(minutes)) if minutes else None,
        slow_minutes=_nine_in_ten(minutes),
        median_work_minutes=round(median(work_minutes)) if work_minutes else None,
        slow_work_minutes=_nine_in_ten(work_minutes),
        rating=sum(ratings) / len(ratings) if ratings else None,
        grades={grade: those(lambda row, grade=grade: row.bot_grade == grade) for grade in BOT_GRADES},
    )


def _minutes(spans: Iterable[timedelta]) -> list[int]:
    return sorted(int(span.total_seconds() // 60) for span in spans)


def _nine_in_ten(minutes: list[int]) -> int | None:
    """Never above the slowest."""
    if len(minutes) < 2:
        return minutes[0] if minutes else None
    return round(quantiles(minutes, n=10, method="inclusive")[-1])


def _cases_with(table: sa.Table, numbers: Any, condition: Any) -> Any:
    return sa.select(table.c.case_id).where(table.c.case_id.in_(numbers), condition)
