"""The service ledger: what is counted, and how a bot consultation is told from the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Kinds of service that can stand in the ledger, with the Chinese name used in tables.
KINDS = {
    "bot_consultation": "智能咨询",
    "adviser_consultation": "顾问咨询",
    "escalation": "转人工",
    "registration": "登记用户",
    "mediation": "人民调解",
    "mediation_application": "调解申请",
    "mediation_followup": "调解回访",
    "legal_aid": "法律援助",
    "document": "文书服务",
    "calculator": "费用计算",
    "appointment": "预约",
    "contract_review": "合同审查",
    "visit": "走访",
    "meeting": "会议",
    "law_education": "普法活动",
}
SUBJECTS = {"resident": "居民", "enterprise": "小微企业", "unknown": "未登记"}
OUTCOMES = {
    "answered": "已解答",
    "referred": "转介人工",
    "urgent": "紧急指引",
    "opened": "已受理",
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
        people: persons served (人次 counted as 1 service each).  amount: yuan, in fen (1/100), or None.
        corrects: id of the entry this one corrects.  reason: why, for a correction.
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


def continues_session(last: datetime | None, now: datetime) -> bool:
    """Whether a message at `now` belongs to the session last active at `last`."""
    return last is not None and now - last < SESSION_GAP


def consultation_key(pseudonym: str, session: int, matter: str) -> str:
    """One bot consultation per client, matter and session (DESIGN: counting)."""
    return f"bot_consultation:{pseudonym}:{session}:{matter}"
