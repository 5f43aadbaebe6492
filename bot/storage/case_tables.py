"""Cases: who has them, what happened to them, what was said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.cases import Appointment, Assignment, Case, CaseEvent, CaseMessage, normalise_name
from bot.domain.errors import NotFound
from bot.domain.messages import Attachment
from bot.storage.insert import insert_once
from bot.storage.sealing import Keys
from bot.storage.tables import (
    appointments,
    assignments,
    case_copies,
    case_events,
    case_messages,
    case_parties,
    cases,
    outbox,
    sent_messages,
)

CASE_COLUMNS = [c.name for c in cases.c if c.name not in ("id", "question_sealed")]
ASSIGNMENT_COLUMNS = [c.name for c in assignments.c if c.name != "id"]


class SqlCases:
    """See bot.services.ports.Cases."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, case: Case) -> Case:
        """Store a new case; its id comes back set."""
        values = {name: getattr(case, name) for name in CASE_COLUMNS}
        values["question_sealed"] = self._keys.seal(case.question)
        result = self._connection.execute(cases.insert().values(values))
        case.id = int(result.inserted_primary_key[0])
        return case

    def save(self, case: Case) -> None:
        """Store what has changed about a case; its words do not change."""
        values = {name: getattr(case, name) for name in CASE_COLUMNS if name not in ("reference", "opened_at")}
        values["client_id"] = case.client_id or None
        self._connection.execute(cases.update().where(cases.c.id == case.id).values(values))

    def get(self, case_id: int) -> Case:
        """Raises NotFound."""
        found = self._list(cases.c.id == case_id)
        if not found:
            raise NotFound(f"no case {case_id}")
        return found[0]

    def lock(self, case_id: int) -> Case:
        """The case, held off from other processes until the transaction ends. Raises NotFound."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.select(cases.c.id).where(cases.c.id == case_id).with_for_update())
        return self.get(case_id)

    def find_by_reference(self, reference: str) -> Case | None:
        """The case with this reference."""
        return next(iter(self._list(cases.c.reference == reference)), None)

    def find_open(self, client_id: int) -> Case | None:
        """The client's case that is not closed."""
        return next(iter(self._list(cases.c.client_id == client_id, cases.c.closed_at.is_(None))), None)

    def list_for_client(self, client_id: int) -> list[Case]:
        """The client's cases, newest first."""
        return self._list(cases.c.client_id == client_id)

    def list_open(self) -> list[Case]:
        """Every case that is not closed: urgent first, then the oldest."""
        found = self._list(cases.c.closed_at.is_(None))
        return sorted(found, key=lambda case: (case.urgency != "urgent", case.id))

    def list_for_adviser(self, adviser_id: str) -> list[Case]:
        """The adviser's open cases, oldest first."""
        return self._list(cases.c.adviser_id == adviser_id, cases.c.closed_at.is_(None))[::-1]

    def move(self, from_client: int, to_client: int) -> None:
        """All cases of one client become another's: the same person at another address."""
        self._connection.execute(
            cases.update().where(cases.c.client_id == from_client).values(client_id=to_client)
        )

    def _list(self, *conditions: Any) -> list[Case]:
        query = sa.select(cases).where(*conditions).order_by(cases.c.id.desc())
        return [self._case(row) for row in self._connection.execute(query)]

    def _case(self, row: Any) -> Case:
        values = {name: row._mapping[name] for name in CASE_COLUMNS}
        values["client_id"] = row.client_id or 0
        question = self._keys.open(row.question_sealed) if row.question_sealed else ""
        return Case(id=row.id, question=question, **values)

    # -- who has them

    def add_assignment(self, assignment: Assignment) -> Assignment:
        """Store an assignment; its id comes back set."""
        values = {name: getattr(assignment, name) for name in ASSIGNMENT_COLUMNS}
        result = self._connection.execute(assignments.insert().values(values))
        assignment.id = int(result.inserted_primary_key[0])
        return assignment

    def save_assignment(self, assignment: Assignment) -> None:
        """Store what has become of an assignment."""
        values = {name: getattr(assignment, name) for name in ASSIGNMENT_COLUMNS}
        self._connection.execute(assignments.update().where(assignments.c.id == assignment.id).values(values))

    def get_assignment(self, assignment_id: int) -> Assignment:
        """Raises NotFound."""
        row = self._connection.execute(sa.select(assignments).where(assignments.c.id == assignment_id)).first()
        if row is None:
            raise NotFound(f"no assignment {assignment_id}")
        return Assignment(id=row.id, **{name: row._mapping[name] for name in ASSIGNMENT_COLUMNS})

    def list_assignments(self, case_id: int) -> list[Assignment]:
        """All assignments of a case, oldest first."""
        query = sa.select(assignments).where(assignments.c.case_id == case_id).order_by(assignments.c.id)
        rows = self._connection.execute(query)
        return [Assignment(id=row.id, **{name: row._mapping[name] for name in ASSIGNMENT_COLUMNS}) for row in rows]

    def count_waiting_before(self, case: Case) -> int:
        """Cases that the same adviser takes over first: urgent ones before others, then by age."""
        earlier = sa.and_(cases.c.urgency == case.urgency, cases.c.id < case.id)
        if case.urgency != "urgent":
            earlier = sa.or_(cases.c.urgency == "urgent", earlier)
        query = (
            sa.select(sa.func.count())
            .select_from(cases)
            .where(cases.c.closed_at.is_(None), cases.c.accepted_at.is_(None), earlier)
            .where(cases.c.adviser_id == case.adviser_id if case.adviser_id else cases.c.adviser_id.is_(None))
        )
        return int(self._connection.execute(query).scalar_one())

    def count_open_by_adviser(self) -> dict[str, int]:
        """How many open cases each adviser has now."""
        query = sa.select(cases.c.adviser_id, sa.func.count()).where(cases.c.closed_at.is_(None))
        rows = self._connection.execute(query.where(cases.c.adviser_id.is_not(None)).group_by(cases.c.adviser_id))
        return {adviser: int(number) for adviser, number in rows}

    def count_assigned_since(self, since: datetime) -> dict[str, int]:
        """How many assignments each adviser was given by falin since a moment; those a person made do not count."""
        query = (
            sa.select(assignments.c.adviser_id, sa.func.count())
            .where(assignments.c.assigned_at >= since, ~assignments.c.reason.like("manual%"))
            .group_by(assignments.c.adviser_id)
        )
        return {adviser: int(number) for adviser, number in self._connection.execute(query)}

    # -- appointments

    def book(self, case_id: int, adviser_id: str, at: datetime) -> bool:
        """Make an appointment; False when the adviser's time is taken. An earlier one of the case must be cancelled."""
        values = {"case_id": case_id, "adviser_id": adviser_id, "at": at}
        return insert_once(self._connection, appointments, values, "")

    def cancel_appointments(self, case_id: int, now: datetime) -> None:
        """The case's appointments will not take place."""
        here = sa.and_(appointments.c.case_id == case_id, appointments.c.cancelled_at.is_(None), appointments.c.at > now)
        self._connection.execute(appointments.update().where(here).values(cancelled_at=now))

    def list_appointments(self, since: datetime, *, adviser_id: str = "", case_id: int = 0) -> list[Appointment]:
        """Appointments from a moment on, of an adviser or a case if named, in their order."""
        query = sa.select(appointments).where(appointments.c.at >= since, appointments.c.cancelled_at.is_(None))
        if adviser_id:
            query = query.where(appointments.c.adviser_id == adviser_id)
        if case_id:
            query = query.where(appointments.c.case_id == case_id)
        rows = self._connection.execute(query.order_by(appointments.c.at, appointments.c.id))
        return [Appointment(row.case_id, row.adviser_id, row.at) for row in rows]

    # -- the parties, for the conflict check

    def add_party(self, case_id: int, side: str, name: str) -> None:
        """Note a party. Args: side: "client" or "other".  name: kept as a keyed hash only."""
        name_hash = self._keys.hash("party", normalise_name(name))
        values = {"case_id": case_id, "side": side, "name_hash": name_hash}
        insert_once(self._connection, case_parties, values, "case_id, side, name_hash")

    def list_conflicted(self, own: Collection[str], other: Collection[str]) -> dict[str, int]:
        """Advisers who have, or had, the other side as their client; each with such a case.

        That is: the other party is client of one of their cases, or this client was the other party there.
        """
        wanted = {
            "client": [self._keys.hash("party", normalise_name(name)) for name in other],
            "other": [self._keys.hash("party", normalise_name(name)) for name in own],
        }
        found: dict[str, int] = {}
        for side, hashes in wanted.items():
            query = (
                sa.select(assignments.c.adviser_id, case_parties.c.case_id)
                .join(case_parties, case_parties.c.case_id == assignments.c.case_id)
                .where(case_parties.c.side == side, case_parties.c.name_hash.in_(hashes))
            )
            found.update({row.adviser_id: row.case_id for row in self._connection.execute(query)} if hashes else {})
        return found


class SqlCaseFiles:
    """See bot.services.ports.CaseFiles."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add_event(self, event: CaseEvent) -> None:
        """Append to what happened."""
        detail = self._keys.seal(event.detail) if event.detail else None
        self._connection.execute(
            case_events.insert().values(
                case_id=event.case_id, at=event.at, kind=event.kind, actor=event.actor, detail_sealed=detail
            )
        )

    def list_events(self, case_id: int) -> list[CaseEvent]:
        """What happened, in order."""
        query = sa.select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.id)
        return [
            CaseEvent(
                row.case_id, row.at, row.kind, row.actor, self._keys.open(row.detail_sealed) if row.detail_sealed else ""
            )
            for row in self._connection.execute(query)
        ]

    def add_message(self, message: CaseMessage) -> CaseMessage:
        """Append to what was said; its id comes back set."""
        result = self._connection.execute(
            case_messages.insert().values(
                case_id=message.case_id,
                author=message.author,
                at=message.at,
                content_sealed=self._seal(message),
                channel=message.channel,
                source=message.source,
            )
        )
        return replace(message, id=int(result.inserted_primary_key[0]))

    def save_message(self, message: CaseMessage) -> None:
        """Store an edited or withdrawn message; a withdrawn one loses its words."""
        content = None if message.withdrawn_at else self._seal(message)
        self._connection.execute(
            case_messages.update()
            .where(case_messages.c.id == message.id)
            .values(content_sealed=content, edited_at=message.edited_at, withdrawn_at=message.withdrawn_at)
        )

    def list_messages(self, case_id: int, last: int = 0) -> list[CaseMessage]:
        """What was said, in order. Args: last: only so many of the newest; 0 for all."""
        query = sa.select(case_messages).where(case_messages.c.case_id == case_id)
        rows = self._connection.execute(query.order_by(case_messages.c.id.desc()).limit(last or None)).all()
        return [self._message(row) for row in reversed(rows)]

    def find_message(self, message_id: int) -> CaseMessage | None:
        """A message by its id."""
        query = sa.select(case_messages).where(case_messages.c.id == message_id)
        row = self._connection.execute(query).first()
        return self._message(row) if row else None

    def find_source(self, channel: str, source: str) -> CaseMessage | None:
        """The message that came from this message of a channel. Args: source: see source_of."""
        query = sa.select(case_messages).where(
            case_messages.c.channel == channel, case_messages.c.source == source
        )
        row = self._connection.execute(query.order_by(case_messages.c.id.desc())).first()
        return self._message(row) if row else None

    def add_copy(self, outbox_id: int, case_id: int, message_id: int | None = None) -> None:
        """Note that an outgoing message belongs to a case, and which message it is a copy of."""
        self._connection.execute(
            case_copies.insert().values(outbox_id=outbox_id, case_id=case_id, message_id=message_id)
        )

    def find_copy(self, client_id: int, platform_message: str) -> tuple[int, int | None] | None:
        """Case and message behind what was delivered to a client under a platform's message id."""
        query = (
            sa.select(case_copies.c.case_id, case_copies.c.message_id)
            .join(sent_messages, sent_messages.c.outbox_id == case_copies.c.outbox_id)
            .where(sent_messages.c.client_id == client_id, sent_messages.c.message_id == platform_message)
        )
        row = self._connection.execute(query).first()
        return (row.case_id, row.message_id) if row else None

    def list_copies(self, message_id: int, client_id: int) -> list[int]:
        """Outbox ids of the copies of a message that went to a client, oldest first."""
        query = (
            sa.select(case_copies.c.outbox_id)
            .join(outbox, outbox.c.id == case_copies.c.outbox_id)
            .where(case_copies.c.message_id == message_id, outbox.c.client_id == client_id)
        )
        return [row.outbox_id for row in self._connection.execute(query.order_by(case_copies.c.outbox_id))]

    def find_case_of(self, outbox_id: int) -> int | None:
        """The case an outgoing message belongs to."""
        query = sa.select(case_copies.c.case_id).where(case_copies.c.outbox_id == outbox_id)
        found = self._connection.execute(query).scalar()
        return int(found) if found is not None else None

    def _seal(self, message: CaseMessage) -> bytes:
        attachment = asdict(message.attachment) if message.attachment else None
        return self._keys.seal({"text": message.text, "attachment": attachment})

    def _message(self, row: Any) -> CaseMessage:
        content: dict[str, Any] = self._keys.open(row.content_sealed) if row.content_sealed else {}
        attachment = Attachment(**content["attachment"]) if content.get("attachment") else None
        return CaseMessage(
            row.id, row.case_id, row.author, row.at, content.get("text", ""), attachment, row.channel, row.source,
            row.edited_at, row.withdrawn_at,
        )  # fmt: skip
