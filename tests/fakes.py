"""In-memory versions of bot.services.ports. tests/storage runs the same rules against these and the real ones."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from types import TracebackType
from typing import Any

from bot.domain.aid_applications import DECISIONS, AidApplication, AidEvent
from bot.domain.aid_applications import EVENTS as AID_EVENTS
from bot.domain.answers import Recipient, Withdrawal
from bot.domain.buttons import Buttons, require_fit
from bot.domain.cases import (
    ENDINGS,
    EVENTS,
    URGENCIES,
    Appointment,
    Assignment,
    Case,
    CaseEvent,
    CaseMessage,
    normalise_name,
)
from bot.domain.clients import Client
from bot.domain.console import CaseReading, ConsoleAccount, ConsoleInvite, ConsoleSession, Tries
from bot.domain.disputes import DISPUTES, FORMS, PERFORMANCES, REFUSALS, SOURCES
from bot.domain.disputes import EVENTS as MEDIATION_EVENTS
from bot.domain.enterprises import Enterprise, normalise_enterprise
from bot.domain.errors import NotFound
from bot.domain.ledger import AUDIENCES, CHANNELS, KINDS, OUTCOMES, SUBJECTS, Entry
from bot.domain.legal_aid import AidAnswers
from bot.domain.mediation import Content, Mediation, MediationEvent, Terms
from bot.domain.messages import Inbound, Outgoing, Reply
from bot.domain.roster import Absence
from bot.domain.timers import Timer
from bot.knowledge.law_library import ArticleText, LawVersion
from bot.knowledge.numerals import Article
from bot.knowledge.statutes import LawText, merge_versions

BUTTONS = Buttons(b"k" * 32)


@dataclass
class StoredInbound:
    id: int
    client_id: int | None
    inbound: Inbound | None
    key: tuple[str, str]
    handled_at: datetime | None = None
    attempts: int = 0


@dataclass
class StoredReply:
    id: int
    client_id: int
    inbox_id: int | None
    reply: Reply | None
    due_at: datetime
    attempts: int = 0
    delivered_at: datetime | None = None
    failure: str | None = None


@dataclass
class Invite:
    member_id: str
    expires_at: datetime
    used: bool = False


@dataclass
class State:
    """All that a transaction can change."""

    clients: dict[int, Client] = field(default_factory=dict)
    inbox: list[StoredInbound] = field(default_factory=list)
    outbox: list[StoredReply] = field(default_factory=list)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)
    ledger: list[Entry] = field(default_factory=list)
    closed_years: set[int] = field(default_factory=set)
    enterprises: dict[int, Enterprise] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    parties: set[tuple[int, str, str]] = field(default_factory=set)
    events: list[CaseEvent] = field(default_factory=list)
    messages: list[CaseMessage] = field(default_factory=list)
    copies: dict[int, tuple[int, int | None]] = field(default_factory=dict)
    sent: dict[tuple[int, str], int] = field(default_factory=dict)
    timers: list[tuple[Timer, datetime | None]] = field(default_factory=list)
    drafts: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    mediations: list[Mediation] = field(default_factory=list)
    mediation_events: list[MediationEvent] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    invites: dict[str, Invite] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    laws: dict[str, tuple[str, LawText]] = field(default_factory=dict)
    given: dict[tuple[int, str], datetime] = field(default_factory=dict)
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    console_invites: dict[str, ConsoleInvite] = field(default_factory=dict)
    console_accounts: dict[str, ConsoleAccount] = field(default_factory=dict)
    console_codes: set[tuple[str, str]] = field(default_factory=set)
    console_sessions: dict[str, ConsoleSession] = field(default_factory=dict)
    console_tries: dict[tuple[str, str], Tries] = field(default_factory=dict)
    console_marks: dict[tuple[str, int], int] = field(default_factory=dict)
    aid: list[AidApplication] = field(default_factory=list)
    aid_events: list[AidEvent] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))


class FakeClients:
    def __init__(self, state: State) -> None:
        self._state = state

    def is_empty(self) -> bool:
        return not self._state.clients

    def find(self, channel: str, key: str) -> int | None:
        address = (channel, key)
        return next((c.id for c in self._state.clients.values() if (c.channel, c.key) == address), None)

    def find_or_add(self, channel: str, key: str, now: datetime) -> Client:
        for client in self._state.clients.values():
            if (client.channel, client.key) == (channel, key):
                return replace(client)
        number = next(self._state.numbers)
        self._state.clients[number] = Client(number, f"p{number}", channel, key)
        return replace(self._state.clients[number])

    def get(self, client_id: int) -> Client:
        if client_id not in self._state.clients:
            raise NotFound(f"no client {client_id}")
        return replace(self._state.clients[client_id])

    def save(self, client: Client) -> None:
        # The pseudonym and the address are not changed by saving.
        known = self._state.clients[client.id]
        self._state.clients[client.id] = replace(
            client, pseudonym=known.pseudonym, channel=known.channel, key=known.key
        )

    def erase(self, client_id: int, now: datetime) -> None:
        state, known = self._state, self._state.clients[client_id]
        for stored in state.inbox:
            if stored.client_id == client_id and stored.handled_at:
                stored.client_id = stored.inbound = None
        state.outbox = [row for row in state.outbox if row.client_id != client_id or row.delivered_at is None]
        state.accounts = {adviser: account for adviser, account in state.accounts.items() if account != client_id}
        mine = {case.id for case in state.cases if case.client_id == client_id}
        state.messages = [message for message in state.messages if message.case_id not in mine]
        state.events = [replace(e, detail="") if e.case_id in mine else e for e in state.events]
        FakeMediations(state).erase(client_id, now)
        state.drafts = {key: draft for key, draft in state.drafts.items() if key[0] != client_id}
        state.files = {ref: file for ref, file in state.files.items() if file[0] != client_id}
        for case in state.cases:
            if case.client_id == client_id:
                case.closed_at, case.client_id, case.question = case.closed_at or now, 0, ""
        for a in [a for a in state.aid if a.client_id == client_id]:
            a.withdrawn_at = now if a.open else a.withdrawn_at
            a.client_id, a.name, a.phone, a.other_party, a.facts, a.note = 0, "", "", "", "", ""
            a.photos, a.answers = [], AidAnswers()
        state.given = {key: moment for key, moment in state.given.items() if key[0] != client_id}
        fresh = Client(client_id, f"p{next(state.numbers)}", known.channel, known.key)
        state.clients[client_id] = fresh

    def lock(self, client_id: int) -> None:
        pass  # one unit of work at a time

    def move(self, from_client: int, to_client: int) -> None:
        state, clients = self._state, self._state.clients
        old, here = clients[from_client], clients[to_client]
        source = old if old.consented_at else replace(here, pseudonym=old.pseudonym)
        clients[to_client] = replace(source, id=to_client, channel=here.channel, key=here.key)
        clients[from_client] = Client(from_client, f"p{next(state.numbers)}", old.channel, old.key)
        state.given = {key: moment for key, moment in state.given.items() if key[0] != from_client}
        state.conversations.pop(from_client, None)
        kept = {key: draft for key, draft in state.drafts.items() if key[0] not in (from_client, to_client)}
        moved = {(to_client, kind): d for (client, kind), d in state.drafts.items() if client == from_client}
        state.drafts = {**kept, **moved}
        state.files = {
            ref: (to_client if owner == from_client else owner, size) for ref, (owner, size) in state.files.items()
        }


class FakeInbox:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, client_id: int, inbound: Inbound, now: datetime) -> int | None:
        key = (inbound.channel, inbound.update_id)
        if any(stored.key == key for stored in self._state.inbox):
            return None
        stored = StoredInbound(next(self._state.numbers), client_id, inbound, key)
        self._state.inbox.append(stored)
        return stored.id

    def _waiting(self, client_id: int) -> list[StoredInbound]:
        return [s for s in self._state.inbox if s.client_id == client_id and s.handled_at is None]

    def next_unhandled(self, client_id: int) -> tuple[int, Inbound] | None:
        for stored in self._waiting(client_id):
            assert stored.inbound
            return stored.id, stored.inbound
        return None

    def mark_handled(self, inbox_id: int, now: datetime) -> None:
        for stored in self._state.inbox:
            if stored.id == inbox_id:
                stored.handled_at, stored.inbound = now, None

    def list_waiting_clients(self) -> list[int]:
        return sorted({s.client_id for s in self._state.inbox if s.handled_at is None and s.client_id is not None})

    def count_attempt(self, client_id: int) -> int:
        for stored in self._waiting(client_id):
            stored.attempts += 1
            return stored.attempts
        return 0


class FakeOutbox:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, client_id: int, reply: Reply, now: datetime, inbox_id: int | None = None) -> int:
        reply.with_payloads(require_fit)
        row = StoredReply(next(self._state.numbers), client_id, inbox_id, reply, now)
        self._state.outbox.append(row)
        return row.id

    def list_after(self, client_id: int, last_id: int) -> list[Outgoing]:
        return [
            self._outgoing(row)
            for row in self._state.outbox
            if row.client_id == client_id and row.id > last_id and row.reply is not None
        ]

    def list_clients_after(self, last_id: int) -> dict[int, int]:
        return {row.client_id: row.id for row in self._state.outbox if row.id > last_id}

    def claim_due(self, channel: str, now: datetime, until: datetime, limit: int) -> list[Outgoing]:
        due, seen = [], set()
        for row in self._state.outbox:
            if row.delivered_at is not None or row.client_id in seen:
                continue
            seen.add(row.client_id)  # whatever follows waits for this one
            if self._state.clients[row.client_id].channel == channel and row.due_at <= now and len(due) < limit:
                due.append(self._outgoing(row))
                row.due_at, row.attempts = until, row.attempts + 1
        return due

    def mark_delivered(self, outbox_id: int, now: datetime, message_ids: Collection[str] = ()) -> None:
        row = self._find(outbox_id)
        replaced = row.reply.replaces if row.reply else None
        original = replaced if any(earlier.id == replaced for earlier in self._state.outbox) else outbox_id
        if message_ids:
            self._state.sent = {key: known for key, known in self._state.sent.items() if known != original}
        for message_id in message_ids:
            self._state.sent[row.client_id, message_id] = original
        row.delivered_at, row.reply = now, None

    def postpone(self, outbox_id: int, due_at: datetime) -> None:
        self._find(outbox_id).due_at = due_at

    def give_up(self, outbox_id: int, reason: str, now: datetime) -> None:
        row = self._find(outbox_id)
        row.delivered_at, row.reply, row.failure = now, None, reason[:80]

    def acknowledge(self, client_id: int, last_id: int, now: datetime) -> None:
        for row in self._state.outbox:
            if row.client_id == client_id and row.id <= last_id and row.delivered_at is None:
                row.delivered_at = now

    def _find(self, outbox_id: int) -> StoredReply:
        return next(row for row in self._state.outbox if row.id == outbox_id)

    def _outgoing(self, row: StoredReply) -> Outgoing:
        assert row.reply
        client = self._state.clients[row.client_id]
        update = next((s.key[1] for s in self._state.inbox if s.id == row.inbox_id), "")
        reply = BUTTONS.sign_reply(client.channel, client.key, row.reply)
        replaced = tuple(m for (_, m), outbox in self._state.sent.items() if outbox == row.reply.replaces)
        return Outgoing(row.id, client.channel, client.key, reply, update, row.attempts, replaced)


class FakeConversations:
    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, client_id: int) -> dict[str, Any] | None:
        return copy.deepcopy(self._state.conversations.get(client_id))

    def save(self, client_id: int, state: dict[str, Any], now: datetime) -> None:
        self._state.conversations[client_id] = copy.deepcopy(state)

    def clear(self, client_id: int) -> None:
        self._state.conversations.pop(client_id, None)


class FakeLedger:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, entry: Entry) -> bool:
        # The closed lists are not checked by the database, so every test of a service checks them here.
        assert entry.kind in KINDS, entry.kind
        assert entry.subject in SUBJECTS, entry.subject
        assert entry.outcome in OUTCOMES, entry.outcome
        assert entry.audience in ("", *AUDIENCES), entry.audience
        assert entry.channel in CHANNELS, entry.channel
        if any(known.key == entry.key for known in self._state.ledger):
            return False
        assert entry.corrects is None or not self.find_correction(entry.corrects), "an entry is corrected once"
        self._state.ledger.append(replace(entry, id=len(self._state.ledger) + 1))
        return True

    def get(self, entry_id: int) -> Entry:
        if not 0 < entry_id <= len(self._state.ledger):
            raise NotFound(f"no entry {entry_id}")
        return self._state.ledger[entry_id - 1]

    def find_by_key(self, key: str) -> Entry | None:
        return next((e for e in self._state.ledger if e.key == key), None)

    def find_correction(self, entry_id: int) -> Entry | None:
        return next((e for e in self._state.ledger if e.corrects == entry_id), None)

    def list_recorded(self, member_id: str, limit: int) -> list[Entry]:
        return [e for e in reversed(self._state.ledger) if e.recorded_by == member_id][:limit]

    def list_for_client(self, pseudonym: str, limit: int) -> list[Entry]:
        found = [e for e in reversed(self._state.ledger) if e.client == pseudonym and e.count]
        return [e for e in found if not self.find_correction(e.id)][:limit]

    def is_closed(self, year: int) -> bool:
        return year in self._state.closed_years

    def is_empty(self) -> bool:
        return not self._state.ledger


class FakeEnterprises:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, enterprise: Enterprise) -> Enterprise:
        assert self.find_by_name(enterprise.name) is None, "the database refuses a second one of this name"
        number = next(self._state.numbers)
        added = replace(enterprise, id=number, pseudonym=enterprise.pseudonym or f"e{number}")
        self._state.enterprises[added.id] = added
        return replace(added)

    def save(self, enterprise: Enterprise) -> None:
        self._state.enterprises[enterprise.id] = replace(enterprise)

    def get(self, enterprise_id: int) -> Enterprise:
        if enterprise_id not in self._state.enterprises:
            raise NotFound(f"no enterprise {enterprise_id}")
        return replace(self._state.enterprises[enterprise_id])

    def find_by_name(self, name: str) -> Enterprise | None:
        wanted = normalise_enterprise(name)
        return next((replace(e) for e in self._state.enterprises.values() if normalise_enterprise(e.name) == wanted), None)

    def find_by_pseudonym(self, pseudonym: str) -> Enterprise | None:
        return next((replace(e) for e in self._state.enterprises.values() if e.pseudonym == pseudonym), None)

    def list_all(self) -> list[Enterprise]:
        return [replace(e) for e in self._state.enterprises.values()]


class FakeCases:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, case: Case) -> Case:
        assert case.urgency in URGENCIES, case.urgency
        assert self.find_open(case.client_id) is None, "the database allows one open case a client"
        case.id = next(self._state.numbers)
        self._state.cases.append(replace(case))
        return case

    def save(self, case: Case) -> None:
        index = next(i for i, known in enumerate(self._state.cases) if known.id == case.id)
        self._state.cases[index] = replace(case, question=self._state.cases[index].question)

    def get(self, case_id: int) -> Case:
        for case in self._state.cases:
            if case.id == case_id:
                return replace(case)
        raise NotFound(f"no case {case_id}")

    lock = get

    def find_by_reference(self, reference: str) -> Case | None:
        return next((replace(case) for case in self._state.cases if case.reference == reference), None)

    def find_open(self, client_id: int) -> Case | None:
        return next((case for case in self.list_for_client(client_id) if case.state != "closed"), None)

    def list_for_client(self, client_id: int) -> list[Case]:
        return [replace(case) for case in reversed(self._state.cases) if case.client_id == client_id]

    def list_open(self) -> list[Case]:
        found = [replace(case) for case in self._state.cases if case.closed_at is None]
        return sorted(found, key=lambda case: (case.urgency != "urgent", case.id))

    def list_for_adviser(self, adviser_id: str) -> list[Case]:
        return [replace(c) for c in self._state.cases if c.adviser_id == adviser_id and c.closed_at is None]

    def move(self, from_client: int, to_client: int) -> None:
        for case in self._state.cases:
            if case.client_id == from_client:
                case.client_id = to_client

    def add_assignment(self, assignment: Assignment) -> Assignment:
        assignment.id = next(self._state.numbers)
        self._state.assignments.append(replace(assignment))
        return assignment

    def get_assignment(self, assignment_id: int) -> Assignment:
        for assignment in self._state.assignments:
            if assignment.id == assignment_id:
                return replace(assignment)
        raise NotFound(f"no assignment {assignment_id}")

    def save_assignment(self, assignment: Assignment) -> None:
        assert assignment.ended_because in ("", *ENDINGS), assignment.ended_because
        index = next(i for i, known in enumerate(self._state.assignments) if known.id == assignment.id)
        self._state.assignments[index] = replace(assignment)

    def list_assignments(self, case_id: int) -> list[Assignment]:
        return [replace(a) for a in self._state.assignments if a.case_id == case_id]

    def count_waiting_before(self, case: Case) -> int:
        mine = [c for c in self.list_open() if c.adviser_id == case.adviser_id and c.accepted_at is None]
        return sum((c.urgency != "urgent", c.id) < (case.urgency != "urgent", case.id) for c in mine)

    def count_open_by_adviser(self) -> dict[str, int]:
        return dict(Counter(c.adviser_id for c in self._state.cases if c.adviser_id and c.closed_at is None))

    def count_assigned_since(self, since: datetime) -> dict[str, int]:
        given = self._state.assignments
        return dict(
            Counter(a.adviser_id for a in given if a.assigned_at >= since and not a.reason.startswith("manual"))
        )

    def book(self, case_id: int, adviser_id: str, at: datetime) -> bool:
        if any((a.adviser_id, a.at) == (adviser_id, at) for a in self._state.appointments):
            return False
        self._state.appointments.append(Appointment(case_id, adviser_id, at))
        return True

    def cancel_appointments(self, case_id: int, now: datetime) -> None:
        kept = [a for a in self._state.appointments if a.case_id != case_id or a.at <= now]
        self._state.appointments = kept

    def list_appointments(self, since: datetime, *, adviser_id: str = "", case_id: int = 0) -> list[Appointment]:
        found = [a for a in self._state.appointments if a.at >= since]
        found = [a for a in found if not adviser_id or a.adviser_id == adviser_id]
        return sorted((a for a in found if not case_id or a.case_id == case_id), key=lambda a: a.at)

    def add_party(self, case_id: int, side: str, name: str) -> None:
        self._state.parties.add((case_id, side, normalise_name(name)))

    def list_conflicted(self, own: Collection[str], other: Collection[str]) -> dict[str, int]:
        wanted = {("other", normalise_name(n)) for n in own} | {("client", normalise_name(n)) for n in other}
        hits = {case_id for case_id, side, name in self._state.parties if (side, name) in wanted}
        return {a.adviser_id: a.case_id for a in self._state.assignments if a.case_id in hits}


class FakeCaseFiles:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_event(self, event: CaseEvent) -> None:
        assert event.kind in EVENTS, event.kind
        self._state.events.append(event)

    def list_events(self, case_id: int) -> list[CaseEvent]:
        return [event for event in self._state.events if event.case_id == case_id]

    def add_message(self, message: CaseMessage) -> CaseMessage:
        message = replace(message, id=next(self._state.numbers))
        self._state.messages.append(message)
        return replace(message)

    def save_message(self, message: CaseMessage) -> None:
        if message.withdrawn_at:
            message = replace(message, text="", attachment=None)
        index = next(i for i, known in enumerate(self._state.messages) if known.id == message.id)
        self._state.messages[index] = replace(message)

    def list_messages(self, case_id: int, last: int = 0) -> list[CaseMessage]:
        return [replace(m) for m in self._state.messages if m.case_id == case_id][-last:]

    def find_message(self, message_id: int) -> CaseMessage | None:
        return next((replace(m) for m in self._state.messages if m.id == message_id), None)

    def find_source(self, channel: str, source: str) -> CaseMessage | None:
        found = [m for m in self._state.messages if (m.channel, m.source) == (channel, source)]
        return replace(found[-1]) if found else None

    def add_copy(self, outbox_id: int, case_id: int, message_id: int | None = None) -> None:
        self._state.copies[outbox_id] = (case_id, message_id)

    def find_copy(self, client_id: int, platform_message: str) -> tuple[int, int | None] | None:
        return self._state.copies.get(self._state.sent.get((client_id, platform_message), 0))

    def list_copies(self, message_id: int, client_id: int) -> list[int]:
        theirs = {row.id for row in self._state.outbox if row.client_id == client_id}
        copies = self._state.copies.items()
        return sorted(outbox for outbox, (_, message) in copies if message == message_id and outbox in theirs)

    def find_case_of(self, outbox_id: int) -> int | None:
        return self._state.copies.get(outbox_id, (None, None))[0]


class FakeMediations:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, mediation: Mediation) -> Mediation:
        self._check(mediation)
        mediation.id = next(self._state.numbers)
        self._state.mediations.append(replace(mediation))
        return mediation

    def save(self, mediation: Mediation) -> None:
        self._check(mediation)
        index = next(i for i, known in enumerate(self._state.mediations) if known.id == mediation.id)
        self._state.mediations[index] = replace(mediation)

    def _check(self, m: Mediation) -> None:
        assert m.kind in DISPUTES, m.kind
        assert m.source in SOURCES, m.source
        assert m.refusal in (None, *REFUSALS), m.refusal
        assert m.form in (None, *FORMS), m.form
        assert m.performed in (None, *PERFORMANCES), m.performed

    def _list(self, chosen: Any) -> list[Mediation]:
        return [replace(m) for m in reversed(self._state.mediations) if chosen(m)]

    def get(self, mediation_id: int) -> Mediation:
        for mediation in self._list(lambda m: m.id == mediation_id):
            return mediation
        raise NotFound(f"no mediation {mediation_id}")

    lock = get

    def find_by_reference(self, reference: str) -> Mediation | None:
        return next(iter(self._list(lambda m: m.reference == reference)), None)

    def find_by_token(self, token_hash: str) -> Mediation | None:
        return next(iter(self._list(lambda m: m.token_hash == token_hash)), None)

    def list_for_client(self, client_id: int) -> list[Mediation]:
        return self._list(lambda m: m.client_id == client_id)

    def list_for_respondent(self, client_id: int) -> list[Mediation]:
        return self._list(lambda m: m.respondent_client_id == client_id)

    def list_open(self) -> list[Mediation]:
        return self._list(lambda m: m.open)[::-1]

    def list_for_mediator(self, mediator_id: str) -> list[Mediation]:
        return self._list(lambda m: m.open and m.mediator_id == mediator_id)[::-1]

    def list_ended(self, limit: int = 100) -> list[Mediation]:
        return self._list(lambda m: not m.open)[:limit]

    def count_open_by_mediator(self) -> dict[str, int]:
        return dict(Counter(m.mediator_id for m in self._state.mediations if m.open and m.mediator_id))

    def move(self, from_client: int, to_client: int) -> None:
        for m in self._state.mediations:
            m.client_id = to_client if m.client_id == from_client else m.client_id
            if m.respondent_client_id == from_client:
                m.respondent_client_id = to_client

    def add_event(self, event: MediationEvent) -> None:
        assert event.kind in MEDIATION_EVENTS, event.kind
        self._state.mediation_events.append(event)

    def list_events(self, mediation_id: int) -> list[MediationEvent]:
        return [event for event in self._state.mediation_events if event.mediation_id == mediation_id]

    def erase(self, client_id: int, now: datetime) -> None:
        state = self._state
        mine = {m.id for m in state.mediations if m.client_id == client_id}
        state.mediation_events = [replace(e, detail="") if e.mediation_id in mine else e for e in state.mediation_events]
        for m in state.mediations:
            if m.respondent_client_id == client_id:
                m.respondent_client_id = 0
            if m.id in mine:
                m.withdrawn_at = (m.withdrawn_at or now) if m.open else m.withdrawn_at
                m.client_id, m.content, m.agreement, m.session_place = 0, Content(), Terms(), ""
                m.token_hash = m.due_at = None


class FakeMembers:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_invite(self, token_hash: str, member_id: str, expires_at: datetime) -> None:
        self._state.invites[token_hash] = Invite(member_id, expires_at)

    def use_invite(self, token_hash: str, now: datetime) -> str | None:
        invite = self._state.invites.get(token_hash)
        if invite is None or invite.used or invite.expires_at <= now:
            return None
        invite.used = True
        return invite.member_id

    def add_account(self, member_id: str, client_id: int, now: datetime) -> None:
        accounts = self._state.accounts
        self._state.accounts = {a: c for a, c in accounts.items() if c != client_id} | {member_id: client_id}

    def remove_account(self, member_id: str) -> None:
        self._state.accounts.pop(member_id, None)

    def find_account(self, member_id: str | None) -> int | None:
        return self._state.accounts.get(member_id) if member_id else None

    def find_by_client(self, client_id: int) -> str | None:
        return next((a for a, account in self._state.accounts.items() if account == client_id), None)

    def add_absence(self, absence: Absence) -> None:
        self._state.absences.append(absence)

    def end_absence(self, member_id: str, last: date) -> None:
        kept = [a for a in self._state.absences if a.member_id != member_id or a.first <= last]
        self._state.absences = [
            replace(a, last=last) if a.member_id == member_id and (a.last is None or a.last > last) else a for a in kept
        ]

    def list_absences(self, since: date) -> list[Absence]:
        return [a for a in self._state.absences if a.last is None or a.last >= since]


class FakeTimers:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, kind: str, subject: str, due_at: datetime) -> bool:
        if any((t.kind, t.subject) == (kind, subject) for t, _ in self._state.timers):
            return False
        self._state.timers.append((Timer(next(self._state.numbers), kind, subject, due_at), None))
        return True

    def list_due(self, now: datetime, limit: int = 100) -> list[Timer]:
        due = [timer for timer, done in self._state.timers if done is None and timer.due_at <= now]
        return sorted(due, key=lambda timer: (timer.due_at, timer.id))[:limit]

    def finish(self, timer_id: int, now: datetime) -> bool:
        for index, (timer, done) in enumerate(self._state.timers):
            if timer.id == timer_id and done is None:
                self._state.timers[index] = (timer, now)
                return True
        return False

    def cancel(self, kind: str, subject: str, now: datetime) -> None:
        for timer, done in list(self._state.timers):
            if (timer.kind, timer.subject) == (kind, subject) and done is None:
                self.finish(timer.id, now)

    def drop(self, kind: str, subject: str) -> None:
        kept = [(t, done) for t, done in self._state.timers if (t.kind, t.subject) != (kind, subject)]
        self._state.timers = kept


class FakeDrafts:
    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, client_id: int, kind: str) -> dict[str, Any] | None:
        return copy.deepcopy(self._state.drafts.get((client_id, kind)))

    def save(self, client_id: int, kind: str, content: dict[str, Any], now: datetime) -> None:
        self._state.drafts[client_id, kind] = copy.deepcopy(content)

    def clear(self, client_id: int, kind: str) -> None:
        self._state.drafts.pop((client_id, kind), None)


class FakeAidApplications:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, application: AidApplication) -> AidApplication:
        application.id = next(self._state.numbers)
        self._state.aid.append(copy.deepcopy(application))
        return application

    def save(self, application: AidApplication) -> None:
        assert application.decision in (None, *DECISIONS), application.decision
        index = next(i for i, known in enumerate(self._state.aid) if known.id == application.id)
        self._state.aid[index] = copy.deepcopy(application)

    def lock(self, application_id: int) -> AidApplication:
        for application in self._state.aid:
            if application.id == application_id:
                return copy.deepcopy(application)
        raise NotFound(f"no application {application_id}")

    def find_by_reference(self, reference: str) -> AidApplication | None:
        return next((copy.deepcopy(a) for a in self._state.aid if a.reference == reference), None)

    def list_for_client(self, client_id: int) -> list[AidApplication]:
        return [copy.deepcopy(a) for a in reversed(self._state.aid) if a.client_id == client_id]

    def list_open(self) -> list[AidApplication]:
        return sorted((copy.deepcopy(a) for a in self._state.aid if a.open), key=lambda a: (not a.urgent, a.id))

    def list_ended(self, limit: int = 50) -> list[AidApplication]:
        return [copy.deepcopy(a) for a in reversed(self._state.aid) if not a.open][:limit]

    def add_event(self, event: AidEvent) -> None:
        assert event.kind in AID_EVENTS, event.kind
        self._state.aid_events.append(event)

    def list_events(self, application_id: int) -> list[AidEvent]:
        return [event for event in self._state.aid_events if event.application_id == application_id]

    def move(self, from_client: int, to_client: int) -> None:
        for application in self._state.aid:
            if application.client_id == from_client:
                application.client_id = to_client


class FakeFiles:
    """The disk is no part of the transaction."""

    def __init__(self, state: State, disk: dict[str, bytes]) -> None:
        self._state, self._disk = state, disk

    def write(self, content: bytes) -> str:
        ref = f"file{len(self._disk):020}"
        self._disk[ref] = content
        return ref

    def register(self, client_id: int, ref: str, size: int, now: datetime) -> None:
        self._state.files[ref] = (client_id, size)

    def add(self, client_id: int, content: bytes, now: datetime) -> str:
        ref = self.write(content)
        self.register(client_id, ref, len(content), now)
        return ref

    def read(self, ref: str) -> bytes:
        if ref not in self._state.files:
            raise NotFound(f"no file {ref}")
        return self._disk[ref]

    def count_bytes(self, client_id: int) -> int:
        return sum(size for owner, size in self._state.files.values() if owner == client_id)


class FakeLaws:
    def __init__(self, state: State) -> None:
        self._state = state

    def digests(self) -> dict[str, str]:
        return {name: digest for name, (digest, _) in self._state.laws.items()}

    def save(self, name: str, digest: str, law: LawText) -> None:
        self._state.laws[name] = (digest, law)

    def _merged(self) -> list[LawText]:
        laws = (copy.deepcopy(law) for _, (_, law) in sorted(self._state.laws.items()))
        return [law for versions in merge_versions(laws).values() for law in versions.values()]

    def list_versions(self) -> list[LawVersion]:
        found = [LawVersion(law.title, law.version, law.begins, law.repeals) for law in self._merged()]
        return sorted(found, key=lambda v: (v.law, v.version or date.min))

    def list_articles(self, version: LawVersion) -> list[ArticleText]:
        for law in self._merged():
            if (law.title, law.version) == (version.law, version.version):
                return [
                    ArticleText(law.title, article, law.headings.get(article, ""), text.strip())
                    for article, text in sorted(law.articles.items())
                ]
        return []

    def find_article(self, version: LawVersion, article: Article) -> ArticleText | None:
        return next((text for text in self.list_articles(version) if text.article == article), None)


class FakeAnswers:
    def __init__(self, state: State) -> None:
        self._state = state

    def note_given(self, client_id: int, entry: str, now: datetime) -> None:
        self._state.given[client_id, entry] = now

    def withdraw(self, entry: str, law: str, since: date) -> None:
        self._state.withdrawn[entry] = Withdrawal(entry, law, since)

    def list_withdrawn(self) -> list[Withdrawal]:
        return [self._state.withdrawn[entry] for entry in sorted(self._state.withdrawn)]

    def list_given(self, client_id: int) -> list[str]:
        mine = [(moment, entry) for (client, entry), moment in self._state.given.items() if client == client_id]
        return [entry for _, entry in sorted(mine, reverse=True)]

    def list_recipients(self, entries: Collection[str]) -> list[Recipient]:
        rows = sorted((entry, moment, client) for (client, entry), moment in self._state.given.items())
        clients = self._state.clients
        return [
            Recipient(clients[client].pseudonym, clients[client].community or "", entry, moment)
            for entry, moment, client in rows
            if entry in entries
        ]


class FakeConsoleAccounts:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_invite(self, token: str, invite: ConsoleInvite) -> None:
        self.drop_invites(invite.member_id)
        self._state.console_invites[token] = invite

    def find_invite(self, token: str, now: datetime) -> ConsoleInvite | None:
        invite = self._state.console_invites.get(token)
        return invite if invite and invite.expires_at > now else None

    def list_invites(self, now: datetime) -> list[ConsoleInvite]:
        found = [replace(i, secret="") for i in self._state.console_invites.values() if i.expires_at > now]
        return sorted(found, key=lambda invite: invite.expires_at)

    def drop_invites(self, member_id: str) -> None:
        invites = self._state.console_invites
        self._state.console_invites = {t: i for t, i in invites.items() if i.member_id != member_id}

    def save(self, account: ConsoleAccount) -> None:
        self._state.console_accounts[account.member_id] = account

    def find(self, member_id: str) -> ConsoleAccount | None:
        return self._state.console_accounts.get(member_id)

    def list_joined(self) -> set[str]:
        return set(self._state.console_accounts)

    def remove(self, member_id: str) -> None:
        self._state.console_accounts.pop(member_id, None)
        self.set_recovery_codes(member_id, ())
        self.end_sessions(member_id)
        self.drop_invites(member_id)
        marks = self._state.console_marks
        self._state.console_marks = {key: seen for key, seen in marks.items() if key[0] != member_id}

    def set_recovery_codes(self, member_id: str, codes: Collection[str]) -> None:
        others = {pair for pair in self._state.console_codes if pair[0] != member_id}
        self._state.console_codes = others | {(member_id, code) for code in codes}

    def use_recovery_code(self, member_id: str, code: str) -> bool:
        known = (member_id, code) in self._state.console_codes
        self._state.console_codes.discard((member_id, code))
        return known

    def count_recovery_codes(self, member_id: str) -> int:
        return sum(member == member_id for member, _ in self._state.console_codes)

    def add_session(self, token: str, session: ConsoleSession) -> None:
        self._state.console_sessions[token] = session

    def find_session(self, token: str) -> ConsoleSession | None:
        return self._state.console_sessions.get(token)

    def touch_session(self, token: str, now: datetime) -> None:
        self._state.console_sessions[token] = replace(self._state.console_sessions[token], seen_at=now)

    def end_session(self, token: str) -> None:
        self._state.console_sessions.pop(token, None)

    def end_sessions(self, member_id: str) -> None:
        sessions = self._state.console_sessions
        self._state.console_sessions = {t: s for t, s in sessions.items() if s.member_id != member_id}

    def find_tries(self, kind: str, who: str) -> Tries | None:
        return self._state.console_tries.get((kind, who))

    def save_tries(self, kind: str, who: str, tries: Tries) -> None:
        self._state.console_tries[kind, who] = tries

    def clear_tries(self, kind: str, who: str) -> None:
        self._state.console_tries.pop((kind, who), None)


class FakeConsoleViews:
    def __init__(self, state: State) -> None:
        self._state = state

    def revision(self) -> str:
        events = sum(event.kind != "read" for event in self._state.events)
        changed = [m.id for m in self._state.messages if m.edited_at or m.withdrawn_at]
        counted = (*self._state.mediation_events, *self._state.aid_events)
        others = len(self._state.assignments), sum(event.kind != "read" for event in counted)
        return f"{events}-{len(self._state.messages)}-{len(changed)}-{others}"

    def list_readings(self, since: datetime, limit: int = 500) -> list[CaseReading]:
        state = self._state
        references = {one.id: one.reference for one in (*state.cases, *state.mediations, *state.aid)}
        events = [(event.case_id, event) for event in state.events]
        events += [(event.mediation_id, event) for event in state.mediation_events]
        events += [(event.application_id, event) for event in state.aid_events]
        found = [CaseReading(references[i], e.actor, e.at) for i, e in events if e.kind == "read" and e.at >= since]
        return sorted(reversed(found), key=lambda reading: reading.at, reverse=True)[:limit]

    def list_cases_had(self, member_id: str, limit: int = 50) -> list[int]:
        had = {a.case_id for a in self._state.assignments if a.adviser_id == member_id and a.accepted_at}
        over = [c.id for c in self._state.cases if c.id in had and (c.closed_at or c.adviser_id != member_id)]
        return sorted(over, reverse=True)[:limit]

    def list_answers(self, client_id: int) -> list[tuple[str, datetime]]:
        given = [(entry, at) for (client, entry), at in self._state.given.items() if client == client_id]
        return sorted(given, key=lambda pair: (-pair[1].timestamp(), pair[0]))

    def mark_seen(self, member_id: str, case_id: int, message_id: int) -> None:
        self._state.console_marks[member_id, case_id] = message_id

    def count_unread(self, member_id: str) -> dict[int, int]:
        unread: Counter[int] = Counter()
        for case in self._state.cases:
            messages = [m for m in self._state.messages if m.case_id == case.id]
            seen = max([0, *(m.id for m in messages if m.author == member_id)])
            seen = max(seen, self._state.console_marks.get((member_id, case.id), 0))
            if case.adviser_id == member_id and case.closed_at is None:
                unread[case.id] = sum(m.author == "client" and m.id > seen for m in messages)
        return {case_id: number for case_id, number in unread.items() if number}


class FakeDatabase:
    """What was committed. `database.open_unit` is a UnitOfWorkFactory."""

    def __init__(self) -> None:
        self.state = State()
        self.disk: dict[str, bytes] = {}

    def open_unit(self, *, read_only: bool = False) -> FakeUnitOfWork:
        return FakeUnitOfWork(self)


class FakeUnitOfWork:
    """Works on a copy of the state; commit() puts the copy in its place."""

    def __init__(self, database: FakeDatabase) -> None:
        self._database = database

    def __enter__(self) -> FakeUnitOfWork:
        self.state = copy.deepcopy(self._database.state)
        self.clients = FakeClients(self.state)
        self.inbox = FakeInbox(self.state)
        self.outbox = FakeOutbox(self.state)
        self.conversations = FakeConversations(self.state)
        self.ledger = FakeLedger(self.state)
        self.enterprises = FakeEnterprises(self.state)
        self.cases = FakeCases(self.state)
        self.case_files = FakeCaseFiles(self.state)
        self.mediations = FakeMediations(self.state)
        self.members = FakeMembers(self.state)
        self.timers = FakeTimers(self.state)
        self.drafts = FakeDrafts(self.state)
        self.laws = FakeLaws(self.state)
        self.answers = FakeAnswers(self.state)
        self.console_accounts = FakeConsoleAccounts(self.state)
        self.console = FakeConsoleViews(self.state)
        self.aid_applications = FakeAidApplications(self.state)
        self.files = FakeFiles(self.state, self._database.disk)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self.state  # whoever goes on using it after the end must notice

    def commit(self) -> None:
        self._database.state = copy.deepcopy(self.state)
