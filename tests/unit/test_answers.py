from __future__ import annotations

from datetime import date

from bot.knowledge.answers import cite, option_button, render_answer
from bot.knowledge.citations import Citation
from bot.knowledge.wording import Wording
from tests.builders import make_entry, real_wording

ENTRY = make_entry()


def test_an_answer_has_every_section_in_order() -> None:
    text = render_answer(ENTRY, real_wording()).text
    parts = [
        "单位要按时发工资。", "【现在怎么做】\n① 留好证据\n② 去投诉", "【时限】一年内", "【留好证据】合同、流水",
        "【重庆规定】先打热线", "【依据】《测试劳动法》第八条、第九条之一；《测试仲裁法》第二十七条；《测试条例》第三条",
        "一般法律信息",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_empty_sections_are_left_out() -> None:
    text = render_answer(make_entry(evidence=(), deadline=None, local=()), real_wording()).text
    assert "【留好证据】" not in text
    assert "【时限】" not in text
    assert "【重庆规定】" not in text


def test_another_places_rule_is_left_out() -> None:
    assert "先打热线" not in render_answer(ENTRY, real_wording(), place="beijing").text


def test_an_answer_offers_the_adviser() -> None:
    buttons = render_answer(ENTRY, real_wording()).buttons
    assert [b.payload for row in buttons for b in row] == ["intent:request_adviser"]


def test_nine_steps_can_be_numbered() -> None:
    text = render_answer(make_entry(steps=tuple(f"步骤{n}" for n in range(9))), real_wording()).text
    assert "⑨ 步骤8" in text


def test_a_law_is_named_once_and_an_article_once() -> None:
    citations = (
        Citation("甲法", (1, 0)),
        Citation("乙法", (2, 0)),
        Citation("甲法", (3, 1)),
        Citation("甲法", (1, 0)),
    )
    assert cite(citations) == "《甲法》第一条、第三条之一；《乙法》第二条"


def test_a_title_within_a_title_is_cited_whole() -> None:
    assert cite((Citation("关于适用《甲法》的解释", (7, 0)),)) == "《关于适用《甲法》的解释》第七条"


def test_what_an_entry_says_is_not_filled_in() -> None:
    entry = make_entry(answer="写{street}也行", steps=("填{deadline}",), law_date=date(2020, 1, 1))
    text = render_answer(entry, Wording({**real_wording()._responses}, {"street": "错"})).text
    assert "写{street}也行" in text
    assert "填{deadline}" in text


def test_an_option_is_one_button_that_asks_for_the_entry() -> None:
    (button,) = option_button(ENTRY)
    assert (button.title, button.payload) == (ENTRY.title, "entry:labour.unpaid_wages")
