"""How a mediation ends: the result, judicial confirmation, and whether the agreement was performed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain.amounts import MOST
from bot.domain.calendar import beijing_day
from bot.domain.disputes import FORMS, PERFORMANCES
from bot.domain.mediation import Mediation, Terms, broken
from bot.domain.periods import at_hour, days_left, is_over, last_day, say_day
from bot.knowledge.holidays import is_workday, knows_year
from bot.services.mediation_news import tell_applicant, tell_mediator, tell_respondent
from bot.services.mediation_record import count, note, open_step
from bot.services.turn import Turn, Work

CONFIRM_WITHIN = 30  # days; 人民调解法 第三十三条, 民事诉讼法 第二百零五条
CONFIRM_REMINDERS = (20, 28)  # days after the agreement took effect
FOLLOW_UP_AFTER = 30  # days after the agreement took effect
HOUR = 10  # o'clock, when falin writes by itself
MOST_PARTIES, MOST_WORDS = 1_000, 5_000
OUTCOMES = {"yes": "performed", "partly": "partly_performed", "no": "not_performed", "unknown": "performance_unknown"}


@dataclass(frozen=True)
class Result:
    """What came out of the sessions.

    Args:
        agreed: whether there is an agreement; without one, only `parties` counts of the rest.
        form: of bot.domain.disputes.FORMS.  amount: agreed, in fen; 0 when it is not about money.
        effective_on: the day in China: of the last signature and the seal, or of an oral agreement; None: today.
        confirmation_wanted: None when they have not made up their minds.
    """

    agreed: bool
    parties: int = 2
    form: str = "written"
    amount: int = 0
    terms: Terms = field(default_factory=Terms)
    effective_on: date | None = None
    confirmation_wanted: bool | None = None


def record_result(work: Work, member_id: str, mediation_id: int, result: Result) -> Mediation:
    """Conclude the mediation: told to both sides, counted once, timers set. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "conclude")
    if not 2 <= result.parties <= MOST_PARTIES:
        raise broken("parties")
    if result.agreed:
        _fill_agreement(work, mediation, result)
    mediation.accepted_at = mediation.accepted_at or work.now
    mediation.concluded_at, mediation.due_at = work.now, None
    mediation.agreed, mediation.parties = result.agreed, result.parties
    work.uow.mediations.save(mediation)
    note(work, mediation, "agreed" if result.agreed else "failed", member_id)
    count(work, mediation, "mediation", "agreed" if result.agreed else "not_agreed", people=result.parties)
    if result.agreed:
        _set_timers(work, mediation)
        _tell_agreement(work, mediation)
    else:
        for tell in (tell_applicant, tell_respondent):
            tell(work, mediation, "utter_mediation_failed")
    return mediation


def _fill_agreement(work: Work, mediation: Mediation, result: Result) -> None:
    day = result.effective_on or beijing_day(work.now)
    if result.form not in FORMS:
        raise broken("form")
    if not 0 <= result.amount <= MOST:
        raise broken("amount")
    if not 0 < len(result.terms.terms) <= MOST_WORDS or len(result.terms.performance) > MOST_WORDS:
        raise broken("terms")
    if not beijing_day(mediation.applied_at) <= day <= beijing_day(work.now):
        raise broken("effective_on")
    mediation.form, mediation.amount, mediation.agreement = result.form, result.amount, result.terms
    mediation.effective_on, mediation.confirmation_wanted = day, result.confirmation_wanted
    mediation.followup_at = work.library.calendar.next_opening(at_hour(day + timedelta(FOLLOW_UP_AFTER), HOUR))


def confirmation_deadline(effective_on: date) -> date:
    """The last day of the joint application for judicial confirmation.

    It moves off a holiday (民法典 第二百零三条, 民事诉讼法 第八十五条) only in a year whose holidays and make-up workdays
    are known: a day too early does no harm, a day too late would.
    """
    plain = last_day(effective_on, days=CONFIRM_WITHIN)
    moved = last_day(effective_on, days=CONFIRM_WITHIN, is_workday=is_workday)
    return moved if knows_year(plain.year) and knows_year(moved.year) else plain


def _set_timers(work: Work, mediation: Mediation) -> None:
    assert mediation.effective_on
    assert mediation.followup_at
    for days in CONFIRM_REMINDERS:
        due = at_hour(mediation.effective_on + timedelta(days), HOUR)
        if due > work.now:
            work.uow.timers.add("mediation_confirm", f"{mediation.id}:{days}", due)
    work.uow.timers.add("mediation_followup", str(mediation.id), mediation.followup_at)


def _tell_agreement(work: Work, mediation: Mediation) -> None:
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, f"utter_mediation_agreed_{mediation.form}")
        explain_confirmation(work, mediation, tell)


def explain_confirmation(work: Work, mediation: Mediation, tell: Callable[..., None]) -> None:
    """What judicial confirmation is, where and until when; nothing once the time is over or nobody wants it."""
    assert mediation.effective_on
    last = confirmation_deadline(mediation.effective_on)
    if is_over(last, work.now) or mediation.confirmation_wanted is False:
        return
    # Whoever was sent by a court applies there, all others where a party lives, the thing lies or the committee sits
    # (民事诉讼法 第二百零五条).
    name = "utter_mediation_confirmation_court" if mediation.source == "court" else "utter_mediation_confirmation"
    tell(
        work, mediation, name, "wish", "no_wish", last_day=say_day(last, work.now), left=days_left(last, work.now)
    )  # fmt: skip


def choose_confirmation(turn: Turn, mediation_id: int, wanted: bool) -> Mediation:
    """One side says whether they want judicial confirmation; it needs both. Raises NotFound, RuleBroken."""
    mediation = turn.uow.mediations.lock(mediation_id)
    if turn.client.id not in (mediation.client_id, mediation.respondent_client_id):
        raise broken("not_yours")
    mediation.require("confirm")
    mediation.confirmation_wanted = wanted
    turn.uow.mediations.save(mediation)
    actor = "client" if turn.client.id == mediation.client_id else "respondent"
    note(turn, mediation, "confirmation", actor, "yes" if wanted else "no")
    tell = tell_applicant if actor == "client" else tell_respondent
    if not wanted:
        tell(turn, mediation, "utter_mediation_no_confirmation")
        return mediation
    assert mediation.effective_on
    last = say_day(confirmation_deadline(mediation.effective_on), turn.now)
    tell(turn, mediation, "utter_mediation_confirmation_noted", last_day=last)
    tell_mediator(turn, mediation, "utter_mediation_confirmation_card", last_day=last)
    return mediation


def record_confirmation(work: Work, member_id: str, mediation_id: int, wanted: bool) -> Mediation:
    """Both sides have told a member whether they want judicial confirmation. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "confirm")
    mediation.confirmation_wanted = wanted
    work.uow.mediations.save(mediation)
    note(work, mediation, "confirmation", member_id, "yes" if wanted else "no")
    assert mediation.effective_on
    last = say_day(confirmation_deadline(mediation.effective_on), work.now)
    name = "utter_mediation_confirmation_noted" if wanted else "utter_mediation_no_confirmation"
    for tell in (tell_applicant, tell_respondent):
        tell(work, mediation, name, last_day=last)
    return mediation


def record_followup(work: Work, member_id: str, mediation_id: int, performed: str) -> Mediation:
    """A member has asked whether the agreement was performed. Raises NotFound, RuleBroken."""
    mediation = open_step(work, member_id, mediation_id, "follow_up")
    return _follow_up(work, mediation, member_id, performed)


def answer_followup(turn: Turn, mediation_id: int, performed: str) -> Mediation:
    """The applicant answers by button whether it was performed. Raises NotFound, RuleBroken."""
    mediation = turn.uow.mediations.lock(mediation_id)
    if mediation.client_id != turn.client.id:
        raise broken("not_yours")
    mediation.require("follow_up")
    _follow_up(turn, mediation, "client", performed)
    tell_applicant(turn, mediation, f"utter_mediation_followed_up_{performed}")
    if performed != "yes":
        tell_mediator(turn, mediation, "utter_mediation_not_performed_card")
    return mediation


def _follow_up(work: Work, mediation: Mediation, actor: str, performed: str) -> Mediation:
    if performed not in PERFORMANCES:
        raise broken("performed")
    mediation.performed, mediation.followed_up_at = performed, work.now
    work.uow.mediations.save(mediation)
    note(work, mediation, "followed_up", actor, performed)
    served_by = "bot" if actor == "client" else ""
    count(work, mediation, "mediation_followup", OUTCOMES[performed], served_by=served_by)
    return mediation
