"""What a service is given: the open unit of work, the library and the clock; a turn adds the client who wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.clients import Client
from bot.domain.decisions import Understanding
from bot.domain.emergencies import Emergency
from bot.domain.legal_aid import NO_AID_RULES, AidRules
from bot.domain.matters import Matter
from bot.domain.messages import Attachment, Reply
from bot.domain.outcomes import Outcome
from bot.domain.roster import Roster
from bot.domain.street import Street
from bot.domain.triage import Triage
from bot.domain.work_calendar import WorkCalendar
from bot.knowledge.entries import Entry
from bot.knowledge.laws import LawFacts
from bot.knowledge.wording import Wording
from bot.services.unit_of_work import UnitOfWork


def _monday_to_friday(day: date) -> bool:
    return day.weekday() < 5


@dataclass(frozen=True)
class Library:
    """What every turn may read: the knowledge, the wording and the street.

    Args:
        laws: facts about the cited laws.  has_law_texts: whether articles can be shown.
        outcomes: how cases can end.  calendar: when the office works.  triage: who is the right person or office.
        legal_aid: rules of the legal-aid pre-check.
        web_url: the web chat's address.  telegram_name: the bot's user name; "" for none.
    """

    entries: dict[str, Entry]
    matters: dict[str, Matter]
    wording: Wording
    street: Street
    emergencies: dict[str, Emergency] = field(default_factory=dict)
    laws: dict[str, LawFacts] = field(default_factory=dict)
    has_law_texts: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    calendar: WorkCalendar = field(default=WorkCalendar((), _monday_to_friday))
    triage: Triage = field(default_factory=Triage)
    web_url: str = ""
    telegram_name: str = ""
    legal_aid: AidRules = field(default=NO_AID_RULES)

    def matter_title(self, matter: str | None) -> str:
        """The Chinese name of a matter; 其他 when unknown."""
        return self.matters[matter if matter in self.matters else "other"].title

    def start_links(self, parameter: str) -> list[str]:
        """What brings somebody to falin with a start parameter: links, or the words to type where there are none."""
        telegram = f"https://t.me/{self.telegram_name}?start={parameter}" if self.telegram_name else ""
        web = f"{self.web_url.rstrip('/')}/?c={parameter}" if self.web_url else ""
        return [link for link in (telegram, web) if link] or [f"/start {parameter}"]

    def community_name(self, community_id: str | None) -> str:
        """A community's name; the street's for an unknown one."""
        community = self.street.find_community(community_id or "")
        return community.name if community else self.street.name


@dataclass
class Work:
    """Something is done: by a client, a member or a timer.

    Args:
        uow: open unit of work; committed by whoever opened it.
    """

    uow: UnitOfWork
    library: Library
    now: datetime

    @property
    def roster(self) -> Roster:
        """Who is away, from today on."""
        return Roster(self.uow.members.list_absences(self.now.date()))

    def tell(self, client_id: int, name: str, /, **values: object) -> int:
        """Queue a response of domain.yml for a client; its outbox id."""
        return self.uow.outbox.add(client_id, self.library.wording.say(name, **values), self.now)


@dataclass
class Turn(Work):
    """Everything one turn reads and writes; passed to actions and on to services.

    Args:
        client: who wrote.
        text: what the client wrote, "" for a button.
        understanding: the decision about the message, None when a button chose directly.
        attachment: the file that came with it.
        form: the form that waited for an answer when the message came, "" for none.
        silent: no reply is right: a person answers, or the service has queued what is to be said.
    """

    client: Client
    text: str = ""
    understanding: Understanding | None = None
    attachment: Attachment | None = None
    replies: list[Reply] = field(default_factory=list)
    form: str = ""
    silent: bool = False

    def say(self, name: str, /, **values: object) -> None:
        """Reply with a response of domain.yml."""
        self.replies.append(self.library.wording.say(name, **values))
