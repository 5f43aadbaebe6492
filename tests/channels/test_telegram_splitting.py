"""Long answers are cut where a reader would pause."""
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.splitting import LIMIT, count_units, split_text


def test_short_text_is_one_part() -> None:
    assert split_text("一" * LIMIT) == ["一" * LIMIT]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_blank_text_has_no_parts(text: str) -> None:
    assert split_text(text) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("甲甲。乙\n丙\n\n丁丁丁丁", ["甲甲。乙\n丙", "丁丁丁丁"]),
        ("甲甲。乙\n丙丙丙丙丙丙", ["甲甲。乙", "丙丙丙丙丙丙"]),
        ("甲甲。乙乙！丙丙丙丙丙丙", ["甲甲。乙乙！", "丙丙丙丙丙丙"]),
        ("甲甲甲甲甲甲甲甲乙乙", ["甲甲甲甲甲甲甲甲", "乙乙"]),
        ("😀😀😀😀😀", ["😀😀😀😀", "😀"]),
        ("甲甲甲😀😀😀😀", ["甲甲甲😀😀", "😀😀"]),
    ],
    ids=["paragraph", "line", "sentence", "anywhere", "emoji", "emoji across the limit"],
)
def test_cut_falls_on_the_best_boundary(text: str, parts: list[str]) -> None:
    assert split_text(text, limit=8) == parts


@given(st.text(st.sampled_from("甲乙。！\n 😀𠮷a"), max_size=200), st.integers(2, 20))
def test_parts_fit_and_lose_only_blanks(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part.strip() and count_units(part) <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
