"""What the people in a mediation are told, and the lines of 我的案件."""

from __future__ import annotations

from datetime import datetime

from bot.domain.amounts import write_amount
from bot.domain.calendar import beijing_day
from bot.domain.disputes import SOURCES, dispute_name
from bot.domain.errors import RuleBroken
from bot.domain.mediation import Mediation, Person
from bot.domain.messages import Button, Reply
from bot.domain.periods import say_day
from bot.domain.work_calendar import say_moment
from bot.services.assigning import is_reachable
from bot.services.turn import Turn, Work

SHOWN_FACTS = 500  # characters of the facts on a mediator's card
SHOWN_LINES = 5
# What a mediator can press, by state; the titles are utter_mediation_button_<act>.
MEMBER_ACTS = {
    "applied": ("m_ask", "m_yes", "m_no", "m_refuse"),
    "asking": ("m_yes", "m_no", "m_refuse"),
    "consented": ("m_date", "m_refuse"),
    "accepted": ("m_date", "m_refuse"),
    "scheduled": ("m_date", "m_fail"),
}
FOLLOW_UP_ACTS = ("m_performed", "m_partly", "m_not", "m_unknown")
Rows = tuple[tuple[Button, ...], ...]


def deliver(work: Work, client_id: int, reply: Reply) -> None:
    """Reply to whoever takes this turn, queue for everybody else; nobody at 0."""
    if isinstance(work, Turn) and work.client.id == client_id:
        work.replies.append(reply)
    elif client_id:
        work.uow.outbox.add(client_id, reply, work.now)


def compose(work: Work, mediation: Mediation, name: str, *acts: str, **values: object) -> Reply:
    """A response of domain.yml with all there is to say about a mediation, and a button for each act."""
    reply = work.library.wording.say(name, **{**describe(work, mediation), **values})
    return Reply(reply.text, (*act_buttons(work, mediation, *acts), *reply.buttons))


def act_buttons(work: Work, mediation: Mediation, *acts: str) -> Rows:
    """One row per act; pressed, each is read by actions.mediating.choose_mediation."""
    wording = work.library.wording
    return tuple(
        (Button(wording.text(f"utter_mediation_button_{act}"), f"mediate:{act}={mediation.id}"),) for act in acts
    )


def describe(work: Work, mediation: Mediation) -> dict[str, str]:
    """The values that the wording of mediation may name."""
    street, content = work.library.street, mediation.content
    text = work.library.wording.text
    unknown = text("utter_mediation_unknown")
    mediator = street.find_member(mediation.mediator_id)
    session, due = mediation.session_at, mediation.due_at
    return {
        "reference": mediation.reference,
        "kind": dispute_name(mediation.kind),
        "source": SOURCES[mediation.source],
        "community_name": work.library.community_name(mediation.community),
        "mediator": mediator.name if mediator else street.office,
        "mediator_phone": (mediator.phone if mediator else "") or street.phone,
        "applicant": content.applicant.name or unknown,
        "applicant_contact": _contact(content.applicant) or unknown,
        "respondent": content.respondent.name or unknown,
        "respondent_contact": _contact(content.respondent) or unknown,
        "facts": content.facts[:SHOWN_FACTS] or unknown,
        "claim": content.claim[:SHOWN_FACTS] or unknown,
        "claimed": unknown if content.amount is None else write_amount(content.amount),
        "agreed_amount": write_amount(mediation.amount) if mediation.amount else text("utter_mediation_no_money"),
        "photos": str(len(content.evidence)),
        "place": mediation.session_place or (mediator.room if mediator else "") or street.office,
        "session": say_moment(session, work.now) if session else unknown,
        "due": say_day(beijing_day(due), work.now) if due else unknown,
        "refusal": text(f"utter_mediation_refusal_{mediation.refusal}") if mediation.refusal else "",
    }


def _contact(person: Person) -> str:
    return "，".join(part for part in (person.phone, person.address) if part)


def tell_applicant(work: Work, mediation: Mediation, name: str, *acts: str, **values: object) -> None:
    """Tell the side that applied."""
    deliver(work, mediation.client_id, compose(work, mediation, name, *acts, **values))


def tell_respondent(work: Work, mediation: Mediation, name: str, *acts: str, **values: object) -> None:
    """Tell the other side, if they have opened their link: falin writes to no strangers."""
    deliver(work, mediation.respondent_client_id, compose(work, mediation, name, *acts, **values))


def member_acts(mediation: Mediation, now: datetime) -> tuple[str, ...]:
    """What the mediator can press now; an agreement itself is recorded in the console, where there is room for it."""
    if mediation.state == "agreed":
        asked = mediation.followup_at is not None and mediation.followup_at <= now
        return FOLLOW_UP_ACTS if asked and mediation.followed_up_at is None else ()
    return MEMBER_ACTS.get(mediation.state, ())


def tell_mediator(work: Work, mediation: Mediation, name: str, **values: object) -> None:
    """Tell the mediator's account, with what can be pressed; without one the office, so that somebody knows."""
    account = work.uow.members.find_account(mediation.mediator_id)
    reply = compose(work, mediation, name, *member_acts(mediation, work.now), **values)
    if account:
        deliver(work, account, reply)
    else:
        tell_office(work, reply)


def tell_office(work: Work, reply: Reply) -> None:
    """Tell every account of staff and supervisors."""
    for member in work.library.street.list_members("staff", "supervisor"):
        deliver(work, work.uow.members.find_account(member.id) or 0, reply)


def is_seen(work: Work, mediation: Mediation) -> bool:
    """Whether a card would be seen: by the mediator, in the chat or the console, or by somebody of the office."""
    office = [m.id for m in work.library.street.list_members("staff", "supervisor")]
    return any(is_reachable(work, member_id) for member_id in (mediation.mediator_id, *office) if member_id)


def send_card(work: Work, mediation: Mediation) -> None:
    """The whole application to the mediator: card, then the photos."""
    tell_mediator(work, mediation, "utter_mediation_card")
    account = work.uow.members.find_account(mediation.mediator_id)
    for attachment in mediation.content.evidence if account else ():
        caption = work.library.wording.text("utter_mediation_photo", reference=mediation.reference)
        deliver(work, account or 0, Reply(caption, attachment=attachment))


def explain(work: Work, error: RuleBroken) -> Reply:
    """Why a step was refused, in a sentence."""
    return work.library.wording.say(f"utter_refused_{error.code}")


def list_mediation_lines(work: Work, client_id: int) -> list[str]:
    """One line for each of a client's mediations, newest first: where it stands, who acts, by when."""
    return [
        compose(work, m, f"utter_mediation_line_{m.state}").text
        for m in [*work.uow.mediations.list_for_client(client_id), *_as_respondent(work, client_id)][:SHOWN_LINES]
    ]


def list_exit_buttons(work: Work, client_id: int) -> Rows:
    """For each that goes on: 撤回 what one applied for, 退出 where one is the other side."""
    wording = work.library.wording
    applied = [m for m in work.uow.mediations.list_for_client(client_id)[:SHOWN_LINES] if m.open]
    joined = [m for m in _as_respondent(work, client_id) if m.open]
    return (
        *((Button(wording.text("utter_mediation_withdraw", tail=m.reference[4:]), f"mediate:withdraw={m.id}"),) for m in applied),
        *((Button(wording.text("utter_mediation_quit", tail=m.reference[4:]), f"mediate:quit={m.id}"),) for m in joined),
    )  # fmt: skip


def _as_respondent(work: Work, client_id: int) -> list[Mediation]:
    return [m for m in work.uow.mediations.list_for_respondent(client_id) if m.client_id != client_id]
