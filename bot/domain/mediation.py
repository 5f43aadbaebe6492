"""People's mediation: a dispute on its way from the application to the follow-up (docs/mediation.md).

The state follows from the timestamps; which step is possible in which state stands in STEPS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from bot.domain.errors import RuleBroken
from bot.domain.messages import Attachment

OPEN_STATES = ("applied", "asking", "consented", "accepted", "scheduled")
STATES = (*OPEN_STATES, "agreed", "failed", "declined", "refused", "withdrawn")
# Step → states in which it may be taken.
# 人民调解法 第十七条, 第二十三条: both sides must want it, and each may end it at any time.
STEPS: Mapping[str, tuple[str, ...]] = {
    "ask": ("applied", "asking"),
    "consent": ("applied", "asking"),
    "decline": OPEN_STATES,
    "accept": ("consented",),
    "refuse": OPEN_STATES,
    "assign": OPEN_STATES,
    "correct": OPEN_STATES,
    "schedule": ("consented", "accepted", "scheduled"),
    "conclude": ("consented", "accepted", "scheduled"),
    "withdraw": OPEN_STATES,
    "invite": ("applied", "asking"),
    "confirm": ("agreed",),
    "follow_up": ("agreed",),
}
# Codes of what a step may be refused for; the words are utter_refused_mediation_<code>.
RULES = (
    "state", "not_yours", "unknown_kind", "unknown_source", "unknown_community", "unknown_mediator", "unknown_reason",
    "name", "phone", "facts", "claim", "amount", "too_many", "not_registered", "past", "closed_then", "too_far",
    "parties", "terms", "form", "effective_on", "performed", "same_person", "link",
)  # fmt: skip


def broken(code: str) -> RuleBroken:
    """The error for one of RULES; whoever shows it says utter_refused_mediation_<code>."""
    assert code in RULES, code
    return RuleBroken(code, code=f"mediation_{code}")


@dataclass(frozen=True)
class Person:
    """A side. Args: phone, address: "" when not known."""

    name: str
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Content:
    """What the parties told. Kept encrypted; all empty once the applicant is forgotten.

    Args:
        claim: what the applicant wants.  amount: the sum in dispute in fen; None when unknown or not about money.
    """

    applicant: Person = Person("")
    respondent: Person = Person("")
    facts: str = ""
    claim: str = ""
    amount: int | None = None
    evidence: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Content:
        return cls(
            Person(**data["applicant"]), Person(**data["respondent"]), data["facts"], data["claim"], data["amount"],
            tuple(Attachment(**file) for file in data["evidence"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """What was agreed. Args: terms: the agreement itself.  performance: in what way and until when."""

    terms: str = ""
    performance: str = ""


@dataclass
class Mediation:
    """A dispute that one side, or an authority, brought to the committee.

    Args:
        reference: what is quoted, "M26-K7WQ-3M".  client_id: the applicant's account; 0 without one, or forgotten.
        respondent_client_id: the other side's account, once they opened the link they were given; 0 without.
        kind: of bot.domain.disputes.DISPUTES.  source: of SOURCES.
        due_at: until when the next step is promised; frozen when set, None when nothing is owed.
        refusal: of REFUSALS.  session_place: where.
        form: "written" or "oral".  amount: agreed, in fen.  parties: number of people.
        effective_on: the day in China on which the agreement took effect: written, when all have signed and the
            committee's seal is on it (人民调解法 第二十九条); oral, when it was reached (第三十条).
        followup_at: when performance is asked about.  performed: of PERFORMANCES.
        token_hash: of the link for the other side; None when there is none, or it was used.
        Other moments: aware, UTC; None until it happened.
    """

    id: int
    reference: str
    client_id: int
    community: str
    kind: str
    source: str
    applied_at: datetime
    content: Content = field(default_factory=Content)
    respondent_client_id: int = 0
    consent_asked_at: datetime | None = None
    respondent_consented_at: datetime | None = None
    respondent_refused_at: datetime | None = None
    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None
    mediator_id: str | None = None
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    session_at: datetime | None = None
    session_place: str = ""
    withdrawn_at: datetime | None = None
    concluded_at: datetime | None = None
    agreed: bool | None = None
    form: str | None = None
    amount: int | None = None
    parties: int = 2
    effective_on: date | None = None
    agreement: Terms = field(default_factory=Terms)
    confirmation_wanted: bool | None = None
    followup_at: datetime | None = None
    followed_up_at: datetime | None = None
    performed: str | None = None
    token_hash: str | None = None
    token_expires_at: datetime | None = None

    @property
    def state(self) -> str:
        """One of STATES."""
        ended = (
            ("withdrawn", self.withdrawn_at), ("refused", self.refused_at), ("declined", self.respondent_refused_at),
            ("agreed" if self.agreed else "failed", self.concluded_at),
        )  # fmt: skip
        reached = (
            ("scheduled", self.session_at), ("accepted", self.accepted_at), ("consented", self.respondent_consented_at),
            ("asking", self.consent_asked_at),
        )  # fmt: skip
        return next((name for name, moment in (*ended, *reached) if moment), "applied")

    @property
    def open(self) -> bool:
        """Whether it still goes on."""
        return self.state in OPEN_STATES

    @property
    def next_action_by(self) -> str:
        """Whose turn it is: "office" (nobody has it), "mediator", "respondent", "both" or "nobody"."""
        if self.state == "asking":
            return "respondent"
        if self.state == "scheduled" or (self.state == "agreed" and self.performed != "yes"):
            return "both"
        return "nobody" if not self.open else "mediator" if self.mediator_id else "office"

    def require(self, step: str) -> None:
        """Raises RuleBroken("state") unless the step is possible now."""
        if self.state not in STEPS[step]:
            raise broken("state")


@dataclass(frozen=True)
class MediationEvent:
    """Something that happened. Args: kind: of EVENTS.  actor: "client", "respondent", "falin" or a member's id."""

    mediation_id: int
    at: datetime
    kind: str
    actor: str
    detail: str = ""
