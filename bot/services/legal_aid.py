"""Legal aid, the applicant's side: pre-check, application, papers, withdrawal, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.aid_applications import MAX_PHOTOS, AidApplication, PaperPhoto, hide_id_numbers
from bot.domain.calendar import beijing_day
from bot.domain.cases import new_reference
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry
from bot.domain.legal_aid import AidAnswers, Paper, Precheck, precheck
from bot.domain.matters import UNKNOWN_MATTER
from bot.domain.messages import Attachment
from bot.services.aid_office import aid_matter_title, note_aid, notify_office, say_day, say_promise
from bot.services.consultations import continue_session
from bot.services.turn import Turn, Work

KIND = "legal_aid"


@dataclass(frozen=True)
class Applicant:
    """What an applicant writes. Args: other_party: "" when there is none or it is not known."""

    name: str
    phone: str
    facts: str
    other_party: str = ""


def precheck_aid(turn: Turn, answers: AidAnswers) -> Precheck:
    """Say what the answers mean; counted once per client, matter and session."""
    session = continue_session(turn)
    matter = legal_matter_of(turn, answers.matter)
    key = f"legal_aid:prechecked:{turn.client.pseudonym}:{session}:{answers.matter}"
    count_aid(turn, key, matter, "prechecked")
    return precheck(answers, turn.library.legal_aid)


def apply_for_aid(
    turn: Turn, answers: AidAnswers, applicant: Applicant, photos: Sequence[PaperPhoto] = ()
) -> tuple[AidApplication, bool]:
    """Store the application, tell the office, count it.

    Somebody who has an open application for the same matter keeps it: pressing twice must not make two.

    Returns:
        The application, and whether it is new.

    Raises:
        RuleBroken: not registered, or name, phone or facts are missing.
    """
    client = turn.client
    if not client.registered or not client.community:
        raise RuleBroken("an application needs a registered client")
    if not (applicant.name and applicant.phone and applicant.facts):
        raise RuleBroken("an application needs a name, a phone number and the facts")
    for known in turn.uow.aid_applications.list_for_client(client.id):
        if known.open and known.matter == answers.matter:
            return known, False
    found = precheck(answers, turn.library.legal_aid)
    application = AidApplication(
        id=0,
        reference=new_reference(beijing_day(turn.now), "L"),
        client_id=client.id,
        community=client.community,
        matter=answers.matter,
        legal_matter=legal_matter_of(turn, answers.matter),
        result=found.result,
        urgent=found.urgent is not None,
        applied_at=turn.now,
        answers=answers,
        name=applicant.name,
        phone=applicant.phone,
        other_party=hide_id_numbers(applicant.other_party),
        facts=hide_id_numbers(applicant.facts),
    )
    turn.uow.aid_applications.add(application)
    note_aid(turn, application, "applied", "client")
    for photo in photos:
        add_paper(turn, application, photo.paper, photo.attachment)
    count_aid(turn, f"legal_aid:{application.reference}:applied", application.legal_matter, "applied")
    notify_office(turn, application)
    return application, True


def add_paper(
    work: Work, application: AidApplication, paper: str, attachment: Attachment, actor: str = "client"
) -> bool:
    """Put one photo of a paper into the application; False when it is decided, withdrawn or full.

    Raises:
        RuleBroken: no such paper belongs to it.
    """
    wanted = require_paper(work, application, paper)
    if not application.open or len(application.photos) >= MAX_PHOTOS:
        return False
    application.photos.append(PaperPhoto(paper, attachment))
    if application.file_complete_at is None and not application.list_missing(wanted):
        application.file_complete_at = work.now
    work.uow.aid_applications.save(application)
    note_aid(work, application, "paper", actor)
    return True


def require_paper(work: Work, application: AidApplication, paper: str) -> set[str]:
    """The papers that belong to an application. Raises RuleBroken: this one does not."""
    wanted = {p.id for p in list_photo_papers(work, application.answers)}
    if paper not in wanted:
        raise RuleBroken("this paper does not belong to the application", code="aid_paper")
    return wanted


def list_photo_papers(work: Work, answers: AidAnswers) -> list[Paper]:
    """The papers of which photos are wanted, in the order in which they are asked for."""
    return [paper for paper in precheck(answers, work.library.legal_aid).papers if paper.photo]


def withdraw_aid(turn: Turn, reference: str) -> AidApplication:
    """The applicant wants it no longer; the office is told.

    Raises:
        RuleBroken: it is not this client's, or it is decided or withdrawn already.
    """
    found = turn.uow.aid_applications.find_by_reference(reference)
    if found is None or found.client_id != turn.client.id:
        raise RuleBroken("not an application of this client")
    application = turn.uow.aid_applications.lock(found.id)
    if not application.open:
        raise RuleBroken("the application is decided or withdrawn")
    application.withdrawn_at = turn.now
    turn.uow.aid_applications.save(application)
    note_aid(turn, application, "withdrawn", "client")
    count_aid(turn, f"legal_aid:{reference}:withdrawn", application.legal_matter, "withdrawn")
    notify_office(turn, application)
    return application


def list_aid_lines(work: Work, client_id: int) -> list[str]:
    """Where each application of a client stands, whose turn it is and by when; newest first."""
    wording = work.library.wording
    return [
        wording.text(
            f"utter_aid_line_{application.state}",
            reference=application.reference,
            matter=aid_matter_title(work, application.matter),
            day=say_day(beijing_day(application.applied_at)),
            decide_by=say_day(application.decide_by) if application.decide_by else "",
            forward_by=say_promise(work, application),
        )
        for application in work.uow.aid_applications.list_for_client(client_id)
    ]


def legal_matter_of(work: Work, matter: str) -> str:
    """The matter under which it is counted."""
    found = work.library.legal_aid.matters.get(matter)
    return found.legal_matter if found else UNKNOWN_MATTER


def count_aid(turn: Turn, key: str, matter: str, outcome: str) -> None:
    """One entry for an act of the turn's client."""
    client = turn.client
    turn.uow.ledger.add(
        Entry(
            key=key,
            kind=KIND,
            matter=matter,
            community=client.community or "",
            subject=client.kind or "unknown",
            channel=client.channel,
            served_by="bot",
            outcome=outcome,
            client=client.pseudonym,
            occurred_at=turn.now,
        )
    )
