"""Telephone numbers of mainland China."""

from __future__ import annotations

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
# Three digits: Beijing and the 02x cities, always with eight digits behind; four: all others, with seven or eight.
LANDLINE = re.compile(r"(010|02[0-57-9])(\d{8})|(0[3-9]\d{2})(\d{7,8})")
MOSTLY_DIGITS = 5
ADDRESS = frozenset("路街巷栋幢楼元室院村组")


def read_phone(text: str) -> str | None:
    """A mobile or landline number as it is written: "13800001111", "023-12345678"; None when it is neither.

    What is not dialled is dropped: “我的电话是”, +86, spaces, dashes, brackets.
    """
    plain = re.sub(r"[\s\-—–()]|[。.,，!]+$", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^[\u4e00-\u9fff]{1,8}[::,]?(?=[\d+])", "", plain)
    plain = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", plain)
    if MOBILE.fullmatch(plain):
        return plain
    if found := LANDLINE.fullmatch(plain):
        area, number = (part for part in found.groups() if part)
        return f"{area}-{number}"
    return None


def looks_like_phone(text: str) -> bool:
    """Whether somebody meant to write a number, right or wrong."""
    letters = re.findall(r"[\u4e00-\u9fff]", text)
    return sum(c.isdigit() for c in text) >= MOSTLY_DIGITS >= len(letters) and ADDRESS.isdisjoint(letters)
