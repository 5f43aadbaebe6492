"""What is filled in about a mediation, read as services want it; what cannot be read is named."""

from __future__ import annotations

from datetime import datetime

from bot.console.guard import Visit
from bot.console.members import read_day
from bot.domain.amounts import parse_amount
from bot.domain.calendar import BEIJING
from bot.domain.errors import FalinError
from bot.domain.mediation import Content, Person, Terms, broken
from bot.domain.messages import clean_text
from bot.domain.phones import read_phone
from bot.services.mediation import WORDS
from bot.services.mediation_results import MOST_WORDS, Result

CHOICES = {"yes": True, "no": False}


class Unclear(FalinError):
    """A field cannot be read. Args: fault: a key of labels.FAULTS."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def read_moment(visit: Visit) -> datetime:
    """Day and time of the session, in China. Raises Unclear."""
    day = read_day(visit.value("day", 10))
    if day is None:
        raise Unclear("day")
    try:
        at = datetime.strptime(visit.value("time", 5), "%H:%M").time()
    except ValueError:
        raise Unclear("time") from None
    return datetime.combine(day, at, BEIJING)


def read_choice(visit: Visit, name: str) -> bool:
    """A yes or no. Raises Unclear."""
    given = visit.value(name, 3)
    if given not in CHOICES:
        raise Unclear(name)
    return CHOICES[given]


def read_sum(visit: Visit, name: str = "amount") -> int | None:
    """A sum as people write it, in fen; None when nothing is written. Raises Unclear."""
    written = visit.value(name, 60)
    found = parse_amount(written) if written else None
    if written and found is None:
        raise Unclear("sum")
    return found


def read_terms(visit: Visit) -> Terms:
    """What was agreed, one character more than a service takes, so that it refuses what is too long."""
    return Terms(read_words(visit, "terms", MOST_WORDS), read_words(visit, "performance", MOST_WORDS))


def read_words(visit: Visit, name: str, longest: int) -> str:
    """Words of several lines, as browsers send them, with plain line ends."""
    return clean_text(visit.value(name, 2 * longest + 2).replace("\r\n", "\n"))[: longest + 1]


def read_result(visit: Visit) -> Result:
    """What came out of the sessions. Raises Unclear, RuleBroken."""
    agreed, number = read_choice(visit, "agreed"), visit.value("parties", 6)
    if not number.isdecimal():
        raise broken("parties")
    if not agreed:
        return Result(False, int(number))
    effective_on = read_day(visit.value("effective_on", 10))
    if effective_on is None:
        raise Unclear("effective_on")
    return Result(
        True, int(number), visit.value("form", 10), read_sum(visit) or 0, read_terms(visit), effective_on,
        CHOICES.get(visit.value("confirmation", 3)),
    )  # fmt: skip


def read_corrected(visit: Visit) -> Content:
    """What the parties told, put right; the evidence is not in the form. Raises Unclear."""
    return Content(
        applicant=read_person(visit, "applicant"),
        respondent=read_person(visit, "respondent"),
        facts=read_words(visit, "facts", WORDS),
        claim=read_words(visit, "claim", WORDS),
        amount=read_sum(visit, "claimed"),
    )


def read_person(visit: Visit, side: str) -> Person:
    """Name, telephone and address of a side. Raises Unclear."""
    written = visit.value(f"{side}_phone", 40)
    phone = read_phone(written) if written else ""
    if phone is None:
        raise Unclear("phone")
    return Person(clean_text(visit.value(side, 60)), phone, clean_text(visit.value(f"{side}_address", 200)))
