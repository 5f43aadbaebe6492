"""What every step of a mediation shares: who may take it, the promise, the event, the ledger entry."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.disputes import DISPUTES
from bot.domain.ledger import Entry
from bot.domain.mediation import Mediation, MediationEvent, broken
from bot.domain.mediators import serves
from bot.services.turn import Work

# Sources that stand in the ledger as the channel: the year's report counts them apart.
REFERRED_BY = ("police", "court", "walk_in")


def promise(work: Work, mediation: Mediation, workdays: int, since: datetime | None = None) -> None:
    """Freeze until when the next step is taken, and set the timer that looks after it. The caller saves."""
    spans = work.library.calendar.spans
    day = sum(((datetime.combine(work.now, e) - datetime.combine(work.now, b)) for b, e in spans), timedelta())
    mediation.due_at = work.library.calendar.add(since or work.now, workdays * day)
    work.uow.timers.add("mediation_due", due_subject(mediation), mediation.due_at)


def due_subject(mediation: Mediation) -> str:
    """Names the timer of the present promise: a promise that was kept leaves a timer that no longer fits."""
    assert mediation.due_at
    return f"{mediation.id}:{mediation.due_at.timestamp():.0f}"


def note(work: Work, mediation: Mediation, kind: str, actor: str, detail: str = "") -> None:
    """Append to what happened."""
    work.uow.mediations.add_event(MediationEvent(mediation.id, work.now, kind, actor, detail))


def count(work: Work, mediation: Mediation, kind: str, outcome: str, served_by: str = "", people: int = 1) -> None:
    """Write a ledger entry, once for each kind and mediation; an agreement carries its sum."""
    client = work.uow.clients.get(mediation.client_id) if mediation.client_id else None
    mediator = f"mediator:{mediation.mediator_id}" if mediation.mediator_id else "office"
    work.uow.ledger.add(
        Entry(
            key=f"{kind}:{mediation.reference}",
            kind=kind,
            matter=DISPUTES[mediation.kind][1],
            community=mediation.community,
            subject=(client.kind if client else None) or "unknown",
            channel=mediation.source if mediation.source in REFERRED_BY else client.channel if client else "offline",
            served_by=served_by or mediator,
            outcome=outcome,
            client=client.pseudonym if client else "",
            occurred_at=work.now,
            people=people,
            amount=mediation.amount if outcome == "agreed" else None,
        )
    )


def open_step(work: Work, member_id: str, mediation_id: int, step: str) -> Mediation:
    """The mediation, locked, for a member who takes a step.

    Raises:
        NotFound: no such mediation.  RuleBroken: not this member's, or not possible now.
    """
    mediation = work.uow.mediations.lock(mediation_id)
    if not may_see(work, member_id, mediation):
        raise broken("not_yours")
    mediation.require(step)
    return mediation


def may_see(work: Work, member_id: str, mediation: Mediation) -> bool:
    """Staff see every mediation; a mediator theirs, and those of their communities that nobody has."""
    member = work.library.street.find_member(member_id)
    if member is None or member.role == "adviser":
        return False
    if member.role != "mediator" or mediation.mediator_id == member.id:
        return True
    return mediation.open and mediation.mediator_id is None and serves(member, mediation.community)


def list_visible(work: Work, member_id: str) -> list[Mediation]:
    """The open mediations that a member may see, oldest first."""
    return [m for m in work.uow.mediations.list_open() if may_see(work, member_id, m)]
