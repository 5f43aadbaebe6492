from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.numerals import article_name, from_han, parse_article, to_han

numbers = st.integers(1, 9_999)


@given(numbers)
def test_numerals_survive_writing_and_reading(number: int) -> None:
    assert from_han(to_han(number)) == number


@given(numbers, st.integers(0, 50))
def test_article_names_survive_writing_and_reading(number: int, sub: int) -> None:
    assert parse_article(article_name((number, sub))) == (number, sub)


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (100, "一百"), (101, "一百零一"), (110, "一百一十"),
     (115, "一百一十五"), (1000, "一千"), (1001, "一千零一"), (1010, "一千零一十"), (1188, "一千一百八十八")],
)  # fmt: skip
def test_numerals_are_written_as_laws_write_them(number: int, written: str) -> None:
    assert to_han(number) == written
    assert from_han(written) == number


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_no_article_has_such_a_number(number: int) -> None:
    with pytest.raises(ValueError, match="9,999"):
        to_han(number)


@pytest.mark.parametrize(
    ("written", "article"),
    [(85, (85, 0)), ("85", (85, 0)), (" 85 ", (85, 0)), ("133之一", (133, 1)), ("276之十二", (276, 12)),
     ("第八十五条", (85, 0)), ("第一百三十三条之一", (133, 1))]
)  # fmt: skip
def test_articles_are_read_as_people_write_them(written: object, article: tuple[int, int]) -> None:
    assert parse_article(written) == article


@pytest.mark.parametrize(
    "written",
    [
        0,
        -3,
        10_000,
        1.5,
        True,
        None,
        "",
        "abc",
        "85条",
        "133之1",
        "133之",
        "第条",
        "第零条",
        "第八十五条第二款",
        [85],
    ],
)
def test_what_is_no_article_is_none(written: object) -> None:
    assert parse_article(written) is None
