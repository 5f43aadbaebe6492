"""Sums of money as residents write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.amounts import MOST, find_amount, parse_amount, write_amount, write_capitals

sums = st.integers(0, MOST)


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("5000", 5000), ("5,000元", 5000), ("５０００元", 5000), ("5000.5", 5000.5), ("3万", 30_000), ("3万5", 35_000),
        ("3万5千", 35_000), ("3万500", 30_500), ("3.5万元", 35_000), ("三万五", 35_000), ("三万零五", 30_005),
        ("三万零五百", 30_500), ("一百二", 120), ("一千二百", 1200), ("一千零五", 1005), ("两千块", 2000), ("十五块", 15),
        ("二十", 20), ("叁万伍仟元整", 35_000), ("人民币壹佰万元整", 1_000_000), ("¥1,234.56", 1234.56), ("5块5", 5.5),
        ("5块5毛", 5.5), ("5毛", 0.5), ("12元3角4分", 12.34), ("１２，３４５元", 12_345), ("1,234,567", 1_234_567),
        ("一共 3万 元", 30_000), ("￥ 1,234万", 12_340_000), ("1.2亿", 120_000_000),
        ("一亿二", 120_000_000), ("一百万", 1_000_000), ("十二万", 120_000), ("3w", 30_000), ("5k", 5000), ("0", 0),
        ("378.12万元", 3_781_200), ("两百块钱", 200), ("一千零五十元", 1050), ("100万零500元", 1_000_500),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(written: str, yuan: float) -> None:
    assert parse_amount(written) == round(yuan * 100)


@pytest.mark.parametrize(
    "written",
    ["", "不清楚", "三五万", "3到5万", "几千块", "一二三", "百", "万", "-500", "1.2.3", "3千5万百", "元", "5元5元",
     "99999999999999999", "1.001元", "两三千", "十百", "3万4万", "一千一千",
     "12,34", "1,2,3", "1,2345", "1234,567", "12，34元", "1,234,5", "0.1,234", ",123", "123,", "1,23万", "12 34", "1、234",
     "约5000", "大概3万左右", "5000左右", "3万上下", "大约一千", "差不多2万", "5000多", "3万多点"],
)  # fmt: skip
def test_what_is_no_clear_amount_is_not_guessed(written: str) -> None:
    assert parse_amount(written) is None


@pytest.mark.parametrize(
    ("said", "yuan"),
    [("赔我3万元就算了", 30_000), ("大概3万左右", 30_000), ("约5000元", 5000), ("要他赔 5,000 元", 5000), ("他欠我两个月工资6000元", 6000), ("要他还五千块", 5000), ("医药费1.2万", 12_000)],
)
def test_the_one_amount_in_a_sentence_is_found(said: str, yuan: int) -> None:
    assert find_amount(said) == yuan * 100


@pytest.mark.parametrize("said", ["医药费3000元，误工费2000元", "3万到5万元", "五月二十号借的", "房子太旧了", ""])
def test_no_amount_is_picked_where_there_are_several_or_none(said: str) -> None:
    assert find_amount(said) is None


@given(sums)
def test_figures_survive_writing_and_reading(fen: int) -> None:
    assert parse_amount(write_amount(fen)) == fen


@given(sums)
def test_capitals_survive_writing_and_reading(fen: int) -> None:
    assert parse_amount(write_capitals(fen)) == fen


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = find_amount(text)
    assert found is None or 0 <= found <= MOST


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (3_500_000, "叁万伍仟元整"), (100, "壹元整"), (0, "零元整"), (1005, "壹拾元零伍分"), (1050, "壹拾元伍角整"),
        (100_000_500, "壹佰万零伍元整"), (10_000_000, "壹拾万元整"), (378_120_000, "叁佰柒拾捌万壹仟贰佰元整"),
        (5, "伍分"), (100_001_000, "壹佰万零壹拾元整"),
    ],
)  # fmt: skip
def test_capitals_are_those_of_documents(fen: int, written: str) -> None:
    assert write_capitals(fen) == written
