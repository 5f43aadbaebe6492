"""Recording by hand what happened outside falin, and correcting what stands in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone

from bot.domain.calendar import BEIJING, beijing_day
from bot.domain.errors import RuleBroken
from bot.domain.ledger import KINDS, Entry
from bot.domain.permissions import figure_communities, may
from bot.domain.records import USUAL_CHANNELS, Record
from bot.domain.street import Member
from bot.services.turn import Work

LONGEST_REASON = 200
SOON = timedelta(days=7)  # so long one may take back what one has entered oneself
NOON = time(12)  # of a day whose hour nobody wrote down: far from both midnights


def record_service(work: Work, member: Member, record: Record, key: str) -> Entry | None:
    """Append what was written down; None when something stands there under its key already.

    Args:
        key: idempotency key: of the message, the form or the imported row.

    Raises:
        RuleBroken: the member may not ("not_allowed"), the year is closed ("year_closed"), or the record is
            faulty; `code` is the first of Record.list_faults then.
    """
    if not may(member, "record_service"):
        raise RuleBroken("may not record services", code="not_allowed")
    check_record(work, member, record)
    entry = make_entry(work, member, record, key)
    return work.uow.ledger.find_by_key(key) if work.uow.ledger.add(entry) else None


def correct_entry(work: Work, member: Member, entry_id: int, record: Record | None, reason: str, key: str) -> Entry | None:
    """Put a record in the place of an entry, or nothing at all (None: the entry was none); the entry itself stays.

    A closed year is corrected like any other: its report keeps what was signed, the correction shows as such. But
    nothing moves into it from another year: that would be one service more in what was signed.

    Raises:
        NotFound: no such entry.
        RuleBroken: not allowed, no longer allowed ("too_late"), corrected already ("corrected": correct the
            correction), no reason, the new day lies in another year that is closed ("closed_day"), or faulty.
    """
    old = work.uow.ledger.get(entry_id)
    _check_corrector(work, member, old)
    if not reason.strip():
        raise RuleBroken("a correction needs a reason", code="reason")
    if work.uow.ledger.find_by_key(key):
        return None  # the same form once more
    if work.uow.ledger.find_correction(entry_id):
        raise RuleBroken("corrected already", code="corrected")
    if record is None:
        fresh = replace(old, count=0, people=0, amount=None, leaflets=0, outcome="void")
    else:
        _check_fields(work, member, record)
        if record.day.year != beijing_day(old.occurred_at).year and work.uow.ledger.is_closed(record.day.year):
            raise RuleBroken(f"the year {record.day.year} is closed", code="closed_day")
        fresh = _kept(work, old, record, make_entry(work, member, record, key))
        if fresh.outcome == "not_agreed" and fresh.amount is not None:  # the outcome may be the old one's
            raise RuleBroken("nothing was agreed", code="amount_not_agreed")
        if record.day == beijing_day(old.occurred_at):
            fresh = replace(fresh, occurred_at=old.occurred_at)
    fresh = replace(
        fresh, key=key, corrects=entry_id, reason=reason.strip()[:LONGEST_REASON], recorded_by=member.id,
        recorded_at=work.now, id=0,
    )  # fmt: skip
    return work.uow.ledger.find_by_key(key) if work.uow.ledger.add(fresh) else None


def _check_corrector(work: Work, member: Member, old: Entry) -> None:
    """Whether the member may correct this entry now. Raises RuleBroken."""
    own = old.recorded_by == member.id and may(member, "record_service")
    reach = figure_communities(member, work.library.street)
    if not (own or may(member, "correct_entry")) or (reach is not None and old.community not in reach):
        raise RuleBroken("may not correct this entry", code="not_allowed")
    age = beijing_day(work.now) - beijing_day(old.recorded_at or work.now)
    if age >= SOON and not may(member, "correct_entry"):
        raise RuleBroken("may no longer correct this entry", code="too_late")


def _kept(work: Work, old: Entry, record: Record, fresh: Entry) -> Entry:
    """The correction, with what it does not speak of as it was: a form does not know everything an entry has."""
    was_enterprise = bool(old.client) and work.uow.enterprises.find_by_pseudonym(old.client) is not None
    fresh = replace(fresh, client=record.enterprise or ("" if was_enterprise else old.client))
    if record.kind != old.kind:
        return fresh
    # Advisers and mediators can be chosen in the form, so leaving them out is meant; others cannot.
    chosen = record.server or old.served_by.startswith(("adviser:", "mediator:"))
    same_enterprise = fresh.client == old.client
    return replace(
        fresh,
        channel=record.channel or old.channel,
        outcome=record.outcome or (fresh.outcome if old.outcome == "void" else old.outcome),
        subject=record.subject or (old.subject if same_enterprise else fresh.subject),
        served_by=fresh.served_by if chosen else old.served_by,
    )


def check_record(work: Work, member: Member, record: Record) -> None:
    """Whether it could be recorded now. Raises RuleBroken as record_service."""
    _check_fields(work, member, record)
    if work.uow.ledger.is_closed(record.day.year):
        raise RuleBroken(f"the year {record.day.year} is closed", code="year_closed")


def _check_fields(work: Work, member: Member, record: Record) -> None:
    street = work.library.street
    faults = record.list_faults(
        beijing_day(work.now), [c.id for c in street.communities], work.library.matters, [m.id for m in street.members]
    )
    reach = figure_communities(member, street)
    if not faults and reach is not None and record.community not in reach:
        faults = ["other_community"]
    if faults:
        raise RuleBroken(f"the record is faulty: {', '.join(faults)}", code=faults[0])


def make_entry(work: Work, member: Member, record: Record, key: str) -> Entry:
    """The entry a faultless record makes."""
    street = work.library.street
    kind, server = KINDS[record.kind], street.find_member(record.server)
    return Entry(
        key=key,
        kind=record.kind,
        matter=record.matter,
        community=record.community,
        subject=record.subject or ("enterprise" if record.enterprise or kind.group == "enterprise" else "resident"),
        channel=record.channel or USUAL_CHANNELS.get(record.kind, "offline"),
        served_by=f"{server.role}:{server.id}" if server else "office",
        outcome=record.outcome or kind.outcome,
        client=record.enterprise,
        occurred_at=_moment(record.day, work.now),
        people=record.counted_people,
        amount=record.amount,
        count=record.counted,
        leaflets=record.leaflets,
        audience=record.audience,
        title=record.title,
        recorded_by=member.id,
        recorded_at=work.now,
    )


def _moment(day: date, now: datetime) -> datetime:
    """Noon of an earlier day, the present of today."""
    return now if day == beijing_day(now) else datetime.combine(day, NOON, BEIJING).astimezone(timezone.utc)
