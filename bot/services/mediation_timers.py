"""What falin does by itself in a mediation: overdue steps, reminders of sessions, confirmation and follow-up."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.mediation import Mediation
from bot.domain.periods import days_left, is_over, say_day
from bot.services.mediation_news import compose, tell_applicant, tell_mediator, tell_office, tell_respondent
from bot.services.mediation_record import due_subject, note, promise
from bot.services.mediation_results import confirmation_deadline
from bot.services.turn import Work

GRACE = 2  # workdays: the new promise after a broken one


def report_overdue(work: Work, subject: str) -> None:
    """A promised step was not taken: mediator, office and applicant are told, and a new day is set."""
    mediation = _find(work, subject)
    if not mediation.open or not mediation.due_at or due_subject(mediation) != subject:
        return
    promise(work, mediation, GRACE)
    work.uow.mediations.save(mediation)
    note(work, mediation, "overdue", "falin")
    account = work.uow.members.find_account(mediation.mediator_id)
    if account:
        tell_mediator(work, mediation, "utter_mediation_overdue_card")
    tell_office(work, compose(work, mediation, "utter_mediation_overdue_office"))
    tell_applicant(work, mediation, "utter_mediation_overdue")


def remind_of_session(work: Work, subject: str) -> None:
    """A day, or two hours, before the session; not when it was moved or ended."""
    mediation = _find(work, subject)
    if mediation.state != "scheduled" or not mediation.session_at:
        return
    if subject != f"{mediation.id}:{mediation.session_at.timestamp():.0f}" or mediation.session_at <= work.now:
        return
    note(work, mediation, "reminded", "falin")
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_reminder")
    # Whoever has no account is reminded by the mediator's call.
    tell_mediator(work, mediation, "utter_mediation_reminder_card")


def remind_of_confirmation(work: Work, subject: str) -> None:
    """Judicial confirmation is still possible for some days."""
    mediation = _find(work, subject)
    if mediation.state != "agreed" or mediation.effective_on is None or mediation.confirmation_wanted is False:
        return
    last = confirmation_deadline(mediation.effective_on)
    if is_over(last, work.now):
        return
    values = {"last_day": say_day(last, work.now), "left": days_left(last, work.now)}
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_confirmation_reminder", "no_wish", **values)
    if not mediation.client_id or not mediation.respondent_client_id:
        tell_mediator(work, mediation, "utter_mediation_confirmation_call", **values)


def ask_performance(work: Work, subject: str) -> None:
    """Thirty days after: was it performed? Whoever has no account is called by the mediator."""
    mediation = _find(work, subject)
    if mediation.state != "agreed" or mediation.followed_up_at:
        return
    if mediation.client_id:
        tell_applicant(work, mediation, "utter_mediation_followup", "yes", "partly", "no")
    else:
        tell_mediator(work, mediation, "utter_mediation_followup_call")


def _find(work: Work, subject: str) -> Mediation:
    return work.uow.mediations.lock(int(subject.partition(":")[0]))


JOBS: dict[str, Callable[[Work, str], None]] = {
    "mediation_due": report_overdue,
    "mediation_day_before": remind_of_session,
    "mediation_hours_before": remind_of_session,
    "mediation_confirm": remind_of_confirmation,
    "mediation_followup": ask_performance,
}
