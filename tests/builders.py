"""Small valid things to test with; name only what matters to the test."""

from __future__ import annotations

from datetime import date, datetime, timezone
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from bot.domain.cases import Case
from bot.domain.clients import Client
from bot.domain.decisions import Candidate, Understanding
from bot.domain.emergencies import Emergency
from bot.domain.ledger import Entry as LedgerEntry
from bot.domain.matters import Matter
from bot.domain.mediation import Content, Mediation, Person
from bot.domain.messages import Attachment, Inbound
from bot.domain.street import OFFICE_SPANS, Community, Member, Street
from bot.domain.triage import Triage
from bot.domain.work_calendar import WorkCalendar
from bot.knowledge.citations import Citation
from bot.knowledge.entries import Entry, Note
from bot.knowledge.outcomes_file import load_outcomes
from bot.knowledge.triage_file import load_triage
from bot.knowledge.wording import Wording
from bot.services.registration import register_client
from bot.services.turn import Library, Turn
from bot.services.unit_of_work import UnitOfWork
from tests.fakes import FakeDatabase

PROJECT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc)  # ten in the morning in Beijing
STREET_VALUES = {"street": "梨树街道", "office": "梨树街道司法所", "phone": "023-00000001", "hours": "周一至周五"}
_numbers = count(1)


def make_client(**changes: Any) -> Client:
    return Client(**{"id": 1, "pseudonym": "p1", "channel": "webchat", "key": "browser-1", **changes})


def make_inbound(text: str | None = "老板不发工资", **changes: Any) -> Inbound:
    number = next(_numbers)
    values = {
        "channel": "webchat",
        "update_id": f"u{number}",
        "client_key": "browser-1",
        "sent_at": NOW,
        "text": text,
    }
    return Inbound(**{**values, **changes})


def make_entry(entry_id: str = "labour.unpaid_wages", **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "title": "老板拖欠工资怎么办", "ask": tuple(f"工资问题{n}" for n in range(10)),
        "answer": "单位要按时发工资。", "steps": ("留好证据", "去投诉"), "evidence": ("合同", "流水"),
        "basis": (Citation("测试劳动法", (8, 0)), Citation("测试劳动法", (9, 1))), "route": ("labour_inspection",),
        "reviewed": date(2026, 11, 1), "law_date": date(2020, 1, 1),
        "deadline": Note("一年内", (Citation("测试仲裁法", (27, 0)),)),
        "local": (("chongqing", Note("先打热线", (Citation("测试条例", (3, 0)),))),),
        "file": "labour.yml", "line": 1,
    }  # fmt: skip
    return Entry(id=entry_id, **{**values, **changes})


def make_street(**changes: Any) -> Street:
    values: dict[str, Any] = {
        "name": STREET_VALUES["street"], "office": STREET_VALUES["office"], "phone": STREET_VALUES["phone"],
        "hours": STREET_VALUES["hours"],
        "communities": (Community("baima", "白马社区", "chen"), Community("qinggang", "青杠社区", "zhou")),
        "members": (
            Member("chen", "陈律师", "023-00000002"), Member("zhou", "周律师"),
            Member("laozhou", "老周书记", role="mediator", room="老周书记调解室"),
            Member("wu", "吴所长", "023-00000009", role="supervisor"),
        ),
        "hotlines": (("12348", "公共法律服务热线"),),
    }  # fmt: skip
    return Street(**{**values, **changes})


@lru_cache(maxsize=1)
def real_wording() -> Wording:
    return Wording.load(PROJECT / "domain.yml", STREET_VALUES)


@lru_cache(maxsize=1)
def real_triage() -> Triage:
    return load_triage(PROJECT / "nlu_data" / "triage")


def make_library(**changes: Any) -> Library:
    entries = [
        make_entry(),
        make_entry("lending.no_iou", title="借钱没有借条"),
        make_entry("lending.interest", title="借款利息多少合法"),
        make_entry("tenancy.deposit", title="房东不退押金", deadline=None, local=()),
    ]
    matters = [
        Matter("labour", "劳动用工", "劳动纠纷"), Matter("lending", "借款欠款", "债权债务"),
        Matter("tenancy", "房屋租赁", "房产纠纷"), Matter("other", "其他", "综合咨询"),
    ]  # fmt: skip
    danger = Emergency(
        "violence", "家庭暴力", (("110", "报警"), ("12338", "妇女热线")), "先打110。", ("离开危险的人",)
    )
    values: dict[str, Any] = {
        "entries": {entry.id: entry for entry in entries}, "matters": {matter.id: matter for matter in matters},
        "wording": real_wording(), "street": make_street(), "emergencies": {"violence": danger},
        "outcomes": load_outcomes(PROJECT / "nlu_data" / "outcomes.yml"), "triage": real_triage(),
        "calendar": WorkCalendar(OFFICE_SPANS, lambda day: day.weekday() < 5),
    }  # fmt: skip
    return Library(**{**values, **changes})


def make_understanding(decision: str = "answer", *entries: str, **changes: Any) -> Understanding:
    shares = (0.9, 0.3, 0.2, 0.1)
    candidates = tuple(Candidate(entry, share) for entry, share in zip(entries, shares, strict=False))
    matter = entries[0].split(".")[0] if entries else None
    values = {"intent": "faq", "matter": matter, "confidence": 0.9 if entries else 0.0, "candidates": candidates}
    return Understanding(decision, **{**values, **changes})


def make_turn(
    uow: UnitOfWork | None = None, *, key: str = "browser-1", now: datetime = NOW, **changes: Any
) -> Turn:
    """A turn of the client with this key; in an open unit of work of its own unless one is given."""
    uow = uow or FakeDatabase().open_unit().__enter__()
    values: dict[str, Any] = {"client": uow.clients.find_or_add("webchat", key, now), "library": make_library()}
    return Turn(uow, **{**values, "now": now, **changes})


def make_registered_turn(uow: UnitOfWork | None = None, community: str = "baima", **changes: Any) -> Turn:
    turn = make_turn(uow, **changes)
    register_client(turn, community, "resident")
    return turn


def make_ledger_entry(**changes: Any) -> LedgerEntry:
    values: dict[str, Any] = {
        "key": f"test:{next(_numbers)}", "kind": "bot_consultation", "matter": "labour", "community": "baima",
        "subject": "resident", "channel": "webchat", "served_by": "bot", "outcome": "answered", "client": "p1",
        "occurred_at": NOW,
    }  # fmt: skip
    return LedgerEntry(**{**values, **changes})


def make_case(client_id: int, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": 0, "reference": f"F26-TEST-{next(_numbers)}", "client_id": client_id, "community": "baima",
        "matter": "labour", "urgency": "normal", "question": "老板不发工资", "opened_at": NOW, "adviser_id": "chen",
    }  # fmt: skip
    return Case(**{**values, **changes})


def make_content(**changes: Any) -> Content:
    values: dict[str, Any] = {
        "applicant": Person("张桂芳", "13800001111"), "respondent": Person("李强", "023-12345678", "白马路2号3-1"),
        "facts": "楼上卫生间漏水，把我家天花板泡坏了。", "claim": "修好漏水，赔3000元", "amount": 300_000,
        "evidence": (Attachment("telegram", "file-7", "photo", "天花板.jpg", "image/jpeg", 12_345),),
    }  # fmt: skip
    return Content(**{**values, **changes})


def make_mediation(client_id: int = 0, **changes: Any) -> Mediation:
    values: dict[str, Any] = {
        "id": 0, "reference": f"M26-TEST-{next(_numbers)}", "client_id": client_id, "community": "baima",
        "kind": "neighbours", "source": "self", "applied_at": NOW, "content": make_content(), "mediator_id": "laozhou",
    }  # fmt: skip
    return Mediation(**{**values, **changes})
