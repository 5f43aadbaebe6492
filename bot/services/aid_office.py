"""Legal aid, the office's side: told of each application, passes it on, records what the centre decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.documents.aid_file import ReadFile, form_rows, means_rows, write_aid_zip
from bot.domain.aid_applications import DECISIONS, AidApplication, AidEvent
from bot.domain.calendar import BEIJING
from bot.domain.errors import RuleBroken
from bot.domain.ledger import Entry
from bot.domain.legal_aid import precheck
from bot.domain.messages import Button, Reply
from bot.domain.work_calendar import WorkCalendar, say_moment
from bot.services.turn import Work

OFFICE_ROLES = ("staff", "supervisor")
# How much working time the office takes to look at the papers and pass them on.
URGENT_FORWARDING = timedelta(hours=1)
# What can be done next with an application, by its state; buttons of the office's card.
NEXT_ACTS = {"incomplete": ("handed",), "complete": ("handed",), "handed_over": DECISIONS}
SHOWN = 20
CARD_FACTS = 400  # characters: a card is read on a phone, the file has the rest


def notify_office(work: Work, application: AidApplication) -> bool:
    """Send the card to everybody of the office who has an account; False when nobody has one.

    A new application also sets the timer that reminds them.
    """
    if application.state in ("incomplete", "complete"):
        work.uow.timers.add("aid_forward", application.reference, forward_by(work, application))
    card = make_card(work, application)
    accounts = [work.uow.members.find_account(m.id) for m in work.library.street.list_members(*OFFICE_ROLES)]
    found = [account for account in accounts if account is not None]
    for account in found:
        work.uow.outbox.add(account, card, work.now)
    return bool(found)


def forward_by(work: Work, application: AidApplication) -> datetime:
    """Until when the office passes the application on; frozen by the timer that is set with it."""
    calendar = work.library.calendar
    return calendar.add(application.applied_at, URGENT_FORWARDING if application.urgent else _working_day(calendar))


def _working_day(calendar: WorkCalendar) -> timedelta:
    day = date(2000, 1, 1)
    spans = ((datetime.combine(day, begin), datetime.combine(day, end)) for begin, end in calendar.spans)
    return sum((end - begin for begin, end in spans), timedelta())


def make_card(work: Work, application: AidApplication) -> Reply:
    """What the office sees of an application, with a button for each thing that can be done next."""
    wording, rules = work.library.wording, work.library.legal_aid
    found = precheck(application.answers, rules)
    missing = application.list_missing([paper.id for paper in found.papers if paper.photo])
    card = wording.say(
        "utter_aid_card",
        reference=application.reference,
        state=wording.text(f"utter_aid_state_{application.state}"),
        urgent=wording.text("utter_urgency_urgent" if application.urgent else "utter_urgency_normal"),
        community=work.library.community_name(application.community),
        matter=aid_matter_title(work, application.matter),
        result=wording.text(f"utter_aid_result_name_{application.result}"),
        name=application.name,
        person_phone=application.phone,
        missing="、".join(rules.papers[paper].title for paper in missing) or rules.labels["none"],
        facts=application.facts[:CARD_FACTS],
        next=_say_next(work, application),
    )
    acts = NEXT_ACTS.get(application.state, ()) if application.open else ()
    rows = tuple(
        (Button(wording.text(f"utter_aid_act_{act}"), f"aid:{act}={application.reference}"),) for act in acts
    )
    return Reply(card.text, (*rows, *card.buttons))


def _say_next(work: Work, application: AidApplication) -> str:
    """What the office does next and by when."""
    text = work.library.wording.text
    if not application.open:
        return text("utter_aid_next_nothing")
    if application.decide_by:
        return text("utter_aid_next_decision", decide_by=say_day(application.decide_by))
    return text("utter_aid_next_handing", promise=say_promise(work, application))


def list_for_office(work: Work) -> Reply:
    """Every open application: a line, and a button that shows its card; for those who joined after it came, too."""
    wording, found = work.library.wording, work.uow.aid_applications.list_open()
    if not found:
        return wording.say("utter_aid_none_open")
    lines = [
        wording.text(
            "utter_aid_own_line",
            reference=application.reference,
            matter=aid_matter_title(work, application.matter),
            urgent=wording.text("utter_urgency_urgent" if application.urgent else "utter_urgency_normal"),
            state=wording.text(f"utter_aid_state_{application.state}"),
        )
        for application in found[:SHOWN]
    ]
    reply = wording.say("utter_aid_own", count=len(found), lines="\n".join(lines))
    return reply.with_buttons(*((Button(a.reference, f"aid:card={a.reference}"),) for a in found[:SHOWN]))


def find_for_office(work: Work, reference: str) -> AidApplication:
    """The application with this reference. Raises RuleBroken when there is none."""
    found = work.uow.aid_applications.find_by_reference(reference)
    if found is None:
        raise RuleBroken("no such application")
    return found


def hand_over(work: Work, reference: str, member_id: str) -> AidApplication:
    """The centre has the application: the applicant is told until when it decides (法律援助法43).

    Raises:
        RuleBroken: no such application, or it is with the centre, decided or withdrawn already.
    """
    application = _lock(work, reference)
    if application.handed_over_at or not application.open:
        raise RuleBroken("with the centre, decided or withdrawn already", code="aid_state")
    application.handed_over_at = work.now
    work.uow.aid_applications.save(application)
    note_aid(work, application, "handed_over", member_id)
    work.uow.timers.cancel("aid_forward", reference, work.now)
    assert application.decide_by
    after = datetime.combine(application.decide_by + timedelta(days=1), datetime.min.time(), BEIJING)
    work.uow.timers.add("aid_decision", reference, work.library.calendar.next_opening(after))
    _count(work, application, "handed_over", member_id)
    _tell(work, application, "utter_aid_handed_over")
    return application


def record_decision(work: Work, reference: str, decision: str, member_id: str, note: str = "") -> AidApplication:
    """The centre has decided; the applicant is told, and how to object when it refused (法律援助法49).

    Raises:
        RuleBroken: unknown decision, or the application is not with the centre.
    """
    application = _lock(work, reference)
    if decision not in DECISIONS:
        raise RuleBroken("no such decision", code="aid_decision")
    if not application.open or not application.handed_over_at:
        raise RuleBroken("the application is not with the centre", code="aid_state")
    application.decided_at, application.decision = work.now, decision
    application.note = note or application.note
    work.uow.aid_applications.save(application)
    note_aid(work, application, decision, member_id)
    work.uow.timers.cancel("aid_decision", reference, work.now)
    _count(work, application, decision, member_id)
    _tell(work, application, f"utter_aid_decided_{decision}")
    return application


def note_aid(work: Work, application: AidApplication, kind: str, actor: str) -> None:
    """Append to what happened."""
    work.uow.aid_applications.add_event(AidEvent(application.id, work.now, kind, actor))


def make_aid_file(work: Work, application: AidApplication, read_file: ReadFile) -> bytes:
    """The complete file as a zip: form, statement, checklist in one .docx, and the photos.

    Args:
        read_file: fetches the bytes of an attachment; None or NotFound when it is gone.
    """
    rules = work.library.legal_aid
    return write_aid_zip(application, precheck(application.answers, rules), rules, _names(work, application), read_file)


def describe_application(work: Work, application: AidApplication) -> list[tuple[str, ...]]:
    """What the form of the file says, line by line: name of the line, and what stands there."""
    rules = work.library.legal_aid
    return [*form_rows(application, rules, _names(work, application)), *means_rows(application, rules)]


def _names(work: Work, application: AidApplication) -> dict[str, str]:
    return {
        "community": work.library.community_name(application.community),
        "matter": aid_matter_title(work, application.matter),
    }


def aid_matter_title(work: Work, matter: str) -> str:
    """The name of what is applied for: its title, or its field of law where the title only says "none of these"."""
    rules = work.library.legal_aid
    found = rules.matters.get(matter)
    if found is None:
        return rules.labels.get("matter_unknown", "")
    named = found.listed and found.means != "either"
    return found.title if named else work.library.matter_title(found.legal_matter)


def say_day(day: date) -> str:
    """A day as one says it: 11月30日."""
    return f"{day.month}月{day.day}日"


def _remind_forwarding(work: Work, reference: str) -> None:
    """The office has not passed it on in time: the office again, and the applicant is told."""
    application = work.uow.aid_applications.find_by_reference(reference)
    if application is None or not application.open or application.handed_over_at:
        return
    notify_office(work, application)
    _tell(work, application, "utter_aid_forward_late")


def _ask_for_decision(work: Work, reference: str) -> None:
    """The centre's seven days are over and nobody has recorded a decision."""
    application = work.uow.aid_applications.find_by_reference(reference)
    if application is None or not application.open:
        return
    notify_office(work, application)
    _tell(work, application, "utter_aid_decision_due")


# Joined into bot.services.timers.JOBS.
JOBS: dict[str, Callable[[Work, str], None]] = {
    "aid_forward": _remind_forwarding,
    "aid_decision": _ask_for_decision,
}


def _lock(work: Work, reference: str) -> AidApplication:
    return work.uow.aid_applications.lock(find_for_office(work, reference).id)


def _tell(work: Work, application: AidApplication, name: str) -> None:
    if application.client_id:
        day = say_day(application.decide_by) if application.decide_by else ""
        work.tell(application.client_id, name, reference=application.reference, decide_by=day)


def _count(work: Work, application: AidApplication, outcome: str, member_id: str) -> None:
    client = work.uow.clients.get(application.client_id) if application.client_id else None
    work.uow.ledger.add(
        Entry(
            key=f"legal_aid:{application.reference}:{outcome}",
            kind="legal_aid",
            matter=application.legal_matter,
            community=application.community,
            subject=(client.kind if client else None) or "unknown",
            channel=client.channel if client else "",
            served_by=f"staff:{member_id}",
            outcome=outcome,
            client=client.pseudonym if client else "",
            occurred_at=work.now,
        )
    )


def say_promise(work: Work, application: AidApplication) -> str:
    """Until when the office passes it on, as one says it."""
    return say_moment(forward_by(work, application), work.now)
