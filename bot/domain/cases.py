"""Cases: what a person has taken over, or is about to. State is derived from timestamps (docs/handoff.md)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.messages import Attachment

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: what is read aloud on the phone must come out the same.
REFERENCE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
REFERENCE = re.compile(rf"\b([A-Z]\d\d)-?([{REFERENCE_ALPHABET}]{{4}})-?([{REFERENCE_ALPHABET}]{{2}})\b", re.IGNORECASE)
URGENCIES = ("normal", "urgent")
# So long after closing, a message of the client opens the case again.
REOPENING = timedelta(days=14)
# A limitation or filing period that ends within this time makes a case urgent.
NEAR_DEADLINE = timedelta(days=7)
# How an adviser grades what the bot had answered before the case came: code → what the report calls it.
BOT_GRADES = {"right": "答对", "incomplete": "不完整", "wrong": "答错", "wrong_route": "指错路"}
# Why an assignment ended: closed list, shown to the supervisor.
ENDINGS = ("declined", "timed_out", "transferred", "removed", "left", "closed")
EVENTS = (
    "opened", "assigned", "accepted", "declined", "timed_out", "transferred", "supervisor", "promise_broken",
    "documents_asked", "referred", "to_bot", "from_bot", "urgent", "closed", "reopened", "rated", "withdrawn",
    "moved", "read", "conflict", "booked", "unreachable", "message_withdrawn",
)  # fmt: skip


def new_reference(day: date, letter: str = "F") -> str:
    """A reference such as "F26-K7WQ-3M": kind, year and six random letters without look-alikes."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))
    return f"{letter}{day:%y}-{letters[:4]}-{letters[4:]}"


def find_reference(text: str) -> str | None:
    """The reference in a text, however it is spaced or cased."""
    found = REFERENCE.search(unicodedata.normalize("NFKC", text))
    return "-".join(found.groups()).upper() if found else None


@dataclass
class Case:
    """An escalated consultation.

    Args:
        reference: what the client quotes.  client_id: 0 once the client is forgotten.
        question: the problem in the client's own words; kept encrypted.
        promised_at: until when a person will have answered; frozen when the case was opened.
        deadline: end of a limitation or filing period that the client named, the day in China.
        adviser_id: who has it now; None while it waits for the supervisor.
        answered_at: a person's first words.  waits_for: "adviser" or "client", whose turn it is.
        bot_since: the client is back with the bot although the case is open.
        supervisor_at: nobody took it over in time, so the supervisor decides.
        outcome: code of nlu_data/outcomes.yml once closed.  rating: 1 to 5.  bot_grade: the adviser's, of what the bot had answered.
        Other moments: aware, UTC; None until it happened.
    """

    id: int
    reference: str
    client_id: int
    community: str
    matter: str
    urgency: str
    question: str
    opened_at: datetime
    adviser_id: str | None = None
    promised_at: datetime | None = None
    deadline: date | None = None
    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    waits_for: str = "adviser"
    bot_since: datetime | None = None
    supervisor_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    bot_grade: str | None = None

    @property
    def state(self) -> str:
        """ "closed", "accepted", "supervisor" or "waiting", from the timestamps."""
        if self.closed_at:
            return "closed"
        if self.accepted_at:
            return "accepted"
        return "supervisor" if self.supervisor_at else "waiting"

    @property
    def live(self) -> bool:
        """Client and adviser talk with each other; the bot is silent."""
        return self.state == "accepted" and self.bot_since is None

    @property
    def next_action_by(self) -> str:
        """Whose turn it is: 下一步责任方."""
        if self.state == "accepted":
            return self.waits_for
        return {"waiting": "adviser", "supervisor": "supervisor", "closed": "nobody"}[self.state]

    def may_reopen(self, now: datetime) -> bool:
        """Whether a message of the client opens it again."""
        return self.closed_at is not None and self.outcome is not None and now - self.closed_at < REOPENING


@dataclass
class Assignment:
    """One adviser's turn at a case.

    Args:
        reason: why this adviser was chosen, codes of bot.domain.allocation.
        accept_by: when the next one is asked; frozen when set.  ended_because: one of ENDINGS.
    """

    id: int
    case_id: int
    adviser_id: str
    reason: str
    assigned_at: datetime
    accept_by: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str = ""


@dataclass(frozen=True)
class Appointment:
    """A time that adviser and client have agreed on."""

    case_id: int
    adviser_id: str
    at: datetime


@dataclass(frozen=True)
class CaseEvent:
    """Something that happened to a case. Args: kind: one of EVENTS.  actor: "client", "falin" or a member's id."""

    case_id: int
    at: datetime
    kind: str
    actor: str
    detail: str = ""


@dataclass
class CaseMessage:
    """What one side of a case said to the other.

    Args:
        author: "client" or a member's id.
        channel, source: channel and message id it came from; an edit names the same.
    """

    id: int
    case_id: int
    author: str
    at: datetime
    text: str
    attachment: Attachment | None = None
    channel: str = ""
    source: str = ""
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None


TITLES = re.compile(r"(先生|女士|小姐|老师|老板|师傅|律师|阿姨|大姐|大哥|同志)$")
# “对方是李大发”, “我叫王芳嘛”: what people say around a name.
BEFORE = re.compile(r"^((我的?名字|我|对方|他|她|老板)?(叫|是|就是)|对方|老板)+(?=..)")
AFTER = re.compile(r"[嘛噻哈啊呀哦。,，!！]+$")
COMPANY = re.compile(r"(有限责任公司|股份有限公司|有限公司|公司|个体工商户|经营部|门市部)$")


def normalise_name(name: str) -> str:
    """A name as it is compared in the conflict check.

    Width, case, spaces, titles, forms of company and what is said around it are dropped.
    """
    plain = re.sub(r"[\s·•.()（）《》“”\"'-]+", "", unicodedata.normalize("NFKC", name)).lower()
    plain = BEFORE.sub("", AFTER.sub("", plain)) or plain
    return COMPANY.sub("", TITLES.sub("", plain)) or plain
