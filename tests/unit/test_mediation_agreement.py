"""The agreement and the application for its confirmation, opened as Word files."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from bot.documents.mediation_agreement import BLANK_DAY, render_agreement, render_confirmation
from bot.documents.word import BLANK, BODY
from bot.domain.mediation import Content, Terms
from tests.builders import make_content, make_mediation

COMMITTEE = "白马社区人民调解委员会"


def agreed(**changes: Any):
    values = {
        "agreed": True, "amount": 300_000, "effective_on": date(2026, 11, 23),
        "agreement": Terms("一、李强修好漏水。\n二、李强赔偿3000元。", "11月30日前，微信转账"),
    }  # fmt: skip
    return make_mediation(**{**values, **changes})


def open_text(file: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file)).paragraphs)


def test_the_agreement_has_the_parts_of_the_law() -> None:
    mediation = agreed()
    text = open_text(render_agreement(mediation, COMMITTEE, "老周书记"))
    parts = (
        "人民调解协议书", mediation.reference, "一、当事人", "张桂芳", "13800001111", "李强", "白马路2号3-1", "二、纠纷主要事实",
        "邻里纠纷", "天花板", "各方的责任", "三、经调解", "李强修好漏水", "3,000元（人民币叁仟元整）", "四、履行的方式和期限",
        "11月30日前", "一式3份", "申请人（签名", "被申请人（签名", "人民调解员（签名）", COMMITTEE, "2026年11月23日",
    )  # fmt: skip
    places = [text.find(part) for part in parts]
    assert -1 not in places, [part for part, place in zip(parts, places, strict=True) if place < 0]
    headings = [text.index(f"{number}、") for number in ("一", "二", "三", "四", "五")]
    assert headings[0] < headings[3] < headings[4]


def test_the_application_names_both_sides_the_agreement_and_the_law() -> None:
    mediation = agreed()
    text = open_text(render_confirmation(mediation, COMMITTEE, "某区人民法院"))
    for part in (
        "司法确认申请书", "张桂芳", "李强", mediation.reference, COMMITTEE, "2026年11月23日", "第三十三条", "第二百零五条",
        "某区人民法院", "主持调解的证明", "财产权利证明",
    ):  # fmt: skip
        assert part in text
    assert text.count("申请人（签名") == 2


def test_what_is_not_known_is_left_to_be_filled_in() -> None:
    nothing = agreed(content=Content(), agreement=Terms(), amount=None, effective_on=None)
    text = open_text(render_agreement(nothing, COMMITTEE, ""))
    assert f"申请人：{BLANK}" in text
    assert BLANK_DAY in text
    assert "None" not in text
    assert f"{BLANK}人民法院" in open_text(render_confirmation(nothing, COMMITTEE))


@pytest.mark.parametrize("amount", [0, None])
def test_an_agreement_about_no_money_names_no_sum(amount: int | None) -> None:
    assert "协议金额" not in open_text(render_agreement(agreed(amount=amount), COMMITTEE, "老周书记"))


def test_chinese_characters_have_a_chinese_font() -> None:
    document = docx.Document(io.BytesIO(render_agreement(agreed(), COMMITTEE, "老周书记")))
    runs = [run for paragraph in document.paragraphs[1:] for run in paragraph.runs]
    assert len(runs) > 20
    assert {run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in runs} == {BODY}
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == BODY


def test_strange_words_do_not_break_the_file() -> None:
    strange = make_content(facts="<b>&“{}”\x00\x0b\n\n第二行" + "长" * 2000)
    assert "<b>&“{}”" in open_text(render_agreement(agreed(content=strange), COMMITTEE, "老周书记"))
