"""Applications for legal aid: the file that the office makes and passes on. State is derived from timestamps."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.calendar import beijing_day
from bot.domain.legal_aid import AidAnswers
from bot.domain.messages import Attachment

# What the centre decided; "lapsed": papers it asked for were not brought, which counts as withdrawing (43).
DECISIONS = ("granted", "refused", "lapsed")
# Days the centre has for its decision, from the day it received the application (法律援助法43).
DECISION_DAYS = timedelta(days=7)
# What can happen to one; "read": somebody has looked into it.
EVENTS = ("applied", "paper", "handed_over", *DECISIONS, "withdrawn", "read")
# Enough for every page; more would be a mistake or an attack.
MAX_PHOTOS = 40
NAME = re.compile(r"[\u4e00-\u9fff㐀-䶿]{2,5}|[\u4e00-\u9fff·]{2,20}·[\u4e00-\u9fff]{1,15}|[A-Za-z][A-Za-z .'-]{1,40}")
CALLING = re.compile(r"^(我的名字是|我的名字叫|名字叫|我叫|我是|叫)")
PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}|[2-8]\d{6,7}")
ID_NUMBER = re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\d)")
MASK = "（证件号已隐去）"


@dataclass(frozen=True)
class PaperPhoto:
    """One photo of a paper. Args: paper: id of a Paper of AidRules."""

    paper: str
    attachment: Attachment


@dataclass
class AidApplication:
    """What somebody applied for and how far it has come.

    Args:
        reference: what the applicant quotes, with an L.  client_id: 0 once the client is forgotten.
        matter: id of an AidMatter, or "unknown".  legal_matter: id of matters.yml, for the ledger.
        result: what the pre-check said, one of RESULTS.  urgent: article 44, or somebody is detained.
        name, phone, other_party, facts, photos, note: kept encrypted; note: what the centre wrote or the office added.
        file_complete_at: every paper that needs a photo has one.  handed_over_at: the centre has it.
        decision: one of DECISIONS.  Moments: aware, UTC; None until it happened.
    """

    id: int
    reference: str
    client_id: int
    community: str
    matter: str
    legal_matter: str
    result: str
    urgent: bool
    applied_at: datetime
    answers: AidAnswers
    name: str = ""
    phone: str = ""
    other_party: str = ""
    facts: str = ""
    note: str = ""
    photos: list[PaperPhoto] = field(default_factory=list)
    file_complete_at: datetime | None = None
    handed_over_at: datetime | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def state(self) -> str:
        """ "withdrawn", one of DECISIONS, "handed_over", "complete" or "incomplete", from the timestamps."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.decided_at:
            return str(self.decision)
        if self.handed_over_at:
            return "handed_over"
        return "complete" if self.file_complete_at else "incomplete"

    @property
    def open(self) -> bool:
        """Nobody has decided yet, and it was not withdrawn."""
        return self.withdrawn_at is None and self.decided_at is None

    @property
    def next_action_by(self) -> str:
        """Whose turn it is. Missing papers can be brought to the office, so the office acts even then."""
        if not self.open:
            return "nobody"
        return "centre" if self.handed_over_at else "office"

    @property
    def decide_by(self) -> date | None:
        """The last day for the centre's decision: calendar days, the day of receipt not counted."""
        return beijing_day(self.handed_over_at) + DECISION_DAYS if self.handed_over_at else None

    def list_missing(self, papers: Collection[str]) -> list[str]:
        """Those of the papers that have no photo yet."""
        there = {photo.paper for photo in self.photos}
        return [paper for paper in papers if paper not in there]


@dataclass(frozen=True)
class AidEvent:
    """Something that happened. Args: kind: of EVENTS.  actor: "client" or a member's id."""

    application_id: int
    at: datetime
    kind: str
    actor: str


def read_name(said: str) -> str | None:
    """A name as people give it: "我叫王小明" is 王小明; None when it is no name."""
    name = CALLING.sub("", said.strip()).strip(" 。.，,")
    return name if NAME.fullmatch(name) else None


def read_phone(said: str) -> str | None:
    """A mobile or landline number, however it is spaced; None when it is none."""
    plain = re.sub(r"[\s()（）-]|^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[\s()（）-]", "", said))
    return plain if PHONE.fullmatch(plain) else None


def hide_id_numbers(text: str) -> str:
    """The text without identity-card numbers: the paper brings them, the chat must not."""
    return ID_NUMBER.sub(MASK, text)
