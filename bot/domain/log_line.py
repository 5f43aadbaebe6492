"""What a member types after /log: “电话咨询 白马 劳动 1人”. Parts in any order; what is not understood is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.domain.amounts import parse_amount
from bot.domain.ledger import AUDIENCES, CHANNELS, HAND_WORDS, KINDS
from bot.domain.matters import Matter, find_matters
from bot.domain.records import Record
from bot.domain.street import Street

LONGEST = 300
TITLE = re.compile(r"《([^《》]{1,80})》|“([^“”]{1,80})”")
SPLIT = re.compile(r"[\s,，、;；。|]+")
PEOPLE = re.compile(r"(\d{1,7})(?:人次|人|名|位)")
LEAFLETS = re.compile(r"(?:传单|资料|宣传单|宣传资料)(\d{1,7})(?:份|张|册)?|(\d{1,7})(?:份传单|份资料|份宣传资料|张传单|册)")
COUNT = re.compile(r"(\d{1,7})(?:次|件|份|场|天|部|篇|期|户)")
MONEY = re.compile(r".*(?:元|圆|块|万|亿)\S*$|[¥￥].+")
DAY = re.compile(r"(?:(\d{4})[-/年.])?(\d{1,2})[-/月.](\d{1,2})[日号]?")
DAYS = {"今天": 0, "昨天": 1, "前天": 2}
CHANNEL_WORDS = {"公安": "police", "派出所": "police", "警方": "police", "法院": "court", "上门": "site", "微信": "online"}
OUTCOME_WORDS = {"未达成": "not_agreed", "未成": "not_agreed", "不成功": "not_agreed", "成功": "agreed", "达成": "agreed"}
AUDIENCE_WORDS = {"学生": "students", "居民": "residents", "老人": "elderly", "企业": "workers", "职工": "workers"}


@dataclass
class LogLine:
    """What was understood.

    Args:
        fields: of a Record.  unknown: parts nobody understood.  choices: part → titles it may mean.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def to_record(self, today: date) -> Record:
        """The record; only when a kind was named and nothing is unknown."""
        return Record(**{"day": today, **self.fields})


def parse_log_line(
    text: str, today: date, street: Street, matters: Mapping[str, Matter], find_enterprise: Callable[[str], str | None]
) -> LogLine:
    """Understand one line.

    Args:
        find_enterprise: the pseudonym of an enterprise by its name.
    """
    line = LogLine()
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) > LONGEST:
        line.unknown.append(f"{plain[:20]}…")
        return line
    if title := TITLE.search(text):
        line.fields["title"] = (title[1] or title[2]).strip()
        plain = unicodedata.normalize("NFKC", TITLE.sub(" ", text, count=1))
    reader = _Reader(line, today, street, matters, find_enterprise)
    for part in SPLIT.split(plain):
        if part:
            reader.read(part)
    return line


class _Reader:
    def __init__(
        self, line: LogLine, today: date, street: Street, matters: Mapping[str, Matter],
        find_enterprise: Callable[[str], str | None],
    ) -> None:  # fmt: skip
        self._line, self._today, self._street, self._matters = line, today, street, matters
        self._find_enterprise = find_enterprise

    def read(self, part: str) -> None:
        """One part; a kind may be glued to what follows it."""
        if "kind" not in self._line.fields:
            kind, rest = _kind(part)
            if kind:
                self._line.fields["kind"] = kind
                if rest:
                    self.read(rest)
                return
        for read in (self._place, self._number, self._day, self._code, self._who, self._matter):
            if read(part):
                return
        self._line.unknown.append(part[:20])

    def _set(self, name: str, value: Any) -> bool:
        """Saying something twice is a slip that nobody should guess about."""
        return bool(self._line.fields.setdefault(name, value) == value)

    def _place(self, part: str) -> bool:
        found = self._street.find_community(part)
        return found is not None and self._set("community", found.id)

    def _number(self, part: str) -> bool:
        for pattern, name in ((PEOPLE, "people"), (LEAFLETS, "leaflets"), (COUNT, "count")):
            if match := pattern.fullmatch(part):
                return self._set(name, int(next(group for group in match.groups() if group)))
        amount = parse_amount(part.lstrip("¥￥")) if MONEY.fullmatch(part) else None
        return amount is not None and self._set("amount", amount)

    def _day(self, part: str) -> bool:
        if part in DAYS:
            return self._set("day", self._today - timedelta(days=DAYS[part]))
        if not (match := DAY.fullmatch(part)):
            return False
        try:
            day = date(int(match[1] or self._today.year), int(match[2]), int(match[3]))
            # Without a year it is the latest such day: in January one writes down what happened in December.
            day = day if match[1] or day <= self._today else day.replace(year=day.year - 1)
        except ValueError:
            return False
        return self._set("day", day)

    def _code(self, part: str) -> bool:
        for name, words, titles in (
            ("outcome", OUTCOME_WORDS, {}), ("channel", CHANNEL_WORDS, CHANNELS), ("audience", AUDIENCE_WORDS, AUDIENCES),
        ):  # fmt: skip
            code = read_code(part, words, titles)
            if code and (name != "audience" or "audience" in self._takes()):
                return self._set(name, code)
        return False

    def _takes(self) -> tuple[str, ...]:
        kind = KINDS.get(self._line.fields.get("kind", ""))
        return kind.takes if kind else ()

    def _who(self, part: str) -> bool:
        if member := self._street.find_member_called(part):
            return self._set("server", member.id)
        found = self._find_enterprise(part) if len(part) > 3 else None
        return found is not None and self._set("enterprise", found)

    def _matter(self, part: str) -> bool:
        found = find_matters(part, self._matters.values(), within=True)
        if len(found) == 1:
            return self._set("matter", found[0].id)
        if found:
            self._line.choices[part] = [m.title for m in found]
        return bool(found)


def _kind(part: str) -> tuple[str, str]:
    """The kind whose name the part begins with, the longest, and what is left of the part."""
    word = max((word for word in HAND_WORDS if part.startswith(word)), key=len, default="")
    return (HAND_WORDS[word], part[len(word) :]) if word else ("", part)


def read_code(text: str, words: Mapping[str, str], titles: Mapping[str, str]) -> str | None:
    """The code of a closed list. Args: words: what else is said → code.  titles: code → title."""
    return words.get(text) or next((code for code, title in titles.items() if code and title == text), None)
