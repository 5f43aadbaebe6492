"""Papers of a mediation: the agreement, before and after it is signed, and the application for its confirmation."""

from __future__ import annotations

from dataclasses import replace

from bot.documents.mediation_agreement import render_agreement, render_confirmation
from bot.domain.errors import NotFound
from bot.domain.mediation import Mediation, Terms, broken
from bot.services.turn import Work


def make_agreement(work: Work, mediation: Mediation) -> bytes:
    """The written agreement as .docx. Raises NotFound: there is none."""
    if mediation.state != "agreed" or mediation.form != "written":
        raise NotFound("no written agreement")
    return _render(work, mediation)


def draft_agreement(work: Work, mediation: Mediation, terms: Terms, amount: int) -> bytes:
    """The agreement as .docx to be signed: it is recorded once it is. Raises RuleBroken: nothing to sign now.

    Args:
        amount: in fen; 0 when it is not about money.
    """
    mediation.require("conclude")
    if not terms.terms:
        raise broken("terms")
    return _render(work, replace(mediation, agreement=terms, amount=amount, effective_on=None))


def make_confirmation(work: Work, mediation: Mediation) -> bytes:
    """The joint application for judicial confirmation as .docx. Raises NotFound: there is no agreement."""
    if mediation.state != "agreed":
        raise NotFound("no agreement")
    return render_confirmation(mediation, work.library.street.committee)


def _render(work: Work, mediation: Mediation) -> bytes:
    street = work.library.street
    mediator = street.name_of(mediation.mediator_id) if mediation.mediator_id else ""
    return render_agreement(mediation, street.committee, mediator)
