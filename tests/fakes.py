"""In-memory versions of bot.services.ports. tests/storage runs the same rules against these and the real ones."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from types import TracebackType
from typing import Any

from bot.domain.answers import Recipient, Withdrawal
from bot.domain.cases import URGENCIES, Case
from bot.domain.clients import Client
from bot.domain.errors import NotFound
from bot.domain.ledger import KINDS, OUTCOMES, SUBJECTS, Entry
from bot.domain.messages import Inbound, Outgoing, Reply
from bot.knowledge.law_library import ArticleText, LawVersion
from bot.knowledge.numerals import Article
from bot.knowledge.statutes import LawText, merge_versions


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
    adviser_id: str
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
    cases: list[Case] = field(default_factory=list)
    invites: dict[str, Invite] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    laws: dict[str, tuple[str, LawText]] = field(default_factory=dict)
    given: dict[tuple[int, str], datetime] = field(default_factory=dict)
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))


class FakeClients:
    def __init__(self, state: State) -> None:
        self._state = state

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
        for case in state.cases:
            if case.client_id == client_id:
                case.closed_at, case.client_id, case.question = case.closed_at or now, 0, ""
        for stored in state.inbox:
            if stored.client_id == client_id and stored.handled_at:
                stored.client_id = stored.inbound = None
        state.outbox = [row for row in state.outbox if row.client_id != client_id or row.delivered_at is None]
        state.accounts = {adviser: account for adviser, account in state.accounts.items() if account != client_id}
        state.given = {key: moment for key, moment in state.given.items() if key[0] != client_id}
        fresh = Client(client_id, f"p{next(state.numbers)}", known.channel, known.key)
        state.clients[client_id] = fresh

    def lock(self, client_id: int) -> None:
        pass  # one unit of work at a time


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

    def mark_delivered(self, outbox_id: int, now: datetime) -> None:
        row = self._find(outbox_id)
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
        return Outgoing(row.id, client.channel, client.key, row.reply, update, row.attempts)


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
        if any(known.key == entry.key for known in self._state.ledger):
            return False
        self._state.ledger.append(entry)
        return True


class FakeCases:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, case: Case) -> Case:
        assert case.urgency in URGENCIES, case.urgency
        assert self.find_open(case.client_id) is None, "the database allows one open case a client"
        case.id = next(self._state.numbers)
        self._state.cases.append(replace(case))
        return case

    def find_open(self, client_id: int) -> Case | None:
        return next((case for case in self.list_for_client(client_id) if case.state != "closed"), None)

    def list_for_client(self, client_id: int) -> list[Case]:
        return [replace(case) for case in reversed(self._state.cases) if case.client_id == client_id]


class FakeAdvisers:
    def __init__(self, state: State) -> None:
        self._state = state

    def add_invite(self, token_hash: str, adviser_id: str, expires_at: datetime) -> None:
        self._state.invites[token_hash] = Invite(adviser_id, expires_at)

    def use_invite(self, token_hash: str, now: datetime) -> str | None:
        invite = self._state.invites.get(token_hash)
        if invite is None or invite.used or invite.expires_at <= now:
            return None
        invite.used = True
        return invite.adviser_id

    def add_account(self, adviser_id: str, client_id: int, now: datetime) -> None:
        accounts = self._state.accounts
        self._state.accounts = {a: c for a, c in accounts.items() if c != client_id} | {adviser_id: client_id}

    def find_account(self, adviser_id: str) -> int | None:
        return self._state.accounts.get(adviser_id)

    def find_by_client(self, client_id: int) -> str | None:
        return next((a for a, account in self._state.accounts.items() if account == client_id), None)


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

    def list_recipients(self, entries: Collection[str]) -> list[Recipient]:
        rows = sorted((entry, moment, client) for (client, entry), moment in self._state.given.items())
        clients = self._state.clients
        return [
            Recipient(clients[client].pseudonym, clients[client].community or "", entry, moment)
            for entry, moment, client in rows
            if entry in entries
        ]


class FakeDatabase:
    """What was committed. `database.open_unit` is a UnitOfWorkFactory."""

    def __init__(self) -> None:
        self.state = State()

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
        self.cases = FakeCases(self.state)
        self.advisers = FakeAdvisers(self.state)
        self.laws = FakeLaws(self.state)
        self.answers = FakeAnswers(self.state)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self.state  # whoever goes on using it after the end must notice

    def commit(self) -> None:
        self._database.state = copy.deepcopy(self.state)
