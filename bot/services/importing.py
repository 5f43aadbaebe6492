"""Importing lists of services: what each row would add, what it has added already, why it is refused."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from bot.documents.sheets import Cell, SheetRow
from bot.domain.amounts import parse_amount, parse_number
from bot.domain.errors import FalinError, RuleBroken
from bot.domain.ledger import AUDIENCES, CHANNELS, HAND_WORDS, OUTCOMES
from bot.domain.log_line import AUDIENCE_WORDS, CHANNEL_WORDS, OUTCOME_WORDS, read_code
from bot.domain.matters import find_matters
from bot.domain.permissions import may
from bot.domain.records import Record
from bot.domain.street import Member
from bot.knowledge.wording import Wording
from bot.services.logging_by_hand import describe_content
from bot.services.recording import check_record, make_entry, record_service
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
T = TypeVar("T")
SEARCHED = 10  # rows in which the headings are looked for
UNIT = re.compile(r"(?:人次|个人|[人名位份张册场次件户部篇天期])$")
SHOWN = 20  # characters of a cell that a reason repeats
# What a record as a whole is refused for → the field that says it, where the code is not the field's name.
FIELDS = {
    "people_missing": "people", "people_none": "people", "people_count": "people", "amount_not_agreed": "amount",
    "year_closed": "day", "other_community": "community", "member": "server",
}  # fmt: skip
EXCEL_DAY_ONE = date(1899, 12, 30)
# A year of two digits only where nobody puts the day first: 26.3.5, 26年3月5日, not 05/03/26.
DAY = re.compile(r"(?:(\d{4}\s*[-/.年]|\d{2}\s*[.年])\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")


@dataclass(frozen=True)
class Column:
    """Args: heading: as the list calls it.  field: of HEADINGS."""

    heading: str
    field: str

    @property
    def name(self) -> str:
        """The record's field."""
        return self.field.removesuffix("_wan")


@dataclass(frozen=True)
class Reason:
    """Why a row is refused.

    Args:
        code: of utter_record_fault_….  column: as the list calls it, "" for none.  value: what stands there.
    """

    code: str
    column: str = ""
    value: str = ""

    def say(self, wording: Wording) -> str:
        """In one sentence, with the column and the value."""
        name = "utter_import_value" if self.value else "utter_import_column" if self.column else "utter_import_row"
        return wording.text(name, column=self.column, value=self.value, reason=wording.text(f"utter_record_fault_{self.code}"))


@dataclass(frozen=True)
class Line:
    """One row of the list.

    Args:
        number: of the row.  state: "new", "known" (it was imported before) or "refused".
        content: what its record says besides the day.  key: of the entry it makes.
    """

    number: int
    state: str
    reasons: tuple[Reason, ...] = ()
    record: Record | None = None
    key: str = ""
    content: str = ""


class Unread(Exception):
    """A cell that cannot be read. Args: code: of utter_record_fault_…."""


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
    columns: dict[int, Column] = {}
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
    work: Work, member: Member, reader: _Reader, columns: dict[int, Column], row: SheetRow, seen: Counter[str]
) -> Line:
    fields, reasons = reader.read(columns, row)
    if reasons:
        return Line(row.number, "refused", tuple(reasons))
    record = Record(**fields)
    try:
        check_record(work, member, record)
    except RuleBroken as error:
        return Line(row.number, "refused", (_find_reason(columns, row, error.code),))
    # An empty cell and a 1 are the same service when it counts for one: a list is not added again for filling it in.
    fields = {**asdict(record), "people": 1 if record.people is None else record.people}
    content = hashlib.sha256(json.dumps(fields, default=str, sort_keys=True).encode()).hexdigest()[:40]
    # Two equal rows of one list are two services; the same row of another copy of the list is the same one.
    seen[content] += 1
    key = f"import:{content}:{seen[content]}"
    content = describe_content(work, make_entry(work, member, record, key))
    server = work.library.street.name_of(record.server) if record.server else ""
    state = "known" if work.uow.ledger.find_by_key(key) else "new"
    return Line(row.number, state, (), record, key, f"{content} {server}".rstrip())


def _find_reason(columns: dict[int, Column], row: SheetRow, code: str) -> Reason:
    """The cell that a refused record is refused for, if the list has such a column."""
    field = FIELDS.get(code, code)
    found = ((place, column) for place, column in columns.items() if column.name == field)
    place, column = next(found, (0, None))
    return Reason(code, column.heading, _show(row.cells[place] if place < len(row.cells) else Cell())) if column else Reason(code)


def _show(cell: Cell) -> str:
    written = "" if cell.value is None else str(cell.value)
    text = "".join(char if char.isprintable() else " " for char in written)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _find_headings(row: SheetRow) -> dict[int, Column]:
    """Place → column; empty when this is not the row of headings. Raises FalinError for a heading nobody knows."""
    names = [re.sub(r"\s|\*", "", str(cell.value or "")).replace("（", "(").replace("）", ")") for cell in row.cells]
    fields = {place: Column(name, HEADINGS[name]) for place, name in enumerate(names) if HEADINGS.get(name)}
    if not {"day", "kind"} <= {column.field for column in fields.values()}:
        return {}
    unknown = [name for name in names if name and name not in HEADINGS]
    if unknown:
        raise FalinError(f"unknown columns: {'、'.join(unknown[:5])}", f"known are: {'、'.join(HEADINGS)}")
    twice = [name for name, count in Counter(column.field for column in fields.values()).items() if count > 1]
    if twice:
        raise FalinError(f"two columns for the same: {twice[0]}", "leave one out")
    return fields


class _Reader:
    """Reads cells into fields; what cannot be read is a reason."""

    def __init__(self, work: Work, year: int) -> None:
        self._work, self._year, self._street = work, year, work.library.street

    def read(self, columns: dict[int, Column], row: SheetRow) -> tuple[dict[str, Any], list[Reason]]:
        """The fields of a record, and why there is none."""
        fields: dict[str, Any] = {}
        reasons: list[Reason] = []
        for place, column in columns.items():
            cell = row.cells[place] if place < len(row.cells) else Cell()
            try:
                if cell.value not in (None, ""):
                    fields[column.name] = self._read_cell(column.field, cell)
                elif column.field in ("day", "kind"):
                    raise Unread("import_empty")
            except Unread as error:
                reasons.append(Reason(str(error), column.heading, _show(cell)))
        return fields, reasons

    def _read_cell(self, field: str, cell: Cell) -> Any:
        if cell.formula:
            raise Unread("import_formula")
        if cell.merged and field in NUMBERS:
            raise Unread("import_merged")
        return getattr(self, f"_read_{field}", self._read_text)(cell.value)

    def _read_text(self, value: Any) -> str:
        return str(value).strip()[:200]

    def _read_kind(self, value: Any) -> str:
        return _known(HAND_WORDS.get(str(value).strip()), "kind")

    def _read_day(self, value: Any) -> date:
        if isinstance(value, date):
            return value
        if isinstance(value, int | float) and 36_526 <= value < 100_000:
            return EXCEL_DAY_ONE + timedelta(days=int(value))
        text = str(value).strip().removesuffix(".0")
        if re.fullmatch(r"\d{8}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        match = None if isinstance(value, float) and value < 100_000 else DAY.fullmatch(text)
        if not match:
            raise Unread("import_day")
        if not (match[1] or self._year):
            raise Unread("import_year")
        year = int(re.sub(r"\D", "", match[1])) if match[1] else self._year
        try:
            return date(year + 2000 if year < 100 else year, int(match[2]), int(match[3]))
        except ValueError:
            raise Unread("import_day") from None

    def _read_community(self, value: Any) -> str:
        return _known(self._street.find_community(str(value)), "community").id

    def _read_matter(self, value: Any) -> str:
        found = find_matters(str(value).strip(), self._work.library.matters.values())
        if len(found) > 1:
            raise Unread("import_matter")
        return _known(next(iter(found), None), "matter").id

    def _read_server(self, value: Any) -> str:
        return _known(self._street.find_member_called(str(value).strip()), "member").id

    def _read_enterprise(self, value: Any) -> str:
        return _known(self._work.uow.enterprises.find_by_name(str(value)), "enterprise_unknown").pseudonym

    def _read_number(self, value: Any) -> int:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value)))
        return _known(parse_number(UNIT.sub("", text)), "import_number")

    _read_people = _read_count = _read_leaflets = _read_number

    def _read_amount(self, value: Any) -> int:
        return _known(parse_amount(f"{value:.2f}" if isinstance(value, int | float) else str(value)), "import_amount")

    def _read_amount_wan(self, value: Any) -> int:
        text = str(value).strip()
        return _known(parse_amount(text if text.endswith(("万", "万元", "元")) else f"{text}万"), "import_amount")

    def _read_audience(self, value: Any) -> str:
        return _known(read_code(str(value).strip(), AUDIENCE_WORDS, AUDIENCES), "import_audience")

    def _read_channel(self, value: Any) -> str:
        return _known(read_code(str(value).strip(), CHANNEL_WORDS, CHANNELS), "channel")

    def _read_outcome(self, value: Any) -> str:
        return _known(read_code(str(value).strip(), OUTCOME_WORDS, OUTCOMES), "outcome")


def _known(found: T | None, code: str) -> T:
    """What was found. Raises Unread when it was nothing."""
    if found is None:
        raise Unread(code)
    return found
