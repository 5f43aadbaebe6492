"""What a member types after /log: “电话咨询 白马 劳动 1人”. Parts in any order; what is not understood is named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.domain.amounts import DIGITS, parse_amount, parse_number
from bot.domain.ledger import AUDIENCES, CHANNELS, HAND_WORDS, KINDS
from bot.domain.matters import Matter, find_matters
from bot.domain.records import Record
from bot.domain.street import Street

LONGEST = 300
TITLE = re.compile(r'《([^《》]{1,80})》|[“”"]([^“”"]{1,80})[“”"]')  # a computer's keyboard has one kind of quotes only
SPLIT = re.compile(r"[\s,，、;；。|]+")
NUMBER = rf"([\d{''.join(DIGITS)}十百千万]{{1,7}})"
PEOPLE = re.compile(rf"{NUMBER}(?:人次|个人|人|名|位)")
LEAFLETS = re.compile(rf"(?:传单|资料|宣传单|宣传资料){NUMBER}(?:份|张|册)?|{NUMBER}(?:份传单|份资料|份宣传资料|张传单|册)")
COUNT = re.compile(rf"{NUMBER}(?:次|件|份|场|天|部|篇|期|户)")
MONEY = re.compile(r".*(?:元|圆|块|万|亿)\S*$|[¥￥].+")
DAY = re.compile(r"(?:(\d{4})[-/年.])?(\d{1,2})[-/月.](\d{1,2})[日号]?")
DAYS = {"今天": 0, "昨天": 1, "前天": 2}
SENDERS = {"公安": "police", "公安机关": "police", "派出所": "police", "警方": "police", "法院": "court", "人民法院": "court"}
SENT = ("", "移送", "委派", "委托", "转来")
CHANNEL_WORDS = {
    **{f"{sender}{sent}": code for sender, code in SENDERS.items() for sent in SENT}, "上门": "site", "微信": "online",
}  # fmt: skip
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
        """One part; what nobody understands is kept as it was written."""
        if not (self._kind(part) or self._detail(part)):
            self._line.unknown.append(part[:20])

    def _detail(self, part: str) -> bool:
        return any(read(part) for read in (self._place, self._number, self._day, self._code, self._who, self._matter))

    def _kind(self, part: str) -> bool:
        """A kind may be glued to what follows it; 公证 at the head of 公证宝科技 is no kind."""
        word = max((word for word in HAND_WORDS if part.startswith(word)), key=len, default="")
        rest = part.removeprefix(word)
        if "kind" in self._line.fields or not word or (rest and self._enterprise(part)):
            return False
        self._line.fields["kind"] = HAND_WORDS[word]  # what follows is read with the kind in mind
        if rest and not self._detail(rest):
            del self._line.fields["kind"]
            return False
        return True

    def _set(self, name: str, value: Any) -> bool:
        """Saying something twice is a slip that nobody should guess about."""
        return bool(self._line.fields.setdefault(name, value) == value)

    def _place(self, part: str) -> bool:
        found = self._street.find_community(part)
        return found is not None and self._set("community", found.id)

    def _number(self, part: str) -> bool:
        for pattern, name in ((PEOPLE, "people"), (LEAFLETS, "leaflets"), (COUNT, "count")):
            match = pattern.fullmatch(part)
            number = parse_number(next(group for group in match.groups() if group)) if match else None
            if number is not None:
                return self._set(name, number)
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
        found = self._enterprise(part)
        return found is not None and self._set("enterprise", found)

    def _enterprise(self, part: str) -> str | None:
        return self._find_enterprise(part) if len(part) > 3 else None

    def _matter(self, part: str) -> bool:
        found = find_matters(part, self._matters.values(), within=True)
        if len(found) == 1:
            return self._set("matter", found[0].id)
        if found:
            self._line.choices[part] = [m.title for m in found]
        return bool(found)


def read_code(text: str, words: Mapping[str, str], titles: Mapping[str, str]) -> str | None:
    """The code of a closed list. Args: words: what else is said → code.  titles: code → title."""
    return words.get(text) or next((code for code, title in titles.items() if code and title == text), None)
