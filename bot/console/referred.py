"""/console/referred: a dispute that the police, a court or a visitor brought, entered in one short form."""

from __future__ import annotations

from dataclasses import dataclass, fields

from starlette.responses import RedirectResponse, Response

from bot.console.guard import Visit
from bot.console.pages import page
from bot.domain.amounts import parse_amount
from bot.domain.disputes import DISPUTES, SOURCES
from bot.domain.errors import RuleBroken
from bot.domain.mediation import Content, Person
from bot.domain.permissions import may
from bot.services.mediation import Referral, refer_dispute
from bot.services.mediation_reading import mediation_subject
from bot.services.turn import Work

KINDS = {kind: name for kind, (name, _) in DISPUTES.items()}
ENTERED = {source: name for source, name in SOURCES.items() if source != "self"}


@dataclass(frozen=True)
class Form:
    """What was filled in, as it was written."""

    source: str = ""
    number: str = ""
    community: str = ""
    kind: str = ""
    applicant: str = ""
    applicant_phone: str = ""
    respondent: str = ""
    respondent_phone: str = ""
    facts: str = ""
    amount: str = ""
    mediator: str = ""
    consented: str = ""

    def list_faults(self) -> list[str]:
        """Fields without which no mediator could begin."""
        needed = ("source", "community", "kind", "applicant", "respondent", "facts")
        faults = [name for name in needed if not getattr(self, name)]
        return [*faults, "amount"] if self.amount and parse_amount(self.amount) is None else faults

    def to_referral(self) -> Referral:
        """The same for the service; the sender's file number goes before the facts."""
        facts = f"来文：{self.number}\n{self.facts}" if self.number else self.facts
        content = Content(
            applicant=Person(self.applicant, self.applicant_phone),
            respondent=Person(self.respondent, self.respondent_phone),
            facts=facts,
            amount=parse_amount(self.amount) if self.amount else None,
        )
        return Referral(
            self.source, self.community, self.kind, content, consented=bool(self.consented),
            mediator_id=self.mediator or None,
        )  # fmt: skip


async def refer(visit: Visit) -> Response:
    """GET: the form. POST: entered, or the form again with what is wrong."""
    given = Form(**{f.name: visit.value(f.name, 2_500) for f in fields(Form)})
    if visit.request.method == "GET":
        return _show(visit, Form())
    if faults := given.list_faults():
        return _show(visit, given, faults)

    def enter(work: Work) -> str:
        mediation = refer_dispute(work, visit.member.id, given.to_referral())
        if may(visit.member, "see_mediations", case=mediation_subject(work, mediation), street=work.library.street):
            return f"/console/mediations/{mediation.reference}?"
        return f"/console/referred?reference={mediation.reference}&"  # another mediator's: only its number is told

    try:
        path = await visit.site.change(enter)
    except RuleBroken as error:
        name = f"utter_refused_{error.code}"
        wording = visit.site.library.wording
        return _show(visit, given, refusal=wording.text(name) if name in wording.names() else error.message)
    return RedirectResponse(f"{path}done=referred_dispute", status_code=303)


def _show(visit: Visit, given: Form, faults: list[str] | None = None, refusal: str = "") -> Response:
    return page(
        visit, "referred.html", 422 if faults or refusal else 200, given=given, faults=faults or [], refusal=refusal,
        sources=ENTERED, kinds=KINDS, mediators=visit.site.street.list_members("mediator"),
        reference=visit.request.query_params.get("reference", "")[:16],
    )  # fmt: skip
