"""Inbox and outbox."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.domain.buttons import Buttons, require_fit
from bot.domain.messages import Attachment, Button, Inbound, Outgoing, Reply
from bot.storage.console_tables import purge_console
from bot.storage.insert import insert_once
from bot.storage.sealing import Keys
from bot.storage.tables import (
    case_events,
    case_messages,
    cases,
    clients,
    conversations,
    drafts,
    inbox,
    outbox,
    sent_messages,
    timers,
)

# A browser may come back and ask for what it missed; other channels keep messages themselves.
WEBCHAT_KEPT = timedelta(hours=24)
# How long a repeated update is recognised; Telegram repeats for a day.
KEYS_KEPT = timedelta(days=30)
# What a client told falin without becoming a case is forgotten after this time.
CONVERSATION_KEPT = timedelta(hours=24)
# A form that was begun can be gone on with for so long.
DRAFTS_KEPT = timedelta(days=30)
# What was said in a case, after it was closed; that it was there, how it ended and who had it stays.
CASE_WORDS_KEPT = timedelta(days=400)
# Advisory locks of two numbers do not meet those of one, which hold clients (SqlClients.lock).
OUTBOX_LOCK = 1
# So long the last words to a client who asked to be forgotten may wait for delivery.
FAREWELL_KEPT = timedelta(hours=24)


def reply_as_dict(reply: Reply) -> dict[str, Any]:
    """A reply as JSON."""
    return {
        "text": reply.text,
        "buttons": [[asdict(button) for button in row] for row in reply.buttons],
        "attachment": asdict(reply.attachment) if reply.attachment else None,
        "replaces": reply.replaces,
    }


def reply_from_dict(data: dict[str, Any]) -> Reply:
    """The opposite of reply_as_dict."""
    rows = tuple(tuple(Button(**button) for button in row) for row in data["buttons"])
    attachment = Attachment(**data["attachment"]) if data.get("attachment") else None
    return Reply(data["text"], rows, attachment, data.get("replaces"))


class SqlInbox:
    """See bot.services.ports.Inbox."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys

    def add(self, client_id: int, inbound: Inbound, now: datetime) -> int | None:
        """Store an update; None when it was stored before."""
        content = {
            "client_key": inbound.client_key,
            "sent_at": inbound.sent_at.timestamp(),
            "text": inbound.text,
            "choice": inbound.choice,
            "file": inbound.file,
            "edited": inbound.edited,
            "message_id": inbound.message_id,
            "reply_to": inbound.reply_to,
            "attachment": asdict(inbound.attachment) if inbound.attachment else None,
            "too_large": inbound.too_large,
        }
        added = insert_once(
            self._connection,
            inbox,
            {
                "channel": inbound.channel,
                "update_id": inbound.update_id,
                "client_id": client_id,
                "content_sealed": self._keys.seal(content),
                "received_at": now,
                "attempts": 0,
            },
            "channel, update_id",
        )
        if not added:
            return None
        query = sa.select(inbox.c.id).where(
            inbox.c.channel == inbound.channel, inbox.c.update_id == inbound.update_id
        )
        return int(self._connection.execute(query).scalar_one())

    def next_unhandled(self, client_id: int) -> tuple[int, Inbound] | None:
        """The client's oldest message without an answer."""
        query = (
            sa.select(inbox)
            .where(inbox.c.client_id == client_id, inbox.c.handled_at.is_(None))
            .order_by(inbox.c.id)
            .limit(1)
        )
        row = self._connection.execute(query).first()
        if row is None:
            return None
        content = self._keys.open(row.content_sealed)
        if content.get("attachment"):
            content["attachment"] = Attachment(**content["attachment"])
        sent_at = datetime.fromtimestamp(content.pop("sent_at"), tz=row.received_at.tzinfo)
        return row.id, Inbound(channel=row.channel, update_id=row.update_id, sent_at=sent_at, **content)

    def mark_handled(self, inbox_id: int, now: datetime) -> None:
        """The turn is over: what was written is no longer needed."""
        self._connection.execute(
            inbox.update().where(inbox.c.id == inbox_id).values(handled_at=now, content_sealed=None)
        )

    def list_waiting_clients(self) -> list[int]:
        """Clients with unanswered messages, e.g. after a crash."""
        query = sa.select(inbox.c.client_id).where(inbox.c.handled_at.is_(None), inbox.c.client_id.is_not(None))
        return [row.client_id for row in self._connection.execute(query.distinct().order_by(inbox.c.client_id))]

    def count_attempt(self, client_id: int) -> int:
        """Note that the client's oldest message is tried once more; how often it has been."""
        oldest = sa.select(sa.func.min(inbox.c.id)).where(
            inbox.c.client_id == client_id, inbox.c.handled_at.is_(None)
        )
        inbox_id = self._connection.execute(oldest).scalar()
        self._connection.execute(
            inbox.update().where(inbox.c.id == inbox_id).values(attempts=inbox.c.attempts + 1)
        )
        return int(
            self._connection.execute(sa.select(inbox.c.attempts).where(inbox.c.id == inbox_id)).scalar() or 0
        )


class SqlOutbox:
    """See bot.services.ports.Outbox. Replies are kept unsigned and signed when handed out."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection, self._keys = connection, keys
        self._buttons = Buttons(keys.derive("buttons"))

    def add(self, client_id: int, reply: Reply, now: datetime, inbox_id: int | None = None) -> int:
        """Queue a reply; its id ascends in the order of sending.

        Raises:
            ValueError: a button's payload is too long.
        """
        reply.with_payloads(require_fit)
        self._queue_up(client_id)
        channel = sa.select(clients.c.channel).where(clients.c.id == client_id).scalar_subquery()
        result = self._connection.execute(
            outbox.insert().values(
                client_id=client_id,
                inbox_id=inbox_id,
                channel=channel,
                reply_sealed=self._keys.seal(reply_as_dict(reply)),
                created_at=now,
                due_at=now,
                attempts=0,
            )
        )
        return int(result.inserted_primary_key[0])

    def _queue_up(self, client_id: int) -> None:
        """Hold off other transactions from this client's outbox until this one ends.

        PostgreSQL numbers rows before they are committed: without this a browser could be shown a later reply
        first, and would then never ask for the earlier one. SQLite's write lock does the same.
        """
        if self._connection.dialect.name == "postgresql":
            lock = sa.text("select pg_advisory_xact_lock(:space, :key)")
            self._connection.execute(lock, {"space": OUTBOX_LOCK, "key": client_id % 2**31})

    def list_after(self, client_id: int, last_id: int) -> list[Outgoing]:
        """All a client may not have seen yet, in order."""
        query = self._query().where(outbox.c.client_id == client_id, outbox.c.id > last_id)
        return [self._outgoing(row) for row in self._connection.execute(query.order_by(outbox.c.id))]

    def list_clients_after(self, last_id: int) -> dict[int, int]:
        """Clients with replies newer than `last_id`, each with the id of its newest."""
        query = (
            sa.select(outbox.c.client_id, sa.func.max(outbox.c.id))
            .where(outbox.c.id > last_id)
            .group_by(outbox.c.client_id)
        )
        return {client_id: newest for client_id, newest in self._connection.execute(query)}

    def claim_due(self, channel: str, now: datetime, until: datetime, limit: int) -> list[Outgoing]:
        """Take due replies for delivery, only the first undelivered one of each client, so order is kept.

        Whoever claims has them until `until`; after a crash they fall due again then.
        """
        earlier = outbox.alias()
        waiting = sa.exists().where(
            earlier.c.client_id == outbox.c.client_id, earlier.c.delivered_at.is_(None), earlier.c.id < outbox.c.id
        )
        query = (
            self._query()
            .where(outbox.c.channel == channel, outbox.c.delivered_at.is_(None), outbox.c.due_at <= now, ~waiting)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=outbox, skip_locked=True)
        rows = self._connection.execute(query).all()
        if rows:
            ids = [row.id for row in rows]
            self._connection.execute(
                outbox.update().where(outbox.c.id.in_(ids)).values(due_at=until, attempts=outbox.c.attempts + 1)
            )
        return [self._outgoing(row) for row in rows]

    def mark_delivered(self, outbox_id: int, now: datetime, message_ids: Collection[str] = ()) -> None:
        """The platform has it, under these ids of its own: the text is no longer needed.

        What replaced an earlier reply is kept under that one, so that it can be replaced again.
        """
        query = sa.select(outbox.c.client_id, outbox.c.reply_sealed).where(outbox.c.id == outbox_id)
        row = self._connection.execute(query).first() if message_ids else None
        if row:
            self._note_sent(row.client_id, self._find_original(outbox_id, row.reply_sealed), message_ids)
        self._connection.execute(
            outbox.update().where(outbox.c.id == outbox_id).values(delivered_at=now, reply_sealed=None)
        )

    def postpone(self, outbox_id: int, due_at: datetime) -> None:
        """Try again at `due_at`."""
        self._connection.execute(outbox.update().where(outbox.c.id == outbox_id).values(due_at=due_at))

    def give_up(self, outbox_id: int, reason: str, now: datetime) -> None:
        """The platform will never take it (blocked, chat gone): stop trying, keep the reason code."""
        self._connection.execute(
            outbox.update()
            .where(outbox.c.id == outbox_id)
            .values(delivered_at=now, failure=reason[:80], reply_sealed=None)
        )

    def acknowledge(self, client_id: int, last_id: int, now: datetime) -> None:
        """A browser has everything up to `last_id`; kept for WEBCHAT_KEPT in case it reloads."""
        self._connection.execute(
            outbox.update()
            .where(outbox.c.client_id == client_id, outbox.c.id <= last_id, outbox.c.delivered_at.is_(None))
            .values(delivered_at=now)
        )

    def _query(self) -> sa.sql.Select:
        return (
            sa.select(outbox, clients.c.key_sealed, inbox.c.update_id)
            .join(clients, clients.c.id == outbox.c.client_id)
            .outerjoin(inbox, inbox.c.id == outbox.c.inbox_id)
            .where(outbox.c.reply_sealed.is_not(None))
        )

    def _outgoing(self, row: Any) -> Outgoing:
        client_key = self._keys.open(row.key_sealed)
        reply = reply_from_dict(self._keys.open(row.reply_sealed))
        return Outgoing(
            id=row.id,
            channel=row.channel,
            client_key=client_key,
            reply=self._buttons.sign_reply(row.channel, client_key, reply),
            in_reply_to=row.update_id or "",
            attempts=row.attempts,
            replaces_messages=self._list_sent(reply.replaces) if reply.replaces else (),
        )

    def _find_original(self, outbox_id: int, reply_sealed: bytes | None) -> int:
        """The reply this one takes the place of, itself when there is none."""
        replaced = reply_from_dict(self._keys.open(reply_sealed)).replaces if reply_sealed else None
        query = sa.select(outbox.c.id).where(outbox.c.id == replaced)
        return replaced if replaced and self._connection.execute(query).first() else outbox_id

    def _note_sent(self, client_id: int, outbox_id: int, message_ids: Collection[str]) -> None:
        before = sent_messages.c.outbox_id == outbox_id
        self._connection.execute(
            sent_messages.delete().where(before, sent_messages.c.message_id.not_in(message_ids))
        )
        for message_id in message_ids:
            values = {"client_id": client_id, "message_id": message_id, "outbox_id": outbox_id}
            insert_once(self._connection, sent_messages, values, "client_id, message_id")

    def _list_sent(self, outbox_id: int) -> tuple[str, ...]:
        query = sa.select(sent_messages.c.message_id).where(sent_messages.c.outbox_id == outbox_id)
        ids = (row.message_id for row in self._connection.execute(query))
        return tuple(sorted(ids, key=lambda text: (len(text), text)))  # platforms count upwards


def purge(connection: Connection, now: datetime) -> None:
    """Drop what has served its purpose: old web replies, idle conversations, clients who asked to be forgotten."""
    run = connection.execute
    run(outbox.update().where(outbox.c.delivered_at < now - WEBCHAT_KEPT).values(reply_sealed=None))
    run(outbox.delete().where(outbox.c.delivered_at < now - KEYS_KEPT))
    run(inbox.delete().where(inbox.c.handled_at < now - KEYS_KEPT))
    run(conversations.delete().where(conversations.c.updated_at < now - CONVERSATION_KEPT))
    run(drafts.delete().where(drafts.c.updated_at < now - DRAFTS_KEPT))
    run(timers.delete().where(timers.c.done_at < now - KEYS_KEPT))
    purge_console(connection, now)
    closed = sa.select(cases.c.id).where(cases.c.closed_at < now - CASE_WORDS_KEPT).scalar_subquery()
    run(case_messages.delete().where(case_messages.c.case_id.in_(closed)))
    run(case_events.update().where(case_events.c.case_id.in_(closed)).values(detail_sealed=None))
    run(cases.update().where(cases.c.closed_at < now - CASE_WORDS_KEPT).values(question_sealed=None))
    pending = sa.exists().where(outbox.c.client_id == clients.c.id, outbox.c.delivered_at.is_(None))
    forgotten = clients.c.forgotten_at
    # A farewell that nobody fetches must not keep the address for ever.
    over = sa.and_(forgotten < now - timedelta(minutes=10), ~pending) | (forgotten < now - FAREWELL_KEPT)
    run(clients.delete().where(over))
