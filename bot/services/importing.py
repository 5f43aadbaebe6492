"""Importing lists of services: what each row would add, what it has added already, why it is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from bot.documents.sheets import Cell, SheetRow
from bot.domain.amounts import parse_amount
from bot.domain.errors import FalinError, RuleBroken
from bot.domain.ledger import AUDIENCES, CHANNELS, HAND_WORDS, OUTCOMES
from bot.domain.log_line import AUDIENCE_WORDS, CHANNEL_WORDS, OUTCOME_WORDS, read_code
from bot.domain.matters import find_matters
from bot.domain.permissions import may
from bot.domain.records import Record
from bot.domain.street import Member
from bot.services.recording import check_record, record_service
from bot.services.turn import Work

# What a column is called → the field of a record; "" is read over.
HEADINGS = {
    "日期": "day", "时间": "day", "服务日期": "day", "类别": "kind", "服务类别": "kind", "服务类型": "kind", "类型": "kind",
    "社区": "community", "所属社区": "community", "事项": "matter", "法律事项": "matter", "纠纷类型": "matter",
    "人数": "people", "参加人数": "people", "当事人数": "people", "件数": "count", "数量": "count", "次数": "count",
    "金额": "amount", "金额(元)": "amount", "协议金额": "amount", "金额(万元)": "amount_wan", "资料": "leaflets", "资料份数": "leaflets",
    "传单": "leaflets", "宣传资料": "leaflets", "对象": "audience", "受众": "audience", "名称": "title", "活动名称": "title",
    "顾问": "server", "经办人": "server", "服务人员": "server", "企业": "enterprise", "企业名称": "enterprise",
    "来源": "channel", "渠道": "channel", "结果": "outcome", "办理结果": "outcome", "备注": "", "序号": "", "编号": "",
}  # fmt: skip
NUMBERS = ("people", "count", "leaflets", "amount", "amount_wan")
SEARCHED = 10  # rows in which the headings are looked for
EXCEL_DAY_ONE = date(1899, 12, 30)
DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")


@dataclass(frozen=True)
class Line:
    """One row of the list.

    Args:
        number: of the row.  state: "new", "known" (it was imported before) or "refused".
        reasons: codes of utter_record_fault_… or utter_import_….  key: of the entry it makes.
    """

    number: int
    state: str
    reasons: tuple[str, ...] = ()
    record: Record | None = None
    key: str = ""


def plan_import(work: Work, member: Member, rows: Iterable[SheetRow], year: int = 0) -> Iterator[Line]:
    """What an import would do, row by row; nothing is changed.

    Args:
        year: of days that name none; 0: such days are refused.

    Raises:
        FalinError: there are no headings, or one that nobody knows.
        RuleBroken: the member may not record services.
    """
    if not may(member, "record_service"):
        raise RuleBroken("may not record services", code="not_allowed")
    reader = _Reader(work, year)
    columns: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        if row.empty:
            continue
        if not columns:
            columns = _find_headings(row)
            if not columns and row.number >= SEARCHED:
                raise FalinError("no row with headings was found", "the first row needs 日期 and 类别; see falin import --template")
            continue
        yield _plan_row(work, member, reader, columns, row, seen)
    if not columns:
        raise FalinError("no row with headings was found", "the first row needs 日期 and 类别; see falin import --template")


def apply_line(work: Work, member: Member, line: Line) -> bool:
    """Add one planned row; False when it stands there already."""
    return line.record is not None and record_service(work, member, line.record, line.key) is not None


def _plan_row(
    work: Work, member: Member, reader: _Reader, columns: dict[int, str], row: SheetRow, seen: Counter[str]
) -> Line:
    fields, reasons = reader.read(columns, row)
    if reasons:
        return Line(row.number, "refused", tuple(reasons))
    record = Record(**fields)
    try:
        check_record(work, member, record)
    except RuleBroken as error:
        return Line(row.number, "refused", (error.code,))
    # An empty cell and a 1 are the same service when it counts for one: a list is not added again for filling it in.
    fields = {**asdict(record), "people": 1 if record.people is None else record.people}
    content = hashlib.sha256(json.dumps(fields, default=str, sort_keys=True).encode()).hexdigest()[:40]
    # Two equal rows of one list are two services; the same row of another copy of the list is the same one.
    seen[content] += 1
    key = f"import:{content}:{seen[content]}"
    if work.uow.ledger.find_by_key(key):
        return Line(row.number, "known", (), record, key)
    return Line(row.number, "new", (), record, key)


def _find_headings(row: SheetRow) -> dict[int, str]:
    """Column → field; empty when this is not the row of headings. Raises FalinError for a heading nobody knows."""
    names = [re.sub(r"\s|\*", "", str(cell.value or "")).replace("（", "(").replace("）", ")") for cell in row.cells]
    fields = {place: HEADINGS[name] for place, name in enumerate(names) if HEADINGS.get(name)}
    if not {"day", "kind"} <= set(fields.values()):
        return {}
    unknown = [name for name in names if name and name not in HEADINGS]
    if unknown:
        raise FalinError(f"unknown columns: {'、'.join(unknown[:5])}", f"known are: {'、'.join(HEADINGS)}")
    twice = [name for name, count in Counter(fields.values()).items() if count > 1]
    if twice:
        raise FalinError(f"two columns for the same: {twice[0]}", "leave one out")
    return fields


class _Reader:
    """Reads cells into fields; what cannot be read is a reason."""

    def __init__(self, work: Work, year: int) -> None:
        self._work, self._year, self._street = work, year, work.library.street

    def read(self, columns: dict[int, str], row: SheetRow) -> tuple[dict[str, Any], list[str]]:
        """The fields of a record, and why there is none."""
        fields: dict[str, Any] = {}
        reasons: list[str] = []
        for place, name in columns.items():
            cell = row.cells[place] if place < len(row.cells) else Cell()
            if cell.value in (None, ""):
                continue
            if cell.formula:
                reasons.append("import_formula")
            elif cell.merged and name in NUMBERS:
                reasons.append("import_merged")
            else:
                value = getattr(self, f"_read_{name}", self._read_text)(cell.value, name)
                if value is None:
                    reasons.append(name.removesuffix("_wan").replace("server", "member"))
                fields[name.removesuffix("_wan")] = value
        reasons += [name for name in ("kind", "day") if name not in fields and name not in reasons and not reasons]
        return fields, list(dict.fromkeys(reasons))

    def _read_text(self, value: Any, _: str) -> str | None:
        text = str(value).strip()
        return text[:200] if text else None

    def _read_kind(self, value: Any, _: str) -> str | None:
        return HAND_WORDS.get(str(value).strip())

    def _read_day(self, value: Any, _: str) -> date | None:
        if isinstance(value, date):
            return value
        if isinstance(value, int | float):
            return EXCEL_DAY_ONE + timedelta(days=int(value)) if 36_526 <= value < 100_000 else None
        match = DAY.fullmatch(str(value).strip())
        if not match or not (match[1] or self._year):
            return None
        try:
            return date(int(match[1] or self._year), int(match[2]), int(match[3]))
        except ValueError:
            return None

    def _read_community(self, value: Any, _: str) -> str | None:
        found = self._street.find_community(str(value))
        return found.id if found else None

    def _read_matter(self, value: Any, _: str) -> str | None:
        found = find_matters(str(value).strip(), self._work.library.matters.values())
        return found[0].id if len(found) == 1 else None

    def _read_server(self, value: Any, _: str) -> str | None:
        found = self._street.find_member_called(str(value).strip())
        return found.id if found else None

    def _read_enterprise(self, value: Any, _: str) -> str | None:
        found = self._work.uow.enterprises.find_by_name(str(value))
        return found.pseudonym if found else None

    def _read_number(self, value: Any, _: str) -> int | None:
        text = re.sub(r"[\s,，]|[人名份场次件户部篇天]$", "", str(value))
        text = text.removesuffix(".0")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None

    _read_people = _read_count = _read_leaflets = _read_number

    def _read_amount(self, value: Any, _: str) -> int | None:
        return parse_amount(f"{value:.2f}" if isinstance(value, int | float) else str(value))

    def _read_amount_wan(self, value: Any, _: str) -> int | None:
        text = str(value).strip()
        return parse_amount(text if text.endswith(("万", "万元", "元")) else f"{text}万")

    def _read_audience(self, value: Any, _: str) -> str | None:
        return read_code(str(value).strip(), AUDIENCE_WORDS, AUDIENCES)

    def _read_channel(self, value: Any, _: str) -> str | None:
        return read_code(str(value).strip(), CHANNEL_WORDS, CHANNELS)

    def _read_outcome(self, value: Any, _: str) -> str | None:
        return read_code(str(value).strip(), OUTCOME_WORDS, OUTCOMES)
