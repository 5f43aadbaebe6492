"""/console/record: a short form for what happened outside falin; /console/entries/ID: one entry, and its correction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from bot.console.guard import Visit
from bot.console.members import read_day
from bot.console.pages import page
from bot.domain.amounts import parse_amount
from bot.domain.calendar import beijing_day
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.ledger import AUDIENCES, CHANNELS, KINDS, OUTCOMES, Entry
from bot.domain.permissions import figure_communities, may
from bot.domain.records import Record
from bot.services.credentials import new_token
from bot.services.enterprises import require_enterprise
from bot.services.logging_by_hand import describe
from bot.services.recording import correct_entry, record_service
from bot.services.turn import Work

RECENT = 8
# What a hand-written record may end with.
ENDS = ("agreed", "not_agreed", "advised", "document_done", "handed_over", "granted", "held", "published")


@dataclass(frozen=True)
class Form:
    """What was filled in, as it was written."""

    kind: str = ""
    day: str = ""
    community: str = ""
    matter: str = ""
    people: str = ""
    count: str = "1"
    amount: str = ""
    leaflets: str = ""
    audience: str = ""
    title: str = ""
    server: str = ""
    enterprise: str = ""
    channel: str = ""
    outcome: str = ""

    def to_record(self, work: Work) -> Record:
        """Raises RuleBroken for what is no number, no day, no sum, no enterprise."""
        day, amount = read_day(self.day), parse_amount(self.amount) if self.amount else None
        if day is None:
            raise RuleBroken("no day", code="day")
        if self.amount and amount is None:
            raise RuleBroken("no sum", code="amount")
        enterprise = work.uow.enterprises.find_by_name(self.enterprise) if self.enterprise else None
        if self.enterprise and enterprise is None:
            raise RuleBroken("no such enterprise", code="enterprise_unknown")
        people = _number(self.people, "people") if self.people else None
        return Record(
            kind=self.kind, day=day, community=self.community, matter=self.matter or "other", amount=amount,
            audience=self.audience, title=self.title, server=self.server, channel=self.channel, outcome=self.outcome,
            enterprise=enterprise.pseudonym if enterprise else "", people=people,
            count=_number(self.count or "0", "count"), leaflets=_number(self.leaflets or "0", "leaflets"),
        )  # fmt: skip


def _write_yuan(fen: int | None) -> str:
    """A sum as the form reads it again, to the last fen."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02}" if fen % 100 else str(fen // 100)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise RuleBroken("no number", code=name)
    return int(text)


def _given(visit: Visit) -> Form:
    return Form(**{f.name: visit.value(f.name, 200) for f in fields(Form)})


async def record(visit: Visit) -> Response:
    """GET: the form, begun. POST: recorded, or the form again with what is wrong."""
    if visit.request.method == "GET":
        return await _show(visit, await visit.site.read(_begin, visit))
    given, key = _given(visit), visit.value("key", 60)

    def enter(work: Work) -> Entry | None:
        return record_service(work, visit.member, given.to_record(work), f"form:{visit.member.id}:{key}")

    try:
        entry = await visit.site.change(enter)
    except RuleBroken as error:
        return await _show(visit, given, error.code)
    return RedirectResponse(f"/console/record?done={'recorded' if entry else 'recorded_before'}", status_code=303)


def _begin(work: Work, visit: Visit) -> Form:
    """For the enterprise whose number the address names, else as one filled it in the last time.

    Raises NotFound, RuleBroken as require_enterprise. The address has no name: addresses end up in histories and logs.
    """
    if not (number := visit.number("enterprise", 1, 10**17)):
        return _last(work, visit)
    found = require_enterprise(work, visit.member, number)
    return Form(
        kind=visit.value("kind", 32) or "visit", day=beijing_day(work.now).isoformat(), community=found.community,
        enterprise=found.name, server=found.adviser_id,
    )  # fmt: skip


def _last(work: Work, visit: Visit) -> Form:
    """Kind, community and matter of the last record: one who enters a morning's calls changes little."""
    reach = figure_communities(visit.member, work.library.street)
    only = next(iter(reach)) if reach and len(reach) == 1 else ""
    server = visit.member.id if visit.member.role in ("adviser", "mediator") else ""
    day = beijing_day(work.now).isoformat()
    for entry in work.uow.ledger.list_recorded(visit.member.id, 1):
        served = entry.served_by.partition(":")[2]
        return Form(kind=entry.kind, day=day, community=entry.community, matter=entry.matter, server=served)
    return Form(day=day, community=only, server=server)


async def _show(visit: Visit, given: Form, fault: str = "") -> Response:
    recent = await visit.site.read(_recent, visit)
    return page(
        visit, "record.html", 422 if fault else 200, given=given, fault=visit.say_fault(fault), recent=recent,
        key=new_token(), **_choices(visit),
    )  # fmt: skip


def _choices(visit: Visit) -> dict[str, Any]:
    street = visit.site.street
    return {
        "kinds": {name: kind for name, kind in KINDS.items() if kind.by_hand},
        "communities": visit.communities,
        "street_wide": figure_communities(visit.member, street) is None,
        "matters": list(visit.site.library.matters.values()),
        "members": street.list_members("adviser", "mediator"),
        "audiences": AUDIENCES,
        "channels": {name: title for name, title in CHANNELS.items() if name not in ("", "telegram", "webchat", "terminal")},
        "outcomes": {name: OUTCOMES[name] for name in ENDS},
        "today": beijing_day(visit.site.now()),
    }


def _recent(work: Work, visit: Visit) -> list[tuple[Entry, str]]:
    return [(entry, describe(work, entry)) for entry in work.uow.ledger.list_recorded(visit.member.id, RECENT)]


async def entry(visit: Visit) -> Response:
    """GET: the entry and what became of it. POST: corrected or taken back."""
    number, fault, given = visit.path_number("entry"), "", None
    if visit.request.method == "POST":
        given = _given(visit)
        try:
            fresh = await visit.site.change(_correct, visit, number, given)
            return RedirectResponse(f"/console/entries/{fresh.id if fresh else number}?done=corrected", status_code=303)
        except RuleBroken as error:
            fault = error.code
    values = await visit.site.read(_look, visit, number)
    values["given"] = given or values["given"]
    return page(
        visit, "entry.html", 422 if fault else 200, fault=visit.say_fault(fault), **values, **_choices(visit), key=new_token()
    )


def _correct(work: Work, visit: Visit, number: int, given: Form) -> Entry | None:
    record = None if visit.value("void", 1) else given.to_record(work)
    key = f"correction:{visit.member.id}:{visit.value('key', 60)}"
    return correct_entry(work, visit.member, number, record, visit.value("reason", 200), key)


def _look(work: Work, visit: Visit, number: int) -> dict[str, Any]:
    """Raises NotFound for one of another community, too: it is not there for this member."""
    found = work.uow.ledger.get(number)
    reach = figure_communities(visit.member, work.library.street)
    own = found.recorded_by == visit.member.id
    near = reach is None or found.community in reach
    if not near or not (own or may(visit.member, "correct_entry")):
        raise NotFound("no such entry")
    chain = [found]
    while chain[0].corrects:
        chain.insert(0, work.uow.ledger.get(chain[0].corrects))
    while later := work.uow.ledger.find_correction(chain[-1].id):
        chain.append(later)
    enterprise = work.uow.enterprises.find_by_pseudonym(found.client) if found.client else None
    served = found.served_by.partition(":")[2]
    day: date = beijing_day(found.occurred_at)
    kind = KINDS[found.kind]
    return {
        "entry": found,
        # What it became in another community, and why, is not told here.
        "chain": [(e, describe(work, e)) for e in chain if reach is None or e.community in reach],
        "by_hand": kind.by_hand,
        "current": chain[-1].id == found.id,
        "given": Form(
            kind=found.kind, day=day.isoformat(), community=found.community, matter=found.matter,
            people=str(found.people or "") if "people" in kind.takes else "",
            count=str(1 if kind.counts_people else found.count or 1), amount=_write_yuan(found.amount),
            leaflets=str(found.leaflets or ""), audience=found.audience, title=found.title, server=served,
            enterprise=enterprise.name if enterprise else "",
            channel=found.channel if found.channel in CHANNELS else "", outcome=found.outcome if found.outcome in ENDS else "",
        ),
    }  # fmt: skip
