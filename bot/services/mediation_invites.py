"""The link for the other side: falin writes to no strangers, so the applicant or the mediator passes it on."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from bot.domain.mediation import Mediation, broken
from bot.services.mediation_news import tell_respondent
from bot.services.mediation_record import note, open_step
from bot.services.turn import Turn, Work

VALID = timedelta(days=14)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite_respondent(work: Work, member_id: str, mediation_id: int) -> str:
    """A one-time token that a member passes on as /start mediation_<token>. Raises NotFound, RuleBroken."""
    return _invite(work, open_step(work, member_id, mediation_id, "invite"), member_id)


def invite_as_applicant(turn: Turn, mediation_id: int) -> str:
    """A one-time token that the applicant passes on; an earlier one is void. Raises NotFound, RuleBroken."""
    mediation = turn.uow.mediations.lock(mediation_id)
    if mediation.client_id != turn.client.id:
        raise broken("not_yours")
    mediation.require("invite")
    return _invite(turn, mediation, "client")


def _invite(work: Work, mediation: Mediation, actor: str) -> str:
    token = secrets.token_urlsafe(24)
    mediation.token_hash, mediation.token_expires_at = _token_hash(token), work.now + VALID
    work.uow.mediations.save(mediation)
    note(work, mediation, "invited", actor)
    return token


def open_invite(turn: Turn, token: str) -> Mediation:
    """The turn's client is the other side, and is asked for consent.

    Raises:
        RuleBroken: the link is unknown, used or expired; or the applicant opened it.
    """
    found = turn.uow.mediations.find_by_token(_token_hash(token)) if token else None
    mediation = turn.uow.mediations.lock(found.id) if found else None
    if mediation is None or mediation.token_hash is None:
        raise broken("link")
    if mediation.token_expires_at is None or mediation.token_expires_at <= turn.now or not mediation.open:
        raise broken("link")
    if mediation.client_id == turn.client.id:
        raise broken("same_person")
    mediation.respondent_client_id, mediation.token_hash = turn.client.id, None
    turn.uow.mediations.save(mediation)
    if mediation.state in ("applied", "asking"):
        tell_respondent(turn, mediation, "utter_mediation_invited", "consent", "decline")
    else:
        tell_respondent(turn, mediation, "utter_mediation_joined")
    return mediation
