"""One turn: a client's message, what was understood, and the replies that gather while actions run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.clients import Client
from bot.domain.decisions import Understanding
from bot.domain.emergencies import Emergency
from bot.domain.matters import Matter
from bot.domain.messages import Reply
from bot.domain.street import Street
from bot.knowledge.entries import Entry
from bot.knowledge.laws import LawFacts
from bot.knowledge.wording import Wording
from bot.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Library:
    """What every turn may read: the knowledge, the wording and the street.

    Args:
        laws: facts about the cited laws.  has_law_texts: whether articles can be shown.
    """

    entries: dict[str, Entry]
    matters: dict[str, Matter]
    wording: Wording
    street: Street
    emergencies: dict[str, Emergency] = field(default_factory=dict)
    laws: dict[str, LawFacts] = field(default_factory=dict)
    has_law_texts: bool = False

    def matter_title(self, matter: str | None) -> str:
        """The Chinese name of a matter; 其他 when unknown."""
        return self.matters[matter if matter in self.matters else "other"].title


@dataclass
class Turn:
    """Everything one turn reads and writes; passed to actions and on to services.

    Args:
        uow: open unit of work; committed by the assistant when the turn is over.
        text: what the client wrote, "" for a button.
        understanding: the decision about the message, None when a button chose directly.
    """

    uow: UnitOfWork
    client: Client
    library: Library
    now: datetime
    text: str = ""
    understanding: Understanding | None = None
    replies: list[Reply] = field(default_factory=list)

    def say(self, name: str, /, **values: object) -> None:
        """Reply with a response of domain.yml."""
        self.replies.append(self.library.wording.say(name, **values))
