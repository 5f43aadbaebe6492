from __future__ import annotations

import pytest

from bot.domain.phones import looks_like_phone, read_phone


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800001111", "13800001111"), ("138 0000 1111", "13800001111"), ("１３８００００１１１１", "13800001111"),
        ("+86 138-0000-1111", "13800001111"), ("8613800001111", "13800001111"), ("023-12345678", "023-12345678"),
        ("(023)12345678", "023-12345678"), ("02312345678", "023-12345678"), ("0816 2345678", "0816-2345678"),
        ("010-12345678", "010-12345678"), ("我的电话是138 0000 1111", "13800001111"), ("手机：13800001111", "13800001111"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written: str, number: str) -> None:
    assert read_phone(written) == number
    assert read_phone(number) == number


@pytest.mark.parametrize(
    "written", ["", "1380000111", "138000011111", "12800001111", "12345678", "023-1234567", "110", "不知道", "026-12345678"]
)
def test_wrong_numbers_are_refused(written: str) -> None:
    assert read_phone(written) is None


@pytest.mark.parametrize(
    ("text", "meant"), [("1380000", True), ("138 000 电话", True), ("老板拖欠我3个月工资共12000元", False), ("没有", False), ("2栋3单元501", False),
     ("白马路12号3-501", False)]
)
def test_a_wrong_number_is_told_from_a_question(text: str, meant: bool) -> None:
    assert looks_like_phone(text) is meant
