"""One line of /log: the parts in any order; what is not understood is named, never guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.bootstrap import PROJECT
from bot.domain.log_line import LogLine, parse_log_line
from bot.knowledge.matters import load_matters
from tests.builders import make_street

TODAY = date(2026, 11, 26)
MATTERS = load_matters(PROJECT / "nlu_data" / "matters.yml")
ENTERPRISES = {"梨树面馆": "e1", "公证宝科技": "e2", "合同审查咨询公司": "e3", "调解白马": "e4"}


def read(text: str) -> LogLine:
    return parse_log_line(text, TODAY, make_street(), MATTERS, ENTERPRISES.get)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("电话咨询 白马 劳动 1人", {"kind": "phone_consultation", "community": "baima", "matter": "labour", "people": 1}),
        ("劳动，白马社区，电话，2名", {"kind": "phone_consultation", "community": "baima", "matter": "labour", "people": 2}),
        ("电话咨询白马", {"kind": "phone_consultation", "community": "baima"}),
        ("合同审查 青杠 3份 昨天", {"kind": "contract_review", "community": "qinggang", "count": 3, "day": date(2026, 11, 25)}),
        ("审查合同　梨树面馆　1.2万元", {"kind": "contract_review", "enterprise": "e1", "amount": 1_200_000}),
        (
            "调解 邻里 2人 叁仟伍佰元整 公安移送",
            {"kind": "mediation", "matter": "neighbours", "people": 2, "amount": 350_000, "channel": "police"},
        ),
        ("调解 离婚 2人 未达成 法院", {"kind": "mediation", "matter": "marriage", "people": 2, "outcome": "not_agreed",
                                "channel": "court"}),
        (
            "普法活动 学生 １２０人 传单500份 《开学第一课，学法》 11月3日",
            {"kind": "law_education", "audience": "students", "people": 120, "leaflets": 500,
             "title": "开学第一课，学法", "day": date(2026, 11, 3)},
        ),
        ("普法 2000份传单", {"kind": "law_education", "leaflets": 2000}),
        ("走访 12-30", {"kind": "visit", "day": date(2025, 12, 30)}),
        ("来访 2026/11/02 陈律师", {"kind": "walk_in_consultation", "day": date(2026, 11, 2), "server": "chen"}),
        ("调解 离婚 两人", {"kind": "mediation", "matter": "marriage", "people": 2}),
        ("调解三人", {"kind": "mediation", "people": 3}),
        ("来访 十二人", {"kind": "walk_in_consultation", "people": 12}),
        ("普法 一百二十个人 三场 传单两千份", {"kind": "law_education", "people": 120, "count": 3, "leaflets": 2000}),
        ("普法 1万份传单", {"kind": "law_education", "leaflets": 10_000}),
        ("调解 2人 警方移送", {"kind": "mediation", "people": 2, "channel": "police"}),
        ("派出所移送 调解 2人", {"kind": "mediation", "people": 2, "channel": "police"}),
        ("调解 2人 法院委派", {"kind": "mediation", "people": 2, "channel": "court"}),
        ('普法 "开学第一课, 学法" 80人', {"kind": "law_education", "title": "开学第一课, 学法", "people": 80}),
        ("普法 ”开学第一课” 80人", {"kind": "law_education", "title": "开学第一课", "people": 80}),
        ("公证宝科技 走访", {"kind": "visit", "enterprise": "e2"}),
        ("走访公证宝科技", {"kind": "visit", "enterprise": "e2"}),
        ("合同审查咨询公司 合同审查 3份", {"kind": "contract_review", "enterprise": "e3", "count": 3}),
        ("合同审查 合同审查咨询公司", {"kind": "contract_review", "enterprise": "e3"}),
        ("调解白马 走访", {"kind": "visit", "enterprise": "e4"}),
        ("视频 2部", {"kind": "video", "count": 2}),
        ("值班 白马 3天", {"kind": "duty_day", "community": "baima", "count": 3}),
    ],
)  # fmt: skip
def test_a_line_is_understood(text: str, fields: dict[str, Any]) -> None:
    line = read(text)
    assert (line.fields, line.unknown, line.choices) == (fields, [], {})


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("电话咨询 白马 青杠", ["青杠"]),
        ("电话咨询 来访咨询", ["来访咨询"]),
        ("电话咨询 -3人", ["-3人"]),
        ("电话咨询 13-45", ["13-45"]),
        ("电话咨询 2月30日", ["2月30日"]),
        ("电话咨询 1人 2人", ["2人"]),
        ("电话咨询 王大爷的事", ["王大爷的事"]),
        ("'; DROP TABLE ledger; --", ["'", "DROP", "TABLE", "ledger", "--"]),
        ("<b>电话</b>", ["<b>电话</b>"]),
        ("\ud83d", ["\ud83d"]),
        ("电话咨询" * 20_000, [("电话咨询" * 5) + "…"]),
        ("电话咨询 99999999人", ["99999999人"]),
        ("电话咨询 三五人", ["三五人"]),
        ("电话咨询 百人", ["百人"]),
        ("公证不在册的公司 走访", ["公证不在册的公司"]),
        ('普法 "开学第一课', ['"开学第一课']),
    ],
)
def test_what_is_not_understood_is_named(text: str, unknown: list[str]) -> None:
    assert read(text).unknown == unknown


def test_a_word_that_may_mean_several_matters_is_not_guessed() -> None:
    assert read("电话咨询 房屋").choices == {"房屋": ["房屋租赁", "房屋买卖"]}
