"""The handoff: a case is opened, taken over, declined, transferred (docs/handoff.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.calendar import beijing_day
from bot.domain.cases import NEAR_DEADLINE, Case, CaseEvent, new_reference, normalise_name
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry, continues_session
from bot.domain.matters import UNKNOWN_MATTER
from bot.domain.street import Member
from bot.services.assigning import (
    TAKE_OVER,
    assign_next,
    end_assignment,
    find_current,
    is_reachable,
    list_conflicts,
    offer_case,
    reassign,
)
from bot.services.cards import LIVE_ACTS, case_buttons, post_in_case, tell_member, tell_supervisors
from bot.services.turn import Turn, Work

# Why an adviser may decline: closed list; each has a title in domain.yml, utter_decline_<reason>.
DECLINE_REASONS = ("busy", "not_my_field", "conflict", "away")


@dataclass(frozen=True)
class Intake:
    """What the client said before a case is opened; each part may be left out.

    Args:
        name: how the client wants to be called.  other_party: the other side, for the conflict check.
        deadline: when a period ends, the day in China.
    """

    name: str = ""
    other_party: str = ""
    deadline: date | None = None


def open_case(
    turn: Turn, question: str, matter: str | None, urgency: str = "normal", intake: Intake | None = None
) -> tuple[Case, bool]:
    """Open a case for the turn's client, offer it to an adviser, promise a time, count the escalation.

    A client with an open case keeps it: asking twice must not make two.

    Returns:
        The case, and whether it is new.

    Raises:
        RuleBroken: the client is not registered, so nobody knows whose client it is.
    """
    client, intake = turn.client, intake or Intake()
    if not client.registered or not client.community:
        raise RuleBroken("a case needs a registered client")
    if existing := turn.uow.cases.find_open(client.id):
        return existing, False
    near = intake.deadline is not None and intake.deadline - beijing_day(turn.now) <= NEAR_DEADLINE
    case = turn.uow.cases.add(
        Case(
            id=0,
            reference=new_reference(beijing_day(turn.now)),
            client_id=client.id,
            community=client.community,
            matter=matter or UNKNOWN_MATTER,
            urgency="urgent" if near else urgency,
            question=question,
            opened_at=turn.now,
            deadline=intake.deadline,
        )
    )
    turn.uow.case_files.add_event(CaseEvent(case.id, turn.now, "opened", "client"))
    conflicted = check_conflicts(turn, case, intake)
    assign_next(turn, case, conflicted)
    answers = turn.uow.console.list_answers(client.id)
    still = any(continues_session(at, turn.now) for _, at in answers)
    turn.uow.ledger.add(count_act(turn, case, "escalation", "bot", "after_answer" if still else "opened"))
    return case, True


def check_conflicts(work: Work, case: Case, intake: Intake) -> list[str]:
    """Advisers on the other side's side. Names are kept as keyed hashes only; staff are told that there is a conflict."""
    # A surname alone (“李老板”) is shared by too many to say anything.
    own, other = ([name] if len(normalise_name(name)) > 1 else [] for name in (intake.name, intake.other_party))
    found = work.uow.cases.list_conflicted(own, other)
    for side, names in (("client", own), ("other", other)):
        for name in names:
            work.uow.cases.add_party(case.id, side, name)
    for adviser_id in found:
        work.uow.case_files.add_event(CaseEvent(case.id, work.now, "conflict", "falin", adviser_id))
    if found:
        advisers = "、".join(work.library.street.name_of(adviser_id) for adviser_id in found)
        tell_supervisors(work, case, "utter_supervisor_conflict", advisers=advisers)
    return list(found)


def count_act(work: Work, case: Case, kind: str, served_by: str, outcome: str) -> Entry:
    """The ledger entry of an act of a case: once per case and kind."""
    client = work.uow.clients.get(case.client_id) if case.client_id else None
    return Entry(
        key=f"{kind}:{case.reference}",
        kind=kind,
        matter=case.matter,
        community=case.community,
        subject=(client.kind if client else None) or "unknown",
        channel=client.channel if client else "",
        served_by=served_by,
        outcome=outcome,
        client=client.pseudonym if client else "",
        occurred_at=work.now,
    )


def accept_case(work: Work, case_id: int, member_id: str) -> Case:
    """接手. Two may press at once: the first has it.

    Raises:
        RuleBroken: taken by another, closed, or not this member's to take.
    """
    case, member = require_case(work, case_id, member_id)
    if case.accepted_at:
        raise RuleBroken("taken", code="already_yours" if case.adviser_id == member_id else "taken")
    asked = {a.adviser_id for a in work.uow.cases.list_assignments(case.id) if a.ended_because != "declined"}
    if member_id in list_conflicts(work, case_id):
        raise RuleBroken("conflict of interest", code="conflict")
    if member.role != "supervisor" and member_id not in asked:
        raise RuleBroken("not asked", code="not_yours")
    current = find_current(work, case)
    if current is None or current.adviser_id != member_id:
        end_assignment(work, case, "transferred")
        current = offer_case(work, case, member, "manual:took_over", member_id)
    current.accepted_at = work.now
    work.uow.cases.save_assignment(current)
    work.uow.timers.cancel(TAKE_OVER, str(current.id), work.now)
    case.adviser_id, case.accepted_at, case.supervisor_at, case.bot_since = member_id, work.now, None, None
    case.waits_for = "adviser"
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "accepted", member_id))
    _introduce(work, case, member)
    return case


def _introduce(work: Work, case: Case, member: Member) -> None:
    if case.client_id:
        work.tell(case.client_id, "utter_case_accepted", reference=case.reference, adviser=member.name)
    account = work.uow.members.find_account(member.id)
    if account:
        reply = work.library.wording.say("utter_case_yours", reference=case.reference)
        rows = case_buttons(work, case, LIVE_ACTS)
        post_in_case(work, account, case, reply.with_buttons(*rows))


def require_case(work: Work, case_id: int, member_id: str) -> tuple[Case, Member]:
    """An open case, locked, and the member.

    Raises:
        RuleBroken: closed, or no such member any more.  NotFound: no such case.
    """
    case, member = work.uow.cases.lock(case_id), work.library.street.find_member(member_id)
    if member is None:
        raise RuleBroken("no member", code="not_yours")
    if case.closed_at:
        raise RuleBroken("closed", code="closed")
    return case, member


def require_own(work: Work, case_id: int, member_id: str) -> tuple[Case, Member]:
    """An open case that this member has taken over; raises as require_case."""
    case, member = require_case(work, case_id, member_id)
    if case.adviser_id != member_id or not case.accepted_at:
        raise RuleBroken("not taken over by this member", code="not_yours")
    return case, member


def decline_case(work: Work, case_id: int, member_id: str, reason: str) -> Member | None:
    """婉拒, with a reason of DECLINE_REASONS: the next adviser is asked; who that is, None for the supervisor.

    Raises:
        RuleBroken: not this member's case, or no such reason.
    """
    case, _ = require_case(work, case_id, member_id)
    if case.adviser_id != member_id:
        raise RuleBroken("another's case", code="not_yours")
    if reason not in DECLINE_REASONS:
        raise RuleBroken("unknown reason", code="unknown_reason")
    end_assignment(work, case, "declined")
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "declined", member_id, reason))
    if reason == "conflict":
        work.uow.case_files.add_event(CaseEvent(case.id, work.now, "conflict", member_id, member_id))
        tell_supervisors(work, case, "utter_supervisor_conflict", advisers=work.library.street.name_of(member_id))
    case.accepted_at = None
    return reassign(work, case, before=member_id)


def transfer_case(work: Work, case_id: int, member_id: str, to_member: str, reason: str = "") -> Member:
    """转给同事: the colleague is asked like anyone; until then messages wait in the case.

    Raises:
        RuleBroken: not this member's case, or nobody who may have it.
    """
    case, _ = require_own(work, case_id, member_id)
    return _move(work, case, member_id, to_member, reason, "manual:transferred")


def assign_case(work: Work, case_id: int, supervisor_id: str, to_member: str, reason: str) -> Member:
    """The supervisor decides who has a case, with a reason.

    Raises:
        RuleBroken: not a supervisor, no reason, or nobody who may have it.
    """
    case, supervisor = require_case(work, case_id, supervisor_id)
    if supervisor.role != "supervisor":
        raise RuleBroken("only the supervisor assigns", code="not_yours")
    if not reason.strip():
        raise RuleBroken("a reason is needed", code="reason_needed")
    return _move(work, case, supervisor_id, to_member, reason, "manual:assigned")


def _move(work: Work, case: Case, actor: str, to_member: str, reason: str, kind: str) -> Member:
    target = work.library.street.find_member(to_member)
    if target is None or target.role != "adviser" or to_member == case.adviser_id:
        raise RuleBroken("no such adviser", code="no_such_adviser")
    if to_member in list_conflicts(work, case.id):
        raise RuleBroken("conflict of interest", code="conflict")
    if not is_reachable(work, to_member):
        raise RuleBroken("nobody would see it", code="no_account")
    before = case.adviser_id
    end_assignment(work, case, "transferred")
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "transferred", actor, reason[:500]))
    offer_case(work, case, target, kind, actor)
    if before != actor:
        tell_member(work, before, case, "utter_case_passed_on")
    if case.client_id:
        work.tell(case.client_id, "utter_case_transferred", reference=case.reference, adviser=target.name)
    return target


def remove_member(work: Work, member_id: str, because: str = "removed") -> int:
    """A member leaves: the account is unbound and every open case asks somebody else; how many that were."""
    work.uow.members.remove_account(member_id)
    open_cases = work.uow.cases.list_for_adviser(member_id)
    for known in open_cases:
        case = work.uow.cases.lock(known.id)
        end_assignment(work, case, because)
        case.accepted_at = None
        reassign(work, case, before=member_id)
    return len(open_cases)


def note_undeliverable(work: Work, outbox_id: int, client_id: int) -> None:
    """A message of a case never arrived: the adviser has blocked the bot or lost the account, or the client has."""
    case_id = work.uow.case_files.find_case_of(outbox_id)
    member_id = work.uow.members.find_by_client(client_id)
    if member_id:
        remove_member(work, member_id, "left")
        return
    open_case_of_client = work.uow.cases.find_open(client_id)
    case = work.uow.cases.lock(case_id) if case_id else open_case_of_client
    if case is None or case.closed_at or case.client_id != client_id:
        return
    events = work.uow.case_files.list_events(case.id)
    if events and events[-1].kind == "unreachable":  # several messages fail at once
        return
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "unreachable", "falin"))
    tell_member(work, case.adviser_id, case, "utter_client_unreachable")


def break_promise(work: Work, case_id: str) -> None:
    """The promise timer rang and nobody has answered: said honestly to the client, and to the supervisor."""
    case = work.uow.cases.lock(int(case_id))
    if case.closed_at or case.answered_at:
        return
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "promise_broken", "falin"))
    if case.client_id:
        work.tell(
            case.client_id, "utter_promise_broken", reference=case.reference, phone=work.library.street.phone
        )
    tell_supervisors(work, case, "utter_supervisor_promise")
