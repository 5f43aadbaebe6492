"""Reading a case in the console: what a member may see of it. Every reading is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cases import Assignment, Case, CaseEvent, CaseMessage
from bot.domain.console import READING
from bot.domain.errors import NotFound
from bot.domain.permissions import may
from bot.domain.street import Member
from bot.services.queue import breaks_promise, case_subject, without_words
from bot.services.turn import Work

# Events whose detail is somebody's words, not a code.
WORDED = ("transferred", "rated")


@dataclass(frozen=True)
class CaseView:
    """A case as one member sees it.

    Args:
        with_words: whether question, messages and the words of events are shown; without, they are empty.
        answers: titles of what the bot answered before, newest first.
        conflicts: members with a conflict of interest.
        mine: this member has taken it over.  may_accept, may_assign: what is offered.
    """

    case: Case
    with_words: bool
    messages: Sequence[CaseMessage]
    events: Sequence[CaseEvent]
    assignments: Sequence[Assignment]
    answers: Sequence[tuple[str, datetime]]
    conflicts: Sequence[str]
    mine: bool
    may_accept: bool
    may_decline: bool
    may_assign: bool
    late: bool


def read_case(work: Work, member: Member, reference: str) -> CaseView:
    """What the member may see of a case; noted when that includes words.

    Raises:
        NotFound: no such case, or not for this member, who need not learn which.
    """
    case = work.uow.cases.find_by_reference(reference)
    if case is None:
        raise NotFound("no such case")
    subject, street = case_subject(work, case), work.library.street
    if not may(member, "see_facts", case=subject, street=street):
        raise NotFound("no such case")
    with_words = may(member, "read_case", case=subject, street=street)
    messages = work.uow.case_files.list_messages(case.id) if with_words else []
    if with_words:
        note_reading(work, case, member)
        client_said = [message.id for message in messages if message.author == "client"]
        if case.adviser_id == member.id and client_said:
            work.uow.console.mark_seen(member.id, case.id, client_said[-1])
    acts = may(member, "act_on_case", case=subject, street=street)
    open_case = case.closed_at is None
    asked = member.id in subject.asked or member.role == "supervisor"
    return CaseView(
        case=case if with_words else without_words(case),
        with_words=with_words,
        messages=messages,
        events=[_shown(event, with_words) for event in work.uow.case_files.list_events(case.id) if event.kind != "read"],
        assignments=work.uow.cases.list_assignments(case.id),
        answers=_list_answers(work, case) if with_words else [],
        conflicts=sorted(subject.barred),
        mine=open_case and acts and case.state == "accepted",
        may_accept=open_case and subject.waiting and asked and member.id not in subject.barred,
        may_decline=open_case and subject.waiting and case.adviser_id == member.id,
        may_assign=open_case and may(member, "assign", case=subject, street=street),
        late=breaks_promise(case, work.now),
    )


def find_readable(work: Work, member: Member, message_id: int) -> CaseMessage:
    """A message of a case the member may read; the reading is noted.

    Raises:
        NotFound: no such message, taken back, or not for this member.
    """
    message = work.uow.case_files.find_message(message_id)
    if message is None or message.withdrawn_at or message.attachment is None:
        raise NotFound("no such file")
    case = work.uow.cases.get(message.case_id)
    if not may(member, "read_case", case=case_subject(work, case), street=work.library.street):
        raise NotFound("no such file")
    note_reading(work, case, member)
    return message


def note_reading(work: Work, case: Case, member: Member) -> bool:
    """Note that a member has read a case, once an hour; whether it was noted now."""
    for event in reversed(work.uow.case_files.list_events(case.id)):
        if event.kind == "read" and event.actor == member.id and work.now - event.at < READING:
            return False
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "read", member.id))
    return True


def _shown(event: CaseEvent, with_words: bool) -> CaseEvent:
    if with_words or event.kind not in WORDED:
        return event
    return CaseEvent(event.case_id, event.at, event.kind, event.actor)


def _list_answers(work: Work, case: Case) -> list[tuple[str, datetime]]:
    given = work.uow.console.list_answers(case.client_id) if case.client_id else []
    return [(work.library.entries[name].title, at) for name, at in given if name in work.library.entries]
