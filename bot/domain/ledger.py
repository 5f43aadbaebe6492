"""The service ledger: what is counted, and how a bot consultation is told from the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# What a kind belongs to. Only "service" adds up to the year's services (docs/statistics.md).
GROUPS = {
    "service": "法律服务",
    "step": "办理环节",
    "enterprise": "惠企服务",
    "education": "普法宣传",
    "duty": "值班",
    "register": "登记",
}


@dataclass(frozen=True)
class Kind:
    """A kind of service.

    Args:
        title: its name in tables.  unit: what one of it is counted in.  group: one of GROUPS.
        words: what else it is called by those who record it by hand; none: it cannot be recorded by hand.
        takes: which of people, amount, leaflets, audience, title, enterprise a record of it may carry.
        needs: which of them it must carry.
        outcome: what stands as outcome when a hand-written record names none.
        outcomes: the outcomes with which it counts as a service; none: all.
    """

    title: str
    unit: str
    group: str
    words: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    outcome: str = "advised"
    outcomes: tuple[str, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Whether it can be recorded by hand."""
        return bool(self.words)

    @property
    def counts_people(self) -> bool:
        """Whether what is counted are persons, so that their number is the count."""
        return self.unit == "人"


_PERSONAL = ("people", "enterprise")
KINDS: dict[str, Kind] = {
    "bot_consultation": Kind("智能咨询", "次", "service"),
    "adviser_consultation": Kind("线上顾问咨询", "次", "service", ("线上咨询", "顾问咨询", "网上咨询"), _PERSONAL),
    "walk_in_consultation": Kind("来访咨询", "次", "service", ("来访", "现场咨询", "接待来访"), _PERSONAL),
    "phone_consultation": Kind("电话咨询", "次", "service", ("来电咨询", "来电", "电话"), _PERSONAL),
    "mediation": Kind(
        "人民调解", "件", "service", ("调解", "纠纷调解"), ("people", "amount", "enterprise"), ("people",),
        outcome="agreed", outcomes=("agreed", "not_agreed"),
    ),
    "legal_aid": Kind(
        "法律援助", "件", "service", ("援助", "法援"), _PERSONAL, outcome="handed_over", outcomes=("handed_over",)
    ),
    "notary": Kind("公证服务", "件", "service", ("公证", "协助公证"), _PERSONAL, outcome="document_done"),
    "contract_review": Kind(
        "合同审查", "份", "service", ("审查合同", "审合同", "合同审核"), (*_PERSONAL, "amount"), outcome="document_done"
    ),
    "legal_opinion": Kind("法律意见", "份", "service", ("法律意见书", "出具意见"), _PERSONAL, outcome="document_done"),
    "document": Kind("文书服务", "份", "service", ("代写文书", "文书"), _PERSONAL, outcome="document_done"),
    "calculator": Kind("费用计算", "次", "service"),
    "escalation": Kind("转人工", "次", "step"),
    "appointment": Kind("预约", "次", "step"),
    "mediation_application": Kind("调解申请", "件", "step"),
    "mediation_followup": Kind("调解回访", "次", "step"),
    "visit": Kind("走访企业", "次", "enterprise", ("走访", "企业走访"), _PERSONAL, outcome="held"),
    "meeting": Kind("会议座谈", "次", "enterprise", ("会议", "座谈", "座谈会"), ("people", "title"), outcome="held"),
    "law_education": Kind(
        "普法活动", "场", "education", ("普法", "法治宣传", "宣传活动", "讲座"),
        ("people", "leaflets", "audience", "title"), outcome="held",
    ),
    "video": Kind("普法视频", "部", "education", ("视频", "短视频"), ("title", "audience"), outcome="published"),
    "post": Kind("普法推文", "篇", "education", ("推文", "图文", "文章"), ("title", "audience"), outcome="published"),
    "training": Kind("培训", "期", "education", ("培训班",), ("people", "audience", "title"), ("people",), "held"),
    "duty_day": Kind("顾问值班", "天", "duty", ("值班", "坐班"), (), outcome="held"),
    "registration": Kind("登记用户", "人", "register", ("登记用户数", "注册用户"), ("people",), outcome="registered"),
    "enterprise_assigned": Kind("企业指派顾问", "户", "register", outcome="registered"),
}  # fmt: skip
# What members call the kinds that can be recorded by hand: their titles and shorter words.
HAND_WORDS = {word: name for name, kind in KINDS.items() if kind.by_hand for word in (kind.title, *kind.words)}
AUDIENCES = {
    "residents": "居民群众",
    "students": "青少年学生",
    "elderly": "老年人",
    "women": "妇女",
    "workers": "企业职工",
    "migrants": "农民工",
    "officials": "机关干部",
    "law_literate": "法律明白人",
    "mediators": "人民调解员",
    "others": "其他",
}
# Where it happened, or who sent it.
CHANNELS = {
    "telegram": "Telegram",
    "webchat": "网页",
    "terminal": "终端",
    "walk_in": "来访",
    "phone": "来电",
    "site": "现场",
    "online": "线上",
    "police": "公安移送",
    "court": "法院移送",
    "offline": "线下",
    "": "未注明",
}
SUBJECTS = {"resident": "居民", "enterprise": "小微企业", "unknown": "未登记"}
OUTCOMES = {
    "answered": "智能解答",
    "referred": "转介人工",
    "urgent": "紧急指引",
    "opened": "已受理",
    "after_answer": "答复后仍转人工",
    "registered": "已登记",
    # how a case ended: the codes of nlu_data/outcomes.yml
    "advised": "已解答",
    "settled": "已解决",
    "document_done": "已代拟或审查文书",
    "to_mediation": "转人民调解",
    "to_legal_aid": "转法律援助",
    "to_authority": "转有关部门",
    "to_court": "建议起诉或仲裁",
    "no_reply": "联系不上居民",
    "not_legal": "不属于法律问题",
    "withdrawn": "居民撤回",
    # mediation
    "applied": "已申请",
    "agreed": "达成协议",
    "not_agreed": "未达成协议",
    "declined": "对方不同意调解",
    "refused": "不予受理、援助",
    "performed": "已履行",
    "partly_performed": "部分履行",
    "not_performed": "未履行",
    "performance_unknown": "履行情况不明",
    # what is not about one person's trouble
    "held": "已开展",
    "published": "已发布",
    "void": "作废",
    # legal aid
    "prechecked": "已预查",
    "handed_over": "已转交法律援助机构",
    "granted": "给予援助",
    "lapsed": "视为撤回",
}

# A pause of this length ends a consultation session: long enough to fetch a contract from a drawer,
# short enough that the evening's question is not the morning's.
SESSION_GAP = timedelta(minutes=60)


@dataclass(frozen=True)
class Entry:
    """One service. Append-only: a mistake gets an entry of its own that names it in `corrects`.

    Args:
        key: idempotency key; the database refuses a second entry with it.
        kind: one of KINDS.  matter: matter id.  community: community id or "".
        subject: one of SUBJECTS.  channel: where it happened.  served_by: "bot", "adviser:<id>" or "staff:<id>".
        outcome: one of OUTCOMES.  client: pseudonym or "".  occurred_at: aware, UTC.
        people: persons served or taking part.  amount: yuan, in fen (1/100), or None.
        corrects: id of the entry this one stands in the place of.  reason: why, for a correction.
        count: how many services it stands for; 0: the entry it corrects was none.
        leaflets: handed out.  audience: one of AUDIENCES or "".  title: of an event, a video, a post; no person's name.
        recorded_by: member id of whoever entered it by hand.  recorded_at: when, aware, UTC; None: as it happened.
        id: its number once it stands in the ledger, else 0.
    """

    key: str
    kind: str
    matter: str
    community: str
    subject: str
    channel: str
    served_by: str
    outcome: str
    client: str
    occurred_at: datetime
    people: int = 1
    amount: int | None = None
    corrects: int | None = None
    reason: str = ""
    count: int = 1
    leaflets: int = 0
    audience: str = ""
    title: str = ""
    recorded_by: str = ""
    recorded_at: datetime | None = None
    id: int = 0


def is_service(kind: str, outcome: str) -> bool:
    """Whether an entry adds to the year's services: not a step on the way, an event or a registration."""
    found = KINDS[kind]
    return found.group == "service" and (not found.outcomes or outcome in found.outcomes)


def continues_session(last: datetime | None, now: datetime) -> bool:
    """Whether a message at `now` belongs to the session last active at `last`."""
    return last is not None and now - last < SESSION_GAP


def consultation_key(pseudonym: str, session: int, matter: str) -> str:
    """One bot consultation per client, matter and session (DESIGN: counting)."""
    return f"bot_consultation:{pseudonym}:{session}:{matter}"
