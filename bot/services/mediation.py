"""People's mediation begins: by an application in the chat, or by a dispute that staff enter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.amounts import MOST
from bot.domain.calendar import beijing_day
from bot.domain.cases import new_reference
from bot.domain.disputes import DISPUTES, SOURCES
from bot.domain.mediation import Content, Mediation, broken
from bot.domain.mediators import choose_mediator
from bot.domain.street import Member
from bot.services.mediation_news import is_seen, send_card, tell_applicant
from bot.services.mediation_record import count, note, open_step, promise
from bot.services.turn import Turn, Work

CONTACT_WITHIN = 3  # workdays: the mediator has spoken with the other side
MOST_OPEN = 3  # applications that one client can have at a time
NAME, WORDS = 40, 2_000  # characters
ENTERING = ("staff", "supervisor", "mediator")


@dataclass(frozen=True)
class Referral:
    """The short form for a dispute that comes from the police, a court, an adviser or a visitor.

    Args:
        source: of bot.domain.disputes.SOURCES except "self".  community, kind: ids.
        consented: both sides have said yes already.  mediator_id: None lets falin choose.
        client_id: the applicant's account, when it is a client of falin; 0 otherwise.
    """

    source: str
    community: str
    kind: str
    content: Content
    consented: bool = False
    mediator_id: str | None = None
    client_id: int = 0


def apply_for_mediation(turn: Turn, kind: str, content: Content) -> Mediation:
    """The turn's client applies: a mediator is chosen and told, the application counted.

    Raises:
        RuleBroken: with a code of bot.domain.mediation.RULES.
    """
    client = turn.client
    if not client.registered or not client.community:
        raise broken("not_registered")
    if sum(m.open for m in turn.uow.mediations.list_for_client(client.id)) >= MOST_OPEN:
        raise broken("too_many")
    mediation = _begin(turn, Referral("self", client.community, kind, content, client_id=client.id), "client")
    seen = is_seen(turn, mediation)
    name = "utter_mediation_applied" if seen else "utter_mediation_applied_unseen"
    tell_applicant(turn, mediation, name, "invite")
    return mediation


def refer_dispute(work: Work, member_id: str, form: Referral) -> Mediation:
    """A member enters a dispute; the parties may have no account.

    Raises:
        RuleBroken: with a code of bot.domain.mediation.RULES.
    """
    member = work.library.street.find_member(member_id)
    if member is None or member.role not in (*ENTERING, *(("adviser",) if form.source == "adviser" else ())):
        raise broken("not_yours")
    if form.source == "self":
        raise broken("unknown_source")
    mediation = _begin(work, form, member_id)
    tell_applicant(work, mediation, "utter_mediation_referred")
    return mediation


def _begin(work: Work, form: Referral, actor: str) -> Mediation:
    found = work.library.street.find_community(form.community)
    if found is None:
        raise broken("unknown_community")
    check_content(form.kind, form.source, form.content)
    mediator = _mediator(work, form.mediator_id, found.id, form.source)
    mediation = work.uow.mediations.add(
        Mediation(
            id=0, reference=new_reference(beijing_day(work.now), "M"), client_id=form.client_id, community=found.id,
            kind=form.kind, source=form.source, applied_at=work.now, content=form.content,
            respondent_consented_at=work.now if form.consented else None,
            mediator_id=mediator.id if mediator else None, assigned_at=work.now if mediator else None,
        )
    )  # fmt: skip
    promise(work, mediation, CONTACT_WITHIN)
    work.uow.mediations.save(mediation)
    note(work, mediation, "applied" if actor == "client" else "referred", actor)
    served_by = "bot" if actor == "client" else f"member:{actor}"
    count(work, mediation, "mediation_application", "applied", served_by=served_by)
    send_card(work, mediation)
    return mediation


def check_content(kind: str, source: str, content: Content) -> None:
    """Raises RuleBroken for what no mediator could work with."""
    if kind not in DISPUTES:
        raise broken("unknown_kind")
    if source not in SOURCES:
        raise broken("unknown_source")
    if not 0 < len(content.applicant.name) <= NAME or len(content.respondent.name) > NAME:
        raise broken("name")
    if source == "self" and not content.applicant.phone:
        raise broken("phone")
    if not 0 < len(content.facts) <= WORDS:
        raise broken("facts")
    if len(content.claim) > WORDS or (source == "self" and not content.claim):
        raise broken("claim")
    if content.amount is not None and not 0 <= content.amount <= MOST:
        raise broken("amount")


def _mediator(work: Work, wanted: str | None, community: str, source: str) -> Member | None:
    mediators = work.library.street.list_members("mediator")
    if wanted is not None:
        if named := next((m for m in mediators if m.id == wanted), None):
            return named
        raise broken("unknown_mediator")
    load = work.uow.mediations.count_open_by_mediator()
    return choose_mediator(mediators, community, source, load, work.roster, beijing_day(work.now))


def correct_content(work: Work, member_id: str, mediation_id: int, content: Content) -> Mediation:
    """Put right what was told, e.g. a telephone number that the mediator found out; the evidence stays.

    Raises:
        NotFound, RuleBroken: see open_step and check_content.
    """
    mediation = open_step(work, member_id, mediation_id, "correct")
    check_content(mediation.kind, mediation.source, content)
    mediation.content = replace(content, evidence=mediation.content.evidence)
    work.uow.mediations.save(mediation)
    note(work, mediation, "corrected", member_id)
    return mediation
