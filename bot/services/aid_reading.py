"""Reading an application for legal aid in the console, and putting papers into it. Readings are noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.aid_applications import MAX_PHOTOS, AidApplication, AidEvent
from bot.domain.console import READING
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.legal_aid import Paper, Precheck, precheck
from bot.domain.messages import Attachment
from bot.domain.periods import is_over
from bot.services.aid_office import NEXT_ACTS, forward_by, note_aid
from bot.services.legal_aid import add_paper, require_paper
from bot.services.turn import Work


@dataclass(frozen=True)
class AidView:
    """An application as the office sees it.

    Args:
        papers: each paper of the checklist with the numbers of its photos in application.photos.
        acts: "handed" or decisions: what can be recorded now.
        may_add: papers can be put into it.
    """

    application: AidApplication
    found: Precheck
    papers: Sequence[tuple[Paper, Sequence[int]]]
    events: Sequence[AidEvent]
    acts: Sequence[str]
    forward_by: datetime
    late: bool
    may_add: bool


def read_application(work: Work, member_id: str, reference: str) -> AidView:
    """The application; the reading is noted. Raises NotFound."""
    application = find_application(work, reference)
    note_aid_reading(work, application, member_id)
    found, photos = precheck(application.answers, work.library.legal_aid), application.photos
    events = work.uow.aid_applications.list_events(application.id)
    return AidView(
        application=application,
        found=found,
        papers=[(paper, [n for n, p in enumerate(photos) if p.paper == paper.id]) for paper in found.papers],
        events=[event for event in events if event.kind != "read"],
        acts=NEXT_ACTS.get(application.state, ()) if application.open else (),
        forward_by=forward_by(work, application),
        late=is_late(work, application),
        may_add=application.open and bool(application.client_id),
    )


def find_application(work: Work, reference: str) -> AidApplication:
    """Raises NotFound."""
    application = work.uow.aid_applications.find_by_reference(reference)
    if application is None:
        raise NotFound("no such application")
    return application


def find_paper_photo(work: Work, member_id: str, reference: str, number: int) -> Attachment:
    """One photo, counted from 0; the reading is noted. Raises NotFound."""
    application = find_application(work, reference)
    if not 0 <= number < len(application.photos):
        raise NotFound("no such file")
    note_aid_reading(work, application, member_id)
    return application.photos[number].attachment


def find_applicant(work: Work, reference: str, paper: str) -> tuple[str, str]:
    """Channel and key of the applicant, whose file a new paper becomes: looked up before the file is kept.

    Raises:
        NotFound: no such application.
        RuleBroken: decided, withdrawn, full, the applicant is forgotten, or no such paper belongs to it.
    """
    application = find_application(work, reference)
    if not application.open or not application.client_id:
        raise RuleBroken("nothing can be added", code="aid_over")
    if len(application.photos) >= MAX_PHOTOS:
        raise RuleBroken("full", code="aid_full")
    require_paper(work, application, paper)
    client = work.uow.clients.get(application.client_id)
    return client.channel, client.key


def bring_paper(work: Work, member_id: str, reference: str, paper: str, attachment: Attachment) -> AidApplication:
    """A paper that was brought to the office goes into the application.

    Raises:
        NotFound: no such application.  RuleBroken: decided, withdrawn, full, or no such paper belongs to it.
    """
    application = work.uow.aid_applications.lock(find_application(work, reference).id)
    find_applicant(work, reference, paper)
    add_paper(work, application, paper, attachment, member_id)
    return application


def is_late(work: Work, application: AidApplication) -> bool:
    """The office has not passed it on in time, or the centre has not decided."""
    if not application.open:
        return False
    if application.decide_by:
        return is_over(application.decide_by, work.now)
    return forward_by(work, application) < work.now


def note_aid_reading(work: Work, application: AidApplication, member_id: str) -> bool:
    """Note that a member has read an application, once an hour; whether it was noted now."""
    for event in reversed(work.uow.aid_applications.list_events(application.id)):
        if event.kind == "read" and event.actor == member_id and work.now - event.at < READING:
            return False
    note_aid(work, application, "read", member_id)
    return True
