"""The declared figures: each has a permanent id, a definition and the entries it sums (docs/statistics.md)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.domain.figures import CLIENTS, DIMENSIONS, SELECTED, Figure, Selection
from bot.domain.ledger import KINDS

SERVICES = Selection(services=True)
AGREED = Selection(kinds=("mediation",), outcomes=("agreed",))
# A figure of one cell of a table: services.total@community=baima&month=2022-03
NARROWED = re.compile(r"(?P<id>[a-z_.]+)(?:@(?P<terms>[^@]+))?")


def _of(kind: str, *outcomes: str, channels: tuple[str, ...] = (), audiences: tuple[str, ...] = ()) -> Selection:
    return Selection(kinds=(kind,), outcomes=outcomes, channels=channels, audiences=audiences)


def _kind_figures() -> list[Figure]:
    return [
        Figure(
            f"kind.{name}", kind.title, kind.unit, "count", Selection(kinds=(name,), outcomes=kind.outcomes),
            f"台账中“{kind.title}”的{'件次' if kind.unit in ('件', '次') else kind.unit + '数'}"
            f"{'，只计办成的结果' if kind.outcomes else ''}。",
        )
        for name, kind in KINDS.items()
    ]  # fmt: skip


FIGURES: dict[str, Figure] = {
    figure.id: figure
    for figure in (
        Figure("services.total", "法律服务", "件次", "count", SERVICES,
               "各类法律服务的件次之和；转人工、预约、回访等办理环节和普法、走访、登记不在其内。"),
        Figure("services.bot", "智能服务", "件次", "count", replace(SERVICES, served_by=("bot",)),
               "其中由法邻自动答复的件次：一人一个事项一次会话计一次。"),
        Figure("services.human", "人工服务", "件次", "count", replace(SERVICES, served_by=("human",)),
               "其中由顾问、调解员和工作人员提供的件次。"),
        Figure("services.enterprise", "服务企业", "件次", "count", replace(SERVICES, subjects=("enterprise",)),
               "其中服务对象是企业的件次。"),
        Figure("clients.total", "服务人数", "人", CLIENTS, SERVICES,
               "接受法律服务的不重复当事人数；没有登记身份的按记录的人数计。"),
        Figure("users.registered", "登记用户", "人", "count", _of("registration"), "当期新登记的用户人数，同一人只计一次。"),
        Figure("mediation.total", "调解纠纷", "件", "count", _of("mediation", "agreed", "not_agreed"),
               "进行了调解的纠纷件数，不含不予受理、对方不同意和撤回的。"),
        Figure("mediation.agreed", "调解成功", "件", "count", AGREED, "达成调解协议的纠纷件数。"),
        Figure("mediation.failed", "调解未成", "件", "count", _of("mediation", "not_agreed"), "调解后未达成协议的纠纷件数。"),
        Figure("mediation.parties", "涉及当事人", "人", "people", AGREED, "达成协议的纠纷涉及的当事人数。"),
        Figure("mediation.amount", "协议金额", "元", "amount", AGREED, "调解协议约定的金额之和。"),
        Figure("mediation.police", "公安移送调解", "件", "count", _of("mediation", "agreed", "not_agreed", channels=("police",)),
               "进行了调解的纠纷中由公安机关移送的件数。"),
        Figure("mediation.court", "法院移送调解", "件", "count", _of("mediation", "agreed", "not_agreed", channels=("court",)),
               "进行了调解的纠纷中由人民法院移送的件数。"),
        Figure("aid.handed_over", "转交法律援助申请", "件", "count", _of("legal_aid", "handed_over"),
               "整理好材料并转交法律援助机构的申请件数。"),
        Figure("aid.granted", "给予法律援助", "件", "count", _of("legal_aid", "granted"), "法律援助机构决定给予援助的件数。"),
        Figure("aid.prechecked", "法律援助预查", "次", "count", _of("legal_aid", "prechecked"), "居民做法律援助条件预查的次数。"),
        Figure("enterprises.assigned", "指派顾问的企业", "户", "count", _of("enterprise_assigned"),
               "当期登记并指派社区法律顾问的企业户数。"),
        Figure("enterprises.visits", "走访企业", "次", "count", _of("visit"), "走访企业的次数。"),
        Figure("enterprises.visited", "走访到的企业", "户", CLIENTS, _of("visit"),
               "走访过的不重复企业户数；没有写明企业的走访按记录的人数计。"),
        Figure("enterprises.meetings", "会议座谈", "次", "count", _of("meeting"), "召开会议、座谈的次数。"),
        Figure("education.events", "普法活动", "场", "count", _of("law_education"), "开展普法活动的场数。"),
        Figure("education.participants", "参加普法活动", "人次", "people", _of("law_education"), "参加普法活动的人次。"),
        Figure("education.leaflets", "发放宣传资料", "份", "leaflets", _of("law_education"), "普法活动中发放宣传资料的份数。"),
        Figure("education.videos", "普法视频", "部", "count", _of("video"), "制作发布普法视频的部数。"),
        Figure("education.posts", "普法推文", "篇", "count", _of("post"), "发布普法推文的篇数。"),
        Figure("education.law_literate", "培养法律明白人", "人", "people", _of("training", audiences=("law_literate",)),
               "参加法律明白人培训的人数。"),
        Figure("education.mediators", "培训调解员", "人次", "people", _of("training", audiences=("mediators",)),
               "参加人民调解员培训的人次。"),
        Figure("duty.days", "顾问值班", "天", "count", _of("duty_day"), "社区法律顾问值班的天数。"),
        Figure("bot.answered", "智能咨询已解答", "次", "count", _of("bot_consultation", "answered"),
               "法邻给出答案的智能咨询次数。"),
        Figure("bot.referred", "智能咨询转介", "次", "count", _of("bot_consultation", "referred"),
               "法邻没有把握、转介人工的智能咨询次数。"),
        Figure("bot.escalated", "答复后仍转人工", "次", "count", _of("escalation", "after_answer"),
               "法邻给出答案后，居民在同一次会话里（60分钟内）仍转人工的次数。"),
        Figure("bot.urgent", "紧急指引", "次", "count", _of("bot_consultation", "urgent"), "法邻给出紧急电话的智能咨询次数。"),
        *_kind_figures(),
    )
}  # fmt: skip

# What is divided by what: id → title, unit, numerator, denominator, definition.
RATES: dict[str, tuple[str, str, str, str, str]] = {
    "mediation.rate": ("调解成功率", "%", "mediation.agreed", "mediation.total", "调解成功的件数除以进行了调解的件数。"),
    "bot.answered_rate": ("智能咨询解答率", "%", "bot.answered", "kind.bot_consultation", "已解答的智能咨询除以全部智能咨询。"),
    "bot.share": ("智能服务占比", "%", "services.bot", "services.total", "智能服务的件次除以全部法律服务的件次。"),
}  # fmt: skip


def find_figure(figure_id: str) -> Figure | None:
    """A declared figure, or a cell of one: "services.total@community=baima&month=2022-03"."""
    match = NARROWED.fullmatch(figure_id)
    figure = FIGURES.get(match["id"]) if match else None
    if figure is None or match is None or not match["terms"]:
        return figure
    terms = [term.partition("=") for term in match["terms"].split("&")]
    if any(name not in DIMENSIONS for name, _, _ in terms):
        return None
    return narrow(figure, **{name: value for name, _, value in terms})


def narrow(figure: Figure, **terms: str) -> Figure:
    """The same figure for one value of some dimensions."""
    fields = dict(zip(DIMENSIONS, SELECTED, strict=True))
    selection = figure.selection
    for name, value in terms.items():
        before = getattr(selection, fields[name])
        # A second choice in the same dimension leaves what both choose; "human" is everybody but the bot.
        both = not before or value in before or (name == "served_by" and "human" in before and value != "bot")
        chosen: dict[str, Any] = {fields[name]: (value,) if both else ("—",)}
        selection = replace(selection, **chosen)
    suffix = "&".join(f"{name}={value}" for name, value in terms.items())
    return replace(figure, id=f"{figure.id}@{suffix}" if suffix else figure.id, selection=selection)
