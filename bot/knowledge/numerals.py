"""Article numbers: 第八十五条, 第一百三十三条之一."""

from __future__ import annotations

import re

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
UNITS = {"十": 10, "百": 100, "千": 1000}
HAN = "零〇一二两三四五六七八九十百千"
ARTICLE = re.compile(rf"第([{HAN}]+)条(?:之([{HAN}]+))?")

Article = tuple[int, int]  # (number, 之 number or 0)


def from_han(text: str) -> int:
    """Read a Chinese numeral below 10,000: "一百零七" is 107."""
    total = current = 0
    for char in text:
        if char in UNITS:
            total += (current or 1) * UNITS[char]
            current = 0
        else:
            current = DIGITS[char]
    return total + current


def to_han(number: int) -> str:
    """Write 1..9,999 as a Chinese numeral: 107 is "一百零七"."""
    if not 0 < number < 10_000:
        raise ValueError(f"{number} is not between 1 and 9,999")
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap and written else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return written.removeprefix("一") if written.startswith("一十") else written


def parse_article(value: object) -> Article | None:
    """Read 85, "85", "133之一" or "第一百三十三条之一"; None when it is none of these."""
    text = str(value).strip()
    if match := re.fullmatch(rf"(\d{{1,4}})(?:之([{HAN}]+))?", text):
        number = int(match[1])
    elif match := ARTICLE.fullmatch(text):
        number = from_han(match[1])
    else:
        return None
    sub = from_han(match[2]) if match[2] else 0
    return (number, sub) if 0 < number < 10_000 and sub < 10_000 else None


def article_name(article: Article) -> str:
    """(133, 1) is "第一百三十三条之一"."""
    number, sub = article
    return f"第{to_han(number)}条" + (f"之{to_han(sub)}" if sub else "")
