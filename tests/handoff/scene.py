"""A scene of the handoff: residents and members at their phones, one assistant, a clock that is moved by hand.

Any database; the brain is a script: it answers “答：…”, hears an emergency in “杀”, a service in “转人工”.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bot.assistant.assistant import Assistant
from bot.assistant.links import Links
from bot.assistant.reading import Reading
from bot.domain.buttons import Buttons
from bot.domain.cases import Case
from bot.domain.decisions import Candidate, StatuteHit, Understanding
from bot.domain.messages import Attachment, Button, Inbound, Outgoing, Reply
from bot.services.handoff import Intake, open_case
from bot.services.registration import register_client
from bot.services.timers import run_due
from bot.services.turn import Library, Turn, Work
from bot.services.unit_of_work import UnitOfWorkFactory
from tests.builders import NOW, make_library
from tests.fakes import FakeDatabase

_numbers = count(1)
PHOTO = Attachment("telegram", "file-1", "photo", "借条.jpg", "image/jpeg", 1_000, "这是借条")


class ScriptedBrain:
    """What Rasa would do, without Rasa; `heard` is everything it was given."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def understand(self, text: str) -> Understanding:
        if "杀" in text:
            return Understanding("crisis", "crisis", crisis="violence")
        if "转人工" in text:
            return Understanding("service", "request_adviser", confidence=0.9, service="adviser")
        if "我的案件" in text:
            return Understanding("service", "ask_status", confidence=0.9, service="status")
        found = (Candidate("labour.unpaid_wages", 0.9), Candidate("lending.no_iou", 0.2))
        return Understanding("answer", "faq", candidates=found, statutes=(StatuteHit("测试法", (8, 0), 1.0),))

    def wants_file(self, state: dict[str, Any] | None) -> bool:
        return False

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]:
        asked = reading.words or reading.intent
        self.heard.append(asked)
        turn.replies.append(Reply(f"答：{asked}"))
        return {"slots": {}, "active_loop": None}


@dataclass
class Person:
    """Somebody at a phone. `messages`: everything that arrived, in order; `buttons`: by title, the latest."""

    scene: Scene
    channel: str
    key: str
    client_id: int = 0
    seen: int = 0
    messages: list[Outgoing] = field(default_factory=list)
    buttons: dict[str, Button] = field(default_factory=dict)

    def send(self, text: str | None = None, **content: Any) -> list[str]:
        """Write, press or send a file; what arrives at this person because of it."""
        number = next(_numbers)
        message_id = content.pop("message_id", f"{number}")
        inbound = Inbound(
            self.channel, f"u{number}", self.key, self.scene.now, text, message_id=message_id, **content
        )  # fmt: skip
        self.client_id = self.scene.assistant.receive(inbound).client_id
        self.scene.assistant.answer(self.client_id)
        return self.fetch()

    def press(self, title: str) -> list[str]:
        assert title in self.buttons, f"no button “{title}” among {list(self.buttons)}"
        return self.send(choice=self.buttons[title].payload)

    def fetch(self) -> list[str]:
        """What has arrived since; each is delivered under its outbox id as the platform's message id."""
        arrived = self.scene.assistant.list_replies(self.client_id, self.seen)
        with self.scene.open_unit() as uow:
            for outgoing in arrived:
                uow.outbox.mark_delivered(outgoing.id, self.scene.now, (str(outgoing.id),))
            uow.commit()
        self.seen = max((outgoing.id for outgoing in arrived), default=self.seen)
        self.messages += arrived
        for outgoing in arrived:
            self.buttons.update({b.title: b for row in outgoing.reply.buttons for b in row})
        return [outgoing.reply.text for outgoing in arrived]

    def answer(self, to: str, text: str | None = None, **content: Any) -> list[str]:
        """Answer the latest message that contains `to`."""
        message = next(m for m in reversed(self.messages) if to in m.reply.text)
        return self.send(text, reply_to=str(message.id), **content)


@dataclass
class Scene:
    """One street with advisers chen (白马) and zhou (青杠), mediator laozhou, supervisor wu."""

    open_unit: UnitOfWorkFactory = field(default_factory=lambda: FakeDatabase().open_unit)
    library: Library = field(default_factory=make_library)
    buttons: Buttons = field(default_factory=lambda: Buttons(b"k" * 32))
    now: datetime = NOW
    brain: ScriptedBrain = field(default_factory=ScriptedBrain)

    def __post_init__(self) -> None:
        links = Links(b"l" * 32, "https://falin.example/", "falin_bot")
        self.assistant = Assistant(
            self.open_unit, self.brain, self.library, self.buttons, lambda: self.now, links
        )

    def member(self, member_id: str, channel: str = "telegram") -> Person:
        """A member with an account."""
        person = Person(self, channel, f"account-of-{member_id}-{next(_numbers)}")
        with self.open_unit() as uow:
            person.client_id = uow.clients.find_or_add(channel, person.key, self.now).id
            uow.members.add_account(member_id, person.client_id, self.now)
            uow.commit()
        return person

    def resident(self, community: str = "baima", kind: str = "resident", channel: str = "telegram") -> Person:
        """A registered client."""
        person = Person(self, channel, f"resident-{next(_numbers)}")
        with self.open_unit() as uow:
            turn = self._turn(uow, person)
            register_client(turn, community, kind)
            uow.commit()
        return person

    def open_case(
        self, person: Person, question: str = "老板不发工资", matter: str = "labour", urgency: str = "normal",
        **intake: Any,
    ) -> Case:  # fmt: skip
        """The person asks for an adviser."""
        with self.open_unit() as uow:
            case, _ = open_case(self._turn(uow, person), question, matter, urgency, Intake(**intake))
            uow.commit()
        return case

    def open_many(self, count: int, community: str = "baima") -> list[Case]:
        """So many residents with a case each, in one transaction: the database in memory copies itself for each."""
        found = []
        with self.open_unit() as uow:
            for number in range(count):
                turn = self._turn(uow, Person(self, "telegram", f"resident-{next(_numbers)}"))
                register_client(turn, community, "resident")
                found.append(open_case(turn, f"第{number}件", "labour")[0])
            uow.commit()
        return found

    def case(self, case: Case) -> Case:
        """The case as it stands now."""
        with self.open_unit(read_only=True) as uow:
            return uow.cases.get(case.id)

    def events(self, case: Case) -> list[str]:
        with self.open_unit(read_only=True) as uow:
            return [event.kind for event in uow.case_files.list_events(case.id)]

    def pass_time(self, **duration: float) -> None:
        """Move the clock and let the timers ring."""
        self.now += timedelta(**duration)
        run_due(self.open_unit, self.library, self.now)

    def work(self, do: Any, *arguments: Any) -> Any:
        """Call a service in a transaction of its own."""
        with self.open_unit() as uow:
            result = do(Work(uow, self.library, self.now), *arguments)
            uow.commit()
        return result

    def _turn(self, uow: Any, person: Person) -> Turn:
        client = uow.clients.find_or_add(person.channel, person.key, self.now)
        person.client_id = client.id
        return Turn(uow, self.library, self.now, client)
