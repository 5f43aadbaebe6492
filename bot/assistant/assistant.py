"""The way of one message: stored once, answered in one transaction, replies queued for delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.assistant.gate import Gate
from bot.assistant.links import Links
from bot.assistant.member_side import MemberSide
from bot.assistant.reading import Reading, read_inbound
from bot.domain.buttons import Buttons
from bot.domain.calendar import utc_now
from bot.domain.decisions import Understanding
from bot.domain.errors import Collision
from bot.domain.messages import Inbound, Outgoing
from bot.services.turn import Library, Turn
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

logger = logging.getLogger(__name__)

# A message that has brought the process down this often gets an apology instead of another try.
MAX_ATTEMPTS = 3


class Brain(Protocol):
    """Understands and acts: the Rasa agent, or a fake in tests."""

    def respond(self, turn: Turn, reading: Reading, state: dict[str, Any] | None) -> dict[str, Any]: ...
    def understand(self, text: str) -> Understanding: ...
    def wants_file(self, state: dict[str, Any] | None) -> bool: ...


@dataclass(frozen=True)
class Receipt:
    """Where an update was filed. Args: new: False for a repeat, which is not answered again."""

    client_id: int
    new: bool


class Assistant:
    """Synchronous: one call at a time per process (see Desk); other processes are held off by the database.

    Args:
        open_unit: opens a unit of work.
        brain: turns a message into replies.
        library: knowledge, wording and street.
        buttons: checks what is pressed.
        now: the clock.
        links: for cases that go on elsewhere.
    """

    def __init__(
        self,
        open_unit: UnitOfWorkFactory,
        brain: Brain,
        library: Library,
        buttons: Buttons,
        now: Callable[[], datetime] = utc_now,
        links: Links | None = None,
    ) -> None:
        self._open_unit, self._brain, self._library = open_unit, brain, library
        self._buttons, self._now = buttons, now
        self._gate = Gate(lambda text: brain.understand(text), links or Links(b"no links are given out"))
        self._member_side = MemberSide(lambda text: brain.understand(text))

    def receive(self, inbound: Inbound) -> Receipt:
        """Store an update durably. After this returns, it will be answered, whatever happens."""
        with self._open_unit() as uow:
            now = self._now()
            client = uow.clients.find_or_add(inbound.channel, inbound.client_key, now)
            added = uow.inbox.add(client.id, inbound, now)
            uow.commit()
        return Receipt(client.id, added is not None)

    def answer(self, client_id: int) -> int:
        """Answer all the client's unanswered messages in order, each in one transaction; how many there were."""
        answered, more = 0, True
        while more:
            handled, more = self._answer_next(client_id)
            answered += handled
        return answered

    def resume(self) -> int:
        """After a start: answer what was stored but not answered. How many messages that were."""
        with self._open_unit(read_only=True) as uow:
            waiting = uow.inbox.list_waiting_clients()
        answered = 0
        for client_id in waiting:
            if self._count_attempt(client_id) > MAX_ATTEMPTS:
                self._apologise(client_id)
            answered += self.answer(client_id)
        return answered

    def understand(self, text: str) -> Understanding:
        """What a text is about, without a conversation; for those who look something up."""
        return self._brain.understand(text)

    def find_client(self, channel: str, client_key: str) -> int | None:
        """The client id behind an address; None before the first message. Looking adds and revives nobody."""
        with self._open_unit(read_only=True) as uow:
            return uow.clients.find(channel, client_key)

    def list_replies(self, client_id: int, after: int) -> list[Outgoing]:
        """What a client may not have seen yet."""
        with self._open_unit(read_only=True) as uow:
            return uow.outbox.list_after(client_id, after)

    def list_news(self, after: int) -> dict[int, int]:
        """Clients with replies newer than outbox id `after`, each with the id of its newest."""
        with self._open_unit(read_only=True) as uow:
            return uow.outbox.list_clients_after(after)

    def acknowledge(self, client_id: int, last_id: int) -> None:
        """The client has everything up to `last_id`."""
        with self._open_unit() as uow:
            uow.outbox.acknowledge(client_id, last_id, self._now())
            uow.commit()

    def _answer_next(self, client_id: int) -> tuple[bool, bool]:
        """Answer the client's oldest unanswered message; whether there was one, and whether more wait."""
        try:
            with self._open_unit() as uow:
                uow.clients.lock(client_id)
                found = uow.inbox.next_unhandled(client_id)
                if found is None:
                    return False, False
                self._take_turn(uow, client_id, *found)
                more = uow.inbox.next_unhandled(client_id) is not None
                uow.commit()
            return True, more
        except Collision:  # nothing of it happened, and the message is still there
            logger.warning("turn of client %s collided with another, taken again", client_id)
            return False, True
        except Exception as error:
            # Identifiers and the kind of error only: a message or a value in it could be somebody's trouble.
            logger.error("turn failed: client %s, %s", client_id, _describe(error))
            return self._apologise(client_id), True

    def _take_turn(self, uow: UnitOfWork, client_id: int, inbox_id: int, inbound: Inbound) -> None:
        now = self._now()
        reading = read_inbound(inbound, self._buttons)
        client = uow.clients.get(client_id)
        turn = Turn(uow, self._library, now, client, text=reading.words, attachment=inbound.attachment)
        before = uow.conversations.find(client_id)
        state = dict(before or {})
        if self._take_at_gate(turn, inbound, reading, state):
            pass
        elif reading.reply and not (turn.attachment and self._brain.wants_file(state)):
            turn.say(reading.reply)
        else:
            state = self._brain.respond(turn, reading, state or None)
        if state != (before or {}):
            uow.conversations.save(client_id, state, now)
        if not turn.replies and not turn.silent:  # every message gets a reply, never silence
            turn.say("utter_out_of_scope")
        for reply in turn.replies:
            uow.outbox.add(client_id, reply, now, inbox_id)
        uow.inbox.mark_handled(inbox_id, now)

    def _take_at_gate(self, turn: Turn, inbound: Inbound, reading: Reading, state: dict[str, Any]) -> bool:
        """Members work at their own side; a client with a case is heard by a person. Rasa sees neither."""
        member_id = turn.uow.members.find_by_client(turn.client.id)
        if member_id and self._member_side.take(turn, member_id, inbound, reading, state):
            return True
        return self._gate.take(turn, inbound, reading, state)

    def _apologise(self, client_id: int) -> bool:
        with self._open_unit() as uow:
            uow.clients.lock(client_id)
            found = uow.inbox.next_unhandled(client_id)
            if found is None:
                return False
            inbox_id, _ = found
            apology = self._library.wording.say("utter_apology")
            uow.outbox.add(client_id, apology, self._now(), inbox_id)
            uow.inbox.mark_handled(inbox_id, self._now())
            uow.commit()
        return True

    def _count_attempt(self, client_id: int) -> int:
        with self._open_unit() as uow:
            attempts = uow.inbox.count_attempt(client_id)
            uow.commit()
        return attempts


def _describe(error: BaseException) -> str:
    """Type and place of an error, without its message."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
