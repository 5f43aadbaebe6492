"""The console's queue: which cases a member sees as cards, without what was said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.cases import Case
from bot.domain.permissions import ALL, Subject, may, reach, subject_of
from bot.domain.street import Member
from bot.services.turn import Work


@dataclass(frozen=True)
class Card:
    """A case as it stands in the queue. Args: case: its words taken out.  unread: the client's messages since."""

    case: Case
    mine: bool
    readable: bool
    unread: int = 0

    def is_late(self, now: datetime) -> bool:
        """The promise is broken: the time has passed and no person has answered."""
        return breaks_promise(self.case, now)


@dataclass(frozen=True)
class Filter:
    """What the address asks for; "" for everything. Args: late: only broken promises."""

    community: str = ""
    matter: str = ""
    urgency: str = ""
    adviser: str = ""
    late: bool = False

    def fits(self, case: Case, now: datetime) -> bool:
        """Whether a case is asked for."""
        wanted = (
            (self.community, case.community), (self.matter, case.matter), (self.urgency, case.urgency),
            (self.adviser, case.adviser_id),
        )  # fmt: skip
        return all(not value or value == have for value, have in wanted) and (
            not self.late or breaks_promise(case, now)
        )


@dataclass
class Queue:
    """What one member sees. Args: under_way: taken over by others."""

    waiting: list[Card] = field(default_factory=list)
    mine: list[Card] = field(default_factory=list)
    under_way: list[Card] = field(default_factory=list)
    late: int = 0


def breaks_promise(case: Case, now: datetime) -> bool:
    """The promised time has passed and no person has answered."""
    return case.closed_at is None and case.answered_at is None and case.promised_at is not None and case.promised_at < now


def list_queue(work: Work, member: Member, wanted: Filter | None = None) -> Queue:
    """The open cases a member may see: urgent first, then by the promised time."""
    wanted, queue = wanted or Filter(), Queue()
    unread, everything = work.uow.console.count_unread(member.id), reach(member, "see_facts") == ALL
    for case in sorted(work.uow.cases.list_open(), key=_order):
        if not everything and case.adviser_id != member.id and case.accepted_at:
            continue  # another's: nothing to look up
        subject = subject_of(case) if everything else case_subject(work, case)
        if not may(member, "see_facts", case=subject, street=work.library.street):
            continue
        queue.late += breaks_promise(case, work.now)
        if not wanted.fits(case, work.now):
            continue
        mine = case.adviser_id == member.id
        readable = may(member, "read_case", case=subject, street=work.library.street)
        card = Card(without_words(case), mine, readable, unread.get(case.id, 0))
        shelf = queue.waiting if subject.waiting else queue.mine if mine else queue.under_way
        shelf.append(card)
    return queue


def list_past(work: Work, member: Member) -> list[Case]:
    """Cases the member once had, newest first, without words."""
    return [without_words(work.uow.cases.get(case_id)) for case_id in work.uow.console.list_cases_had(member.id)]


def case_subject(work: Work, case: Case) -> Subject:
    """What permissions look at in this case."""
    events = work.uow.case_files.list_events(case.id)
    barred = [event.detail for event in events if event.kind == "conflict" and event.detail]
    return subject_of(case, work.uow.cases.list_assignments(case.id), barred)


def without_words(case: Case) -> Case:
    """The case without what the client wrote."""
    return replace(case, question="")


def _order(case: Case) -> tuple[bool, bool, datetime, int]:
    return case.urgency != "urgent", case.promised_at is None, case.promised_at or case.opened_at, case.id
