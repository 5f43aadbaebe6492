"""Reading a mediation in the console: what a member may see of it, and what they can do next. Readings are noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.console import READING
from bot.domain.errors import NotFound
from bot.domain.mediation import STEPS, Content, Mediation, MediationEvent, Terms
from bot.domain.mediators import serves
from bot.domain.messages import Attachment
from bot.domain.permissions import Subject, may
from bot.domain.street import Member
from bot.services.mediation_record import note
from bot.services.turn import Work

# Steps that need another permission than the others.
ASSIGNING = "assign"


@dataclass(frozen=True)
class MediationView:
    """A mediation as one member sees it.

    Args:
        with_words: whether parties, facts, agreement and place are shown; without, they are empty.
        steps: of bot.domain.mediation.STEPS, those that this member can take now.
    """

    mediation: Mediation
    with_words: bool
    events: Sequence[MediationEvent]
    steps: frozenset[str]


def mediation_subject(work: Work, mediation: Mediation) -> Subject:
    """What permissions look at: one that nobody has waits for the mediators of its community."""
    waiting = mediation.open and mediation.mediator_id is None
    near = [m.id for m in work.library.street.list_members("mediator") if serves(m, mediation.community)]
    return Subject(
        mediation.community, mediation.mediator_id, asked=frozenset(near if waiting else ()), waiting=waiting
    )


def read_mediation(work: Work, member: Member, reference: str) -> MediationView:
    """What the member may see of a mediation; noted when that includes words.

    Raises:
        NotFound: no such mediation, or not for this member, who need not learn which.
    """
    mediation = work.uow.mediations.find_by_reference(reference)
    if mediation is None:
        raise NotFound("no such mediation")
    subject, street = mediation_subject(work, mediation), work.library.street
    if not may(member, "see_mediations", case=subject, street=street):
        raise NotFound("no such mediation")
    with_words = may(member, "read_mediation", case=subject, street=street)
    events = [event for event in work.uow.mediations.list_events(mediation.id) if event.kind != "read"]
    if with_words:
        note_mediation_reading(work, mediation, member)
    allowed = {
        step: "assign_mediation" if step == ASSIGNING else "act_on_mediation"
        for step, states in STEPS.items()
        if mediation.state in states
    }
    return MediationView(
        mediation=mediation if with_words else replace(mediation, content=Content(), agreement=Terms(), session_place=""),
        with_words=with_words,
        events=events,
        steps=frozenset(s for s, action in allowed.items() if may(member, action, case=subject, street=street)),
    )


def find_evidence(work: Work, member: Member, reference: str, number: int) -> Attachment:
    """One piece of evidence, counted from 0; the reading is noted.

    Raises:
        NotFound: no such mediation or file, or not for this member.
    """
    view = read_mediation(work, member, reference)
    if not 0 <= number < len(view.mediation.content.evidence):
        raise NotFound("no such file")
    return view.mediation.content.evidence[number]


def list_mediations(work: Work, member: Member, *, ended: bool = False) -> list[Mediation]:
    """Those a member may see, without words: the open ones, the earliest promise first; or the ended, newest first."""
    found = work.uow.mediations.list_ended() if ended else work.uow.mediations.list_open()
    street = work.library.street
    seen = [
        m for m in found if may(member, "see_mediations", case=mediation_subject(work, m), street=street)
    ]
    return seen if ended else sorted(seen, key=lambda m: (m.due_at is None, m.due_at or m.applied_at, m.id))


def note_mediation_reading(work: Work, mediation: Mediation, member: Member) -> bool:
    """Note that a member has read a mediation, once an hour; whether it was noted now."""
    for event in reversed(work.uow.mediations.list_events(mediation.id)):
        if event.kind == "read" and event.actor == member.id and work.now - event.at < READING:
            return False
    note(work, mediation, "read", member.id)
    return True
