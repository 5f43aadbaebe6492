"""Working on a case: ask for papers, refer, back to the bot, close, rate, reopen, withdraw, make an appointment."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.cases import BOT_GRADES, Case, CaseEvent
from bot.domain.errors import RuleBroken
from bot.domain.messages import Button
from bot.domain.work_calendar import say_moment
from bot.services.assigning import PROMISE, assign_next, calendar_of, end_assignment, find_current
from bot.services.cards import tell_member
from bot.services.handoff import count_act, require_own
from bot.services.relay import say_to_client
from bot.services.turn import Work

SLOT = timedelta(minutes=30)
OFFERED_SLOTS = 3
APPOINTMENT = "appointment"
REMINDER = timedelta(hours=1)
# Outcomes after which the client is shown the button of what comes next.
OFFERS = {"to_mediation": "utter_mediation_offered", "to_legal_aid": "utter_aid_offered"}
REFERRALS = {"mediation": "to_mediation", "legal_aid": "to_legal_aid", "authority": "to_authority", "court": "to_court"}



def ask_documents(work: Work, case_id: int, member_id: str, text: str) -> None:
    """Ask the client for papers; the client's turn then. Raises as say_to_client."""
    if not text.strip():
        raise RuleBroken("nothing said", code="nothing_said")
    said = work.library.wording.text("utter_documents_wanted", text=text.strip())
    say_to_client(work, case_id, member_id, said)
    work.uow.case_files.add_event(CaseEvent(case_id, work.now, "documents_asked", member_id))


def refer_case(work: Work, case_id: int, member_id: str, route: str) -> Case:
    """Close a case by handing it on. Args: route: one of REFERRALS. Raises as close_case."""
    if route not in REFERRALS:
        raise RuleBroken("unknown route", code="unknown_reason")
    require_own(work, case_id, member_id)
    work.uow.case_files.add_event(CaseEvent(case_id, work.now, "referred", member_id, route))
    return close_case(work, case_id, member_id, REFERRALS[route])


def return_to_bot(work: Work, case_id: int, actor: str) -> Case:
    """The client talks to the bot again while the case stays open; either side may want that."""
    case = work.uow.cases.lock(case_id)
    if case.closed_at:
        raise RuleBroken("closed", code="closed")
    if actor != "client":
        require_own(work, case_id, actor)
    case.bot_since = work.now
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "to_bot", actor))
    if actor == "client":
        tell_member(work, case.adviser_id, case, "utter_client_asks_bot")
    elif case.client_id:
        work.tell(case.client_id, "utter_case_to_bot", reference=case.reference)
    return case


def return_to_adviser(work: Work, case_id: int) -> Case:
    """The client's words go to the adviser again."""
    case = work.uow.cases.lock(case_id)
    if case.closed_at:
        raise RuleBroken("closed", code="closed")
    case.bot_since = None
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "from_bot", "client"))
    tell_member(work, case.adviser_id, case, "utter_client_is_back")
    return case


def close_case(work: Work, case_id: int, member_id: str, outcome: str) -> Case:
    """Close with an outcome code; the client is told what comes next and asked for a rating.

    Raises:
        RuleBroken: not this member's case, or no code an adviser may choose.
    """
    case, member = require_own(work, case_id, member_id)
    code = work.library.outcomes.get(outcome)
    if code is None or not code.offered:
        raise RuleBroken("unknown outcome", code="unknown_reason")
    _end(work, case, outcome, member_id)
    work.uow.ledger.add(count_act(work, case, "adviser_consultation", f"adviser:{member_id}", outcome))
    if case.client_id:
        reply = work.library.wording.say(
            "utter_case_closed", reference=case.reference, adviser=member.name, outcome=code.title, next=code.next
        )
        work.uow.outbox.add(case.client_id, reply.with_buttons(*_rating_buttons(work, case)), work.now)
        if offer := OFFERS.get(outcome):
            work.tell(case.client_id, offer, reference=case.reference)
    return case


def grade_bot(work: Work, case_id: int, member_id: str, grade: str) -> Case:
    """Say how good the bot's earlier answers were, while the case is open or later; the year's report states it.

    Args: grade: one of BOT_GRADES.

    Raises:
        NotFound: no such case.
        RuleBroken: not this member's case, or no such grade.
    """
    case = work.uow.cases.lock(case_id)
    if case.adviser_id != member_id or not case.accepted_at:
        raise RuleBroken("not taken over by this member", code="not_yours")
    if grade not in BOT_GRADES:
        raise RuleBroken("unknown grade", code="unknown_reason")
    case.bot_grade = grade
    work.uow.cases.save(case)
    return case


def _rating_buttons(work: Work, case: Case) -> tuple[tuple[Button, ...], ...]:
    stars = tuple(Button(f"{n}分", f"case:rate:{case.id}:{n}") for n in range(5, 0, -1))
    again = Button(work.library.wording.text("utter_act_reopen"), f"case:reopen:{case.id}")
    return (stars[:3], stars[3:], (again,))


def _end(work: Work, case: Case, outcome: str, actor: str) -> None:
    current = find_current(work, case)
    if current:
        end_assignment(work, case, "closed")
    work.uow.timers.cancel(PROMISE, str(case.id), work.now)
    work.uow.cases.cancel_appointments(case.id, work.now)
    case.closed_at, case.outcome, case.bot_since = work.now, outcome, None
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "closed", actor, outcome))


def withdraw_case(work: Work, case_id: int, outcome: str = "withdrawn") -> Case:
    """The client takes the case back; whoever has it is told. Args: outcome: "erased" when the client is forgotten."""
    case = work.uow.cases.lock(case_id)
    if case.closed_at:
        raise RuleBroken("closed", code="closed")
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "withdrawn", "client"))
    tell_member(work, case.adviser_id, case, "utter_case_withdrawn_adviser")
    if case.answered_at:  # a person has helped all the same
        served_by = f"adviser:{case.adviser_id}"
        work.uow.ledger.add(count_act(work, case, "adviser_consultation", served_by, "withdrawn"))
    _end(work, case, outcome, "client")
    return case


def reopen_case(work: Work, case_id: int) -> Case:
    """A closed case goes on: first with the adviser who had it, else with the next one.

    Raises:
        RuleBroken: too late, or another case of the client is open.
    """
    case = work.uow.cases.lock(case_id)
    if not case.may_reopen(work.now) or not case.client_id:
        raise RuleBroken("too late", code="too_late")
    if work.uow.cases.find_open(case.client_id):
        raise RuleBroken("another case is open", code="another_open")
    case.closed_at, case.outcome, case.accepted_at, case.answered_at = None, None, None, None
    case.supervisor_at, case.promised_at, case.waits_for = None, None, "adviser"
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "reopened", "client"))
    earlier = work.uow.cases.list_assignments(case.id)
    for assignment in earlier:  # everybody may be asked again
        if assignment.ended_because != "declined":
            assignment.ended_because = "transferred"
            work.uow.cases.save_assignment(assignment)
    assign_next(work, case)
    return case


def rate_case(work: Work, case_id: int, client_id: int, rating: int) -> Case:
    """The client's rating, 1 to 5; a later one replaces it.

    Raises:
        RuleBroken: no such rating, not this client's case, or still open.
    """
    case = work.uow.cases.lock(case_id)
    if case.client_id != client_id or case.closed_at is None or not 1 <= rating <= 5:
        raise RuleBroken("cannot be rated", code="cannot_rate")
    case.rating, case.rated_at = rating, work.now
    work.uow.cases.save(case)
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "rated", "client", str(rating)))
    return case


def comment_case(work: Work, case_id: int, text: str) -> None:
    """A sentence beside the rating."""
    work.uow.case_files.add_event(CaseEvent(case_id, work.now, "rated", "client", text[:1_000]))


def list_slots(work: Work, case: Case) -> list[datetime]:
    """The next free times of whoever has the case."""
    member = work.library.street.find_member(case.adviser_id)
    taken = {a.at for a in work.uow.cases.list_appointments(work.now, adviser_id=case.adviser_id or "")}
    free = calendar_of(work, member).list_slots(work.now + REMINDER, SLOT, OFFERED_SLOTS + len(taken))
    return [slot for slot in free if slot not in taken][:OFFERED_SLOTS]


def book_slot(work: Work, case_id: int, at: datetime) -> datetime | None:
    """Make an appointment with whoever has the case; None when the time is taken or no longer possible.

    Both are reminded an hour before; counted once a case.
    """
    case = work.uow.cases.lock(case_id)
    if case.closed_at or not case.adviser_id or at not in list_slots(work, case):
        return None
    work.uow.cases.cancel_appointments(case.id, work.now)
    if not work.uow.cases.book(case.id, case.adviser_id, at):
        return None
    work.uow.timers.add(APPOINTMENT, f"{case.id}:{int(at.timestamp())}", max(at - REMINDER, work.now))
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "booked", "client", at.isoformat()))
    work.uow.ledger.add(count_act(work, case, "appointment", "bot", "opened"))
    tell_member(work, case.adviser_id, case, "utter_appointment_adviser", when=say_moment(at, work.now))
    return at


def remind_of_appointment(work: Work, subject: str) -> None:
    """The reminder's timer rang: both sides are told, unless it was cancelled or moved."""
    case_id, _, stamp = subject.partition(":")
    case = work.uow.cases.get(int(case_id))
    found = [a for a in work.uow.cases.list_appointments(work.now, case_id=case.id) if int(a.at.timestamp()) == int(stamp)]
    if case.closed_at or not found:
        return
    when, street = say_moment(found[0].at, work.now), work.library.street
    if case.client_id:
        work.tell(
            case.client_id,
            "utter_appointment_reminder",
            reference=case.reference,
            when=when,
            adviser=street.name_of(case.adviser_id),
            phone=street.phone_of(case.adviser_id),
        )
    tell_member(work, case.adviser_id, case, "utter_appointment_adviser", when=when)


