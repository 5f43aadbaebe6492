"""The steps of a mediation up to the session: asking the other side, acceptance, mediator, date; and its early ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.disputes import REFUSALS
from bot.domain.mediation import Mediation, broken
from bot.services.mediation import CONTACT_WITHIN
from bot.services.mediation_news import send_card, tell_applicant, tell_mediator, tell_respondent
from bot.services.mediation_record import count, note, open_step, promise
from bot.services.turn import Turn, Work

DATE_WITHIN = 5  # workdays: a date for the session
RESULT_WITHIN = 1  # workdays after the session: the result is recorded
FARTHEST = timedelta(days=180)
REMIND_BEFORE = {"mediation_day_before": timedelta(days=1), "mediation_hours_before": timedelta(hours=2)}


def ask_respondent(work: Work, member_id: str, mediation_id: int) -> Mediation:
    """The mediator has asked the other side and waits for an answer. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "ask")
    mediation.consent_asked_at = mediation.consent_asked_at or work.now
    promise(work, mediation, CONTACT_WITHIN)
    work.uow.mediations.save(mediation)
    note(work, mediation, "asked", member_id)
    tell_applicant(work, mediation, "utter_mediation_asked")
    return mediation


def record_consent(work: Work, member_id: str, mediation_id: int, agrees: bool) -> Mediation:
    """The other side has told the mediator yes or no. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "consent" if agrees else "decline")
    return _settle_consent(work, mediation, member_id, agrees)


def give_consent(turn: Turn, mediation_id: int, agrees: bool) -> Mediation:
    """The turn's client, who opened the link for the other side, says yes or no. Raises NotFound, RuleBroken."""
    mediation = turn.uow.mediations.lock(mediation_id)
    if mediation.respondent_client_id != turn.client.id:
        raise broken("not_yours")
    mediation.require("consent" if agrees else "decline")
    _settle_consent(turn, mediation, "respondent", agrees)
    tell_mediator(turn, mediation, "utter_mediation_answer_yes" if agrees else "utter_mediation_answer_no")
    tell_respondent(turn, mediation, "utter_mediation_thanks_yes" if agrees else "utter_mediation_thanks_no")
    return mediation


def _settle_consent(work: Work, mediation: Mediation, actor: str, agrees: bool) -> Mediation:
    if agrees:
        mediation.respondent_consented_at = work.now
        promise(work, mediation, DATE_WITHIN)
    else:
        mediation.respondent_refused_at, mediation.due_at = work.now, None
    work.uow.mediations.save(mediation)
    note(work, mediation, "consented" if agrees else "declined", actor)
    if agrees:
        tell_applicant(work, mediation, "utter_mediation_consented")
    else:
        count(work, mediation, "mediation", "declined", people=mediation.parties)
        tell_applicant(work, mediation, "utter_mediation_declined")
    return mediation


def accept_mediation(work: Work, member_id: str, mediation_id: int) -> Mediation:
    """The committee takes the dispute on; both sides want it. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "accept")
    mediation.accepted_at = work.now
    promise(work, mediation, DATE_WITHIN)
    work.uow.mediations.save(mediation)
    note(work, mediation, "accepted", member_id)
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_accepted")
    return mediation


def refuse_mediation(work: Work, member_id: str, mediation_id: int, reason: str) -> Mediation:
    """The committee does not take it on, or ends it. Args: reason: of REFUSALS. Raises NotFound, RuleBroken."""
    if reason not in REFUSALS:
        raise broken("unknown_reason")
    mediation = open_step(work, member_id, mediation_id, "refuse")
    mediation.refused_at, mediation.refusal, mediation.due_at = work.now, reason, None
    work.uow.mediations.save(mediation)
    note(work, mediation, "refused", member_id, reason)
    count(work, mediation, "mediation", "refused", people=mediation.parties)
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_refused")
    return mediation


def assign_mediator(work: Work, member_id: str, mediation_id: int, mediator_id: str) -> Mediation:
    """Staff give it to a mediator, or a mediator takes one that nobody has. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "assign")
    street = work.library.street
    mediator, member = street.find_member(mediator_id), street.find_member(member_id)
    if mediator is None or mediator.role != "mediator":
        raise broken("unknown_mediator")
    if member is None or (member.role == "mediator" and member.id != mediator.id):
        raise broken("not_yours")
    mediation.mediator_id, mediation.assigned_at = mediator.id, work.now
    work.uow.mediations.save(mediation)
    note(work, mediation, "assigned", member_id, mediator.id)
    send_card(work, mediation)
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_assigned")
    return mediation


def schedule_session(
    work: Work, member_id: str, mediation_id: int, at: datetime, place: str = "", *, even_if_closed: bool = False
) -> Mediation:
    """Set or move the session; both sides are told, and reminded a day and two hours before.

    Args:
        at: aware.  place: the mediator's room when empty.
        even_if_closed: both sides want it outside the office's hours.

    Raises:
        NotFound, RuleBroken: see open_step; or the moment is past, too far away or outside the hours.
    """
    mediation = open_step(work, member_id, mediation_id, "schedule")
    if at <= work.now:
        raise broken("past")
    if at > work.now + FARTHEST:
        raise broken("too_far")
    if not even_if_closed and not work.library.calendar.is_open(at):
        raise broken("closed_then")
    mediation.accepted_at = mediation.accepted_at or work.now
    mediation.session_at, mediation.session_place = at, place.strip()[:200]
    promise(work, mediation, RESULT_WITHIN, since=at)
    work.uow.mediations.save(mediation)
    for kind, before in REMIND_BEFORE.items():
        if at - before > work.now:
            work.uow.timers.add(kind, f"{mediation.id}:{at.timestamp():.0f}", at - before)
    note(work, mediation, "scheduled", member_id)
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, "utter_mediation_scheduled")
    return mediation


def withdraw_mediation(turn: Turn, mediation_id: int) -> Mediation:
    """The turn's client takes the application back. Raises NotFound, RuleBroken."""
    mediation = turn.uow.mediations.lock(mediation_id)
    if mediation.client_id != turn.client.id:
        raise broken("not_yours")
    mediation.require("withdraw")
    return _withdraw(turn, mediation, "client")


def withdraw_for_applicant(work: Work, member_id: str, mediation_id: int) -> Mediation:
    """A member records that the applicant has taken it back. Raises NotFound, RuleBroken."""
    return _withdraw(work, open_step(work, member_id, mediation_id, "withdraw"), member_id)


def withdraw_all(turn: Turn) -> None:
    """Whatever the turn's client applied for ends: the client wants to be forgotten."""
    for mediation in turn.uow.mediations.list_for_client(turn.client.id):
        if mediation.open:
            _withdraw(turn, mediation, "client", quietly=True)


def _withdraw(work: Work, mediation: Mediation, actor: str, *, quietly: bool = False) -> Mediation:
    mediation.withdrawn_at, mediation.due_at = work.now, None
    work.uow.mediations.save(mediation)
    note(work, mediation, "withdrawn", actor)
    count(work, mediation, "mediation", "withdrawn", people=mediation.parties)
    tell_mediator(work, mediation, "utter_mediation_withdrawn_card")
    tell_respondent(work, mediation, "utter_mediation_withdrawn")
    if not quietly:
        tell_applicant(work, mediation, "utter_mediation_withdrawn")
    return mediation
