"""Sums of money as people write them: 3万5, 一千二, 叁万伍仟元整, 5000块5毛. Kept in fen (1/100 yuan). And whole numbers."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

DIGITS = {
    **{digit: value for value, digit in enumerate("零一二三四五六七八九")},
    **{digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{"〇": 0, "○": 0, "两": 2, "俩": 2, "貳": 2, "參": 3, "叄": 3, "陸": 6},
}
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
LARGE = {"万": 10_000, "萬": 10_000, "w": 10_000, "亿": 100_000_000, "億": 100_000_000}
MOST = 10**13  # fen: a hundred billion yuan is a slip of the finger
NUMBER = rf"[\d.{''.join(DIGITS)}{''.join(SMALL)}{''.join(LARGE)}]+"
YUAN, JIAO = "(?:元|圆|块|塊)", "(?:角|毛)"
AMOUNT = re.compile(rf"(?:(?P<yuan>{NUMBER}){YUAN}?)?(?:(?P<jiao>{NUMBER}){JIAO})?(?:(?P<fen>{NUMBER})分)?")
SHORT_JIAO = re.compile(rf"(?P<yuan>{NUMBER}){YUAN}(?P<jiao>[\d{''.join(DIGITS)}])")  # 五块五
WITHIN = re.compile(rf"{NUMBER}{YUAN}(?:{NUMBER}{JIAO})?(?:{NUMBER}分)?|{NUMBER}[万萬亿億][\d{''.join(DIGITS)}]*")
RANGE = re.compile(rf"{NUMBER}\s*[-~—–至到或]\s*{NUMBER}")
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
AROUND = re.compile(r"(?<!\d)\s|\s(?!\d)|[¥$]|人民币|rmb|一共|总共|合计|共计|[整正共钱]|[。.!！]$")
# What people say beside a sum, and where in a sentence a comma may stand: not for a sum that goes into the books.
ROUGHLY = re.compile(r"[,\s]|大概|大约|差不多|左右|上下|约|多?点儿?$")
CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def parse_amount(text: str) -> int | None:
    """The sum a text consists of, in fen; None when it is none, is ambiguous or approximate, or is absurdly large.

    Commas stand between groups of three digits or make it ambiguous: in 12,34 one may have been meant as a point.
    """
    return _read(_ungroup(_plain(text, AROUND)))


def _read(plain: str) -> int | None:
    match = SHORT_JIAO.fullmatch(plain) or AMOUNT.fullmatch(plain)
    if not plain or match is None:
        return None
    parts = {name: _number(part) if part else Decimal(0) for name, part in match.groupdict().items()}
    if None in parts.values():
        return None
    units = {"yuan": 100, "jiao": 10, "fen": 1}
    total = sum((part * units[name] for name, part in parts.items() if part is not None), Decimal(0))
    return int(total) if total == int(total) and total <= MOST else None


def parse_number(text: str) -> int | None:
    """The whole number a figure or numeral says: 12, 1,200, 十二, 两千五; None when it says none."""
    found = _number(_ungroup(text)) if text else None
    return int(found) if found is not None and found == int(found) else None


def find_amount(text: str) -> int | None:
    """The one sum in a sentence (“赔我大概3万元就算了”), in fen; None when there is none, or more than one."""
    plain = _plain(text, AROUND, ROUGHLY)
    if (whole := _read(plain)) is not None:
        return whole
    found = [] if RANGE.search(plain) else [match[0] for match in WITHIN.finditer(plain)]
    return _read(found[0]) if len(found) == 1 else None


def write_amount(fen: int) -> str:
    """A sum in figures: 3500000 is "35,000元", 1050 is "10.50元"."""
    yuan, rest = divmod(fen, 100)
    return f"{yuan:,}.{rest:02}元" if rest else f"{yuan:,}元"


def write_capitals(fen: int) -> str:
    """A sum in the capitals of documents: 3500000 is "叁万伍仟元整".

    Raises:
        ValueError: negative, or more than MOST.
    """
    if not 0 <= fen <= MOST:
        raise ValueError(f"{fen} fen cannot be written")
    yuan, rest = divmod(fen, 100)
    jiao, last = divmod(rest, 10)
    text = f"{_capital_integer(yuan)}元" if yuan else ""
    if not rest:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{CAPITALS[jiao]}角"
    elif text:
        text += "零"
    return text + (f"{CAPITALS[last]}分" if last else "整")


def _ungroup(text: str) -> str:
    return THOUSANDS.sub(lambda group: group[0].replace(",", ""), text)


def _plain(text: str, *without: re.Pattern[str]) -> str:
    text = unicodedata.normalize("NFKC", text).lower().strip()
    before = None
    while before != text:
        before = text
        for pattern in without:
            text = pattern.sub("", text)
    return text


def _number(text: str) -> Decimal | None:
    """A figure or numeral, mixed as people mix them; None when the parts do not fit together."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return Decimal(text)
    total = section = Decimal(0)
    current: Decimal | None = None
    last, largest, after_zero = 0, 0, False
    for token in re.findall(r"\d+(?:\.\d+)?|.", text):
        if token in SMALL:
            unit = SMALL[token]
            if (last and unit >= last and last < 10_000) or (current is None and not (unit == 10 and not section)):
                return None
            section, current, last, after_zero = section + (current or 1) * unit, None, unit, False
        elif token in LARGE:
            unit = LARGE[token]
            section += current or 0
            if not section or (largest and unit >= largest and unit != 100_000_000):
                return None
            if unit == 100_000_000:
                total, section = (total + section) * unit, Decimal(0)
            else:
                total, section = total + section * unit, Decimal(0)
            current, last, largest, after_zero = None, unit, unit, False
        else:
            value = Decimal(DIGITS[token]) if token in DIGITS else _decimal(token)
            if value is None or (current is not None and not after_zero):
                return None
            after_zero = value == 0 and token in DIGITS
            current = None if after_zero and last else value
    return total + section + _tail(current, last, text)


def _tail(current: Decimal | None, last: int, text: str) -> Decimal:
    """What follows the last unit: in 三万五 and 一百二 it counts the next smaller unit, in 三万零五 ones."""
    if current is None:
        return Decimal(0)
    said_zero = len(text) > 1 and text[-2] in "零〇○0"
    if last >= 100 and current < 10 and current == int(current) and not said_zero:
        return current * last / 10
    return current


def _decimal(token: str) -> Decimal | None:
    return Decimal(token) if token[0].isdigit() and token.isascii() else None


def _capital_integer(number: int) -> str:
    for unit, name in ((100_000_000, "亿"), (10_000, "万")):
        high, low = divmod(number, unit)
        if high:
            zero = "零" if low and low < unit // 10 else ""
            return f"{_capital_integer(high)}{name}{zero}{_capital_integer(low) if low else ''}"
    written, gap = "", False
    for unit, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap and written else "") + CAPITALS[digit] + name
            gap = False
        else:
            gap = True
    return written
