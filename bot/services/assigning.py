"""Assigning: a case is offered to one adviser after the other until somebody takes it over; then the supervisor."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from bot.domain.allocation import FAIRNESS, Candidate, choose_adviser
from bot.domain.calendar import beijing_day
from bot.domain.cases import Assignment, Case, CaseEvent
from bot.domain.errors import NotFound
from bot.domain.street import Member
from bot.domain.work_calendar import WorkCalendar, say_moment
from bot.services.cards import send_card, tell_member, tell_supervisors
from bot.services.turn import Work

# So many advisers are asked before the supervisor decides.
MOST_ASKED = 3
TAKE_OVER = "take_over"
PROMISE = "promise"


def calendar_of(work: Work, member: Member | None) -> WorkCalendar:
    """When a member works; the office for nobody in particular."""
    office = work.library.calendar
    return work.roster.calendar_of(member, office) if member else office


def list_candidates(work: Work, case: Case, excluded: Collection[str] = ()) -> list[Candidate]:
    """Every adviser who may be asked, conflicts and the excluded left out."""
    street, roster = work.library.street, work.roster
    community = street.find_community(case.community)
    load, day = work.uow.cases.count_open_by_adviser(), beijing_day(work.library.calendar.next_opening(work.now))
    recent = work.uow.cases.count_assigned_since(work.now - FAIRNESS)
    return [
        Candidate(
            member=member,
            reachable=is_reachable(work, member.id),
            on_duty=roster.is_on_duty(member, day),
            own=community is not None and community.adviser == member.id,
            expert=case.matter in member.matters,
            serves=not member.communities or case.community in member.communities,
            load=load.get(member.id, 0),
            recent=recent.get(member.id, 0),
        )
        for member in street.list_members("adviser")
        if member.id not in excluded
    ]


def is_reachable(work: Work, member_id: str) -> bool:
    """Whether a card would be seen: the member has an account in the chat, or one of the console."""
    return work.uow.members.find_account(member_id) is not None or member_id in work.uow.console_accounts.list_joined()


def assign_next(work: Work, case: Case, conflicted: Collection[str] = ()) -> Member | None:
    """Offer the case to the next adviser, with a timer; the supervisor when nobody is left.

    Args:
        conflicted: advisers who must not have it.

    Returns:
        Who was asked; None when it lies with the supervisor now.
    """
    asked = [a for a in work.uow.cases.list_assignments(case.id) if a.ended_because != "transferred"]
    excluded = {*conflicted, *list_conflicts(work, case.id), *(a.adviser_id for a in asked)}
    client = work.uow.clients.get(case.client_id) if case.client_id else None
    enterprise = client is not None and client.kind == "enterprise"
    found = choose_adviser(list_candidates(work, case, excluded), enterprise=enterprise)
    # A promise is out: whoever has no account would not see it, and no timer would ring.
    unseen = found is not None and case.promised_at is not None and not is_reachable(work, found[0].id)
    if found is None or unseen or len(asked) >= MOST_ASKED:
        give_to_supervisor(work, case)
        return None
    offer_case(work, case, *found)
    return found[0]


def offer_case(work: Work, case: Case, member: Member, reason: str, actor: str = "falin") -> Assignment:
    """Make an adviser the one who is asked, until the take-over timer rings."""
    minutes = work.library.street.promises.take_over[case.urgency]
    accept_by = calendar_of(work, member).add(work.now, timedelta(minutes=minutes))
    assignment = work.uow.cases.add_assignment(Assignment(0, case.id, member.id, reason, work.now, accept_by))
    case.adviser_id, case.assigned_at, case.accepted_at, case.supervisor_at = member.id, work.now, None, None
    if case.promised_at is None:
        promise_answer(work, case, member)
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "assigned", actor, f"{member.id}:{reason}"))
    if is_reachable(work, member.id):
        work.uow.timers.add(TAKE_OVER, str(assignment.id), accept_by)
    _cancel_appointments(work, case, member)
    send_card(work, case, member)
    return assignment


def _cancel_appointments(work: Work, case: Case, member: Member) -> None:
    """A time that was agreed with another adviser does not bind this one."""
    booked = work.uow.cases.list_appointments(work.now, case_id=case.id)
    if booked and booked[0].adviser_id != member.id:
        work.uow.cases.cancel_appointments(case.id, work.now)
        if case.client_id:
            work.tell(case.client_id, "utter_appointment_cancelled", reference=case.reference)


def promise_answer(work: Work, case: Case, member: Member) -> None:
    """Freeze until when a person will have answered. Nothing is promised when nobody would see the case."""
    if not is_reachable(work, member.id):
        return
    minutes = work.library.street.promises.answer[case.urgency]
    case.promised_at = calendar_of(work, member).add(work.now, timedelta(minutes=minutes))
    work.uow.timers.drop(PROMISE, str(case.id))  # of the time before a case was opened again
    work.uow.timers.add(PROMISE, str(case.id), case.promised_at)


def end_assignment(work: Work, case: Case, because: str) -> Assignment | None:
    """End the present adviser's turn at a case."""
    current = find_current(work, case)
    if current:
        current.ended_at, current.ended_because = work.now, because
        work.uow.cases.save_assignment(current)
        work.uow.timers.cancel(TAKE_OVER, str(current.id), work.now)
    return current


def find_current(work: Work, case: Case) -> Assignment | None:
    """The assignment that has not ended."""
    return next((a for a in work.uow.cases.list_assignments(case.id) if a.ended_at is None), None)


def give_to_supervisor(work: Work, case: Case) -> None:
    """Nobody took it over: the supervisor decides, and is told."""
    case.adviser_id, case.accepted_at, case.supervisor_at = None, None, case.supervisor_at or work.now
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "supervisor", "falin"))
    tell_supervisors(work, case, "utter_supervisor_card")


def list_conflicts(work: Work, case_id: int) -> list[str]:
    """Advisers who declined a case for a conflict, or were found to have one."""
    events = work.uow.case_files.list_events(case_id)
    return [event.detail for event in events if event.kind == "conflict" and event.detail]


def pass_on(work: Work, assignment_id: str) -> None:
    """The take-over timer rang: ask the next adviser, and tell the client."""
    case = _case_of(work, int(assignment_id))
    current = find_current(work, case) if case else None
    if case is None or current is None or current.id != int(assignment_id) or current.accepted_at:
        return
    end_assignment(work, case, "timed_out")
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "timed_out", current.adviser_id))
    reassign(work, case, before=current.adviser_id)


def reassign(work: Work, case: Case, before: str, conflicted: Collection[str] = ()) -> Member | None:
    """The next adviser instead of the one before; the client and the one before are told. The promise stays."""
    street = work.library.street
    member = assign_next(work, case, conflicted)
    tell_member(work, before, case, "utter_case_passed_on")
    if case.client_id:
        promised = say_moment(case.promised_at, work.now) if case.promised_at else ""
        work.tell(
            case.client_id,
            "utter_case_reassigned" if member else "utter_case_at_supervisor",
            reference=case.reference,
            before=street.name_of(before),
            adviser=member.name if member else "",
            promised=promised,
        )
    return member


def _case_of(work: Work, assignment_id: int) -> Case | None:
    """The open case of an assignment, locked; None when it is closed or gone."""
    try:
        case = work.uow.cases.lock(work.uow.cases.get_assignment(assignment_id).case_id)
    except NotFound:
        return None
    return None if case.closed_at else case
