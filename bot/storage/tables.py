"""All tables. Whatever a person wrote, and every address, stands in a *_sealed column: encrypted.

Times are UTC. SQLite keeps no time zones, so `UtcDateTime` puts them back on.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.types.TypeDecorator):  # type: ignore[misc]
    """An aware datetime, stored in UTC; refuses naive ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
# SQLite numbers only INTEGER keys by itself.
BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _client_key(**options: Any) -> sa.Column:
    return sa.Column("client_id", BigKey, sa.ForeignKey("clients.id", ondelete="CASCADE"), **options)


clients = sa.Table(
    "clients",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("pseudonym", sa.String(32), nullable=False, unique=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("key_sealed", sa.LargeBinary, nullable=False),
    sa.Column("community", sa.String(32)),
    sa.Column("kind", sa.String(16)),
    sa.Column("consented_at", UtcDateTime),
    sa.Column("session", sa.Integer, nullable=False, server_default="0"),
    sa.Column("session_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("forgotten_at", UtcDateTime),  # erased; the row goes once the farewell is delivered
    sa.UniqueConstraint("channel", "key_hash"),
    sqlite_autoincrement=True,
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("update_id", sa.String(80), nullable=False),
    # The key of an update outlives its client: a late repeat must still be recognised.
    sa.Column("client_id", BigKey, sa.ForeignKey("clients.id", ondelete="SET NULL"), index=True),
    sa.Column("content_sealed", sa.LargeBinary),  # emptied once handled
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("handled_at", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("channel", "update_id"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_inbox_unhandled",
    inbox.c.client_id,
    inbox.c.id,
    sqlite_where=inbox.c.handled_at.is_(None),
    postgresql_where=inbox.c.handled_at.is_(None),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    _client_key(nullable=False),
    sa.Column("inbox_id", BigKey, sa.ForeignKey("inbox.id", ondelete="SET NULL")),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("reply_sealed", sa.LargeBinary),  # emptied once delivered
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("failure", sa.String(80)),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_outbox_pending",
    outbox.c.channel,
    outbox.c.client_id,
    outbox.c.id,
    sqlite_where=outbox.c.delivered_at.is_(None),
    postgresql_where=outbox.c.delivered_at.is_(None),
)
sa.Index("ix_outbox_client", outbox.c.client_id, outbox.c.id)

conversations = sa.Table(
    "conversations",
    metadata,
    _client_key(primary_key=True),
    sa.Column("state_sealed", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("key", sa.String(160), nullable=False, unique=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("matter", sa.String(32), nullable=False),
    sa.Column("community", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("served_by", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("client", sa.String(32), nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("amount", sa.BigInteger),  # fen
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False, index=True),  # the day in China
    sa.Column("corrects", BigKey, sa.ForeignKey("ledger.id")),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    sa.Column("count", sa.Integer, nullable=False, server_default="1"),
    sa.Column("leaflets", sa.Integer, nullable=False, server_default="0"),
    sa.Column("audience", sa.String(16), nullable=False, server_default=""),
    sa.Column("title", sa.String(80), nullable=False, server_default=""),
    sa.Column("recorded_by", sa.String(32), nullable=False, server_default=""),
    sa.Column("recorded_at", UtcDateTime),
    sqlite_autoincrement=True,
)
# One entry is corrected once; what is wrong with the correction is corrected by the next.
sa.Index(
    "uq_ledger_corrects",
    ledger.c.corrects,
    unique=True,
    sqlite_where=ledger.c.corrects.is_not(None),
    postgresql_where=ledger.c.corrects.is_not(None),
)

# Sums of the ledger up to rollups.last_entry, so that a year's figures need not read a year's entries.
TALLY_DIMENSIONS = ("month", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "audience")
TALLY_SUMS = ("entries", "count", "people", "amount", "leaflets")
tallies = sa.Table(
    "tallies",
    metadata,
    *(sa.Column(name, sa.String(64), primary_key=True) for name in TALLY_DIMENSIONS),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in TALLY_SUMS),
)
# Who was served in a year; client "" stands for people nobody can tell apart, and `entries` for how many they were.
tally_people = sa.Table(
    "tally_people",
    metadata,
    sa.Column("year", sa.String(4), primary_key=True),
    sa.Column("scope", sa.String(16), primary_key=True),
    sa.Column("value", sa.String(64), primary_key=True),
    sa.Column("client", sa.String(32), primary_key=True),
    sa.Column("entries", sa.BigInteger, nullable=False),
)
rollups = sa.Table("rollups", metadata, sa.Column("last_entry", BigKey, primary_key=True, autoincrement=False))

enterprises = sa.Table(
    "enterprises",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("pseudonym", sa.String(32), nullable=False, unique=True),
    sa.Column("name_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("contact_sealed", sa.LargeBinary),
    sa.Column("community", sa.String(32), nullable=False),
    sa.Column("adviser_id", sa.String(32), nullable=False),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
)

closed_years = sa.Table(
    "closed_years",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("closed_at", UtcDateTime, nullable=False),
    sa.Column("signed_by", sa.String(80), nullable=False),
    sa.Column("checksum", sa.String(64), nullable=False),  # of the year's entries
    sa.Column("last_entry", BigKey, nullable=False),  # what stands in the ledger after it came after the closing
)

# The report of a closed year as it was printed: it is the same bytes for ever.
closed_reports = sa.Table(
    "closed_reports",
    metadata,
    sa.Column("year", sa.Integer, sa.ForeignKey("closed_years.year"), primary_key=True),
    sa.Column("format", sa.String(8), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("client_id", BigKey, sa.ForeignKey("clients.id", ondelete="SET NULL"), index=True),
    sa.Column("community", sa.String(32), nullable=False),
    sa.Column("matter", sa.String(32), nullable=False),
    sa.Column("urgency", sa.String(16), nullable=False),
    sa.Column("question_sealed", sa.LargeBinary),
    sa.Column("adviser_id", sa.String(32)),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("promised_at", UtcDateTime),
    sa.Column("deadline", sa.Date),
    sa.Column("assigned_at", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("waits_for", sa.String(16), nullable=False, server_default="adviser"),
    sa.Column("bot_since", UtcDateTime),
    sa.Column("supervisor_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("outcome", sa.String(32)),
    sa.Column("rating", sa.Integer),
    sa.Column("rated_at", UtcDateTime),
    sa.Column("bot_grade", sa.String(16)),
    sqlite_autoincrement=True,
)
# Asking twice, even at the same moment in two processes, must not make two open cases.
sa.Index(
    "uq_cases_open",
    cases.c.client_id,
    unique=True,
    sqlite_where=cases.c.closed_at.is_(None),
    postgresql_where=cases.c.closed_at.is_(None),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("adviser_id", sa.String(32), nullable=False, index=True),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("accept_by", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_because", sa.String(32), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("detail_sealed", sa.LargeBinary),
    sqlite_autoincrement=True,
)

case_messages = sa.Table(
    "case_messages",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("author", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("content_sealed", sa.LargeBinary),  # text and attachment
    sa.Column("channel", sa.String(16), nullable=False, server_default=""),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
    sa.Column("edited_at", UtcDateTime),
    sa.Column("withdrawn_at", UtcDateTime),
    sqlite_autoincrement=True,
)
sa.Index("ix_case_messages_source", case_messages.c.channel, case_messages.c.source)

# Which case an outgoing message belongs to, and which message it is a copy of: for replies, edits, withdrawals.
case_copies = sa.Table(
    "case_copies",
    metadata,
    sa.Column("outbox_id", BigKey, sa.ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("message_id", BigKey, sa.ForeignKey("case_messages.id", ondelete="CASCADE"), index=True),
)

# Names for the conflict check, as keyed hashes only.
case_parties = sa.Table(
    "case_parties",
    metadata,
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("side", sa.String(8), primary_key=True),  # client or other
    sa.Column("name_hash", sa.String(64), primary_key=True),
)
sa.Index("ix_case_parties_name_hash", case_parties.c.name_hash)

appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("adviser_id", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("cancelled_at", UtcDateTime),
    sqlite_autoincrement=True,
)
# One adviser, one moment, one appointment.
sa.Index(
    "uq_appointments_moment",
    appointments.c.adviser_id,
    appointments.c.at,
    unique=True,
    sqlite_where=appointments.c.cancelled_at.is_(None),
    postgresql_where=appointments.c.cancelled_at.is_(None),
)

# The platform's ids of delivered replies.
sent_messages = sa.Table(
    "sent_messages",
    metadata,
    _client_key(primary_key=True),
    sa.Column("message_id", sa.String(80), primary_key=True),
    sa.Column("outbox_id", BigKey, sa.ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False, index=True),
)

mediations = sa.Table(
    "mediations",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("client_id", BigKey, sa.ForeignKey("clients.id", ondelete="SET NULL"), index=True),
    sa.Column("respondent_client_id", BigKey, sa.ForeignKey("clients.id", ondelete="SET NULL"), index=True),
    sa.Column("community", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("applied_at", UtcDateTime, nullable=False),
    sa.Column("content_sealed", sa.LargeBinary),  # parties, facts, claim, evidence
    sa.Column("consent_asked_at", UtcDateTime),
    sa.Column("respondent_consented_at", UtcDateTime),
    sa.Column("respondent_refused_at", UtcDateTime),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("refused_at", UtcDateTime),
    sa.Column("refusal", sa.String(32)),
    sa.Column("mediator_id", sa.String(32), index=True),
    sa.Column("assigned_at", UtcDateTime),
    sa.Column("due_at", UtcDateTime),
    sa.Column("session_at", UtcDateTime),
    sa.Column("place_sealed", sa.LargeBinary),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("concluded_at", UtcDateTime),
    sa.Column("agreed", sa.Boolean(create_constraint=False)),
    sa.Column("form", sa.String(16)),
    sa.Column("amount", sa.BigInteger),  # fen
    sa.Column("parties", sa.Integer, nullable=False, server_default="2"),
    sa.Column("effective_on", sa.Date),  # the day in China
    sa.Column("terms_sealed", sa.LargeBinary),
    sa.Column("confirmation_wanted", sa.Boolean(create_constraint=False)),
    sa.Column("followup_at", UtcDateTime),
    sa.Column("followed_up_at", UtcDateTime),
    sa.Column("performed", sa.String(16)),
    sa.Column("token_hash", sa.String(64), unique=True),  # of the link for the other side
    sa.Column("token_expires_at", UtcDateTime),
    sqlite_autoincrement=True,
)

mediation_events = sa.Table(
    "mediation_events",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("mediation_id", BigKey, sa.ForeignKey("mediations.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("detail_sealed", sa.LargeBinary),
    sqlite_autoincrement=True,
)

# Files that lie sealed in a folder beside the database, by the names they have there.
files = sa.Table(
    "files",
    metadata,
    sa.Column("ref", sa.String(40), primary_key=True),
    _client_key(nullable=False, index=True),
    sa.Column("size", BigKey, nullable=False),  # bytes, before sealing
    sa.Column("created_at", UtcDateTime, nullable=False),
)

drafts = sa.Table(
    "drafts",
    metadata,
    _client_key(primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("content_sealed", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.UniqueConstraint("kind", "subject"),
    sqlite_autoincrement=True,
)
sa.Index(
    "ix_timers_due", timers.c.due_at, sqlite_where=timers.c.done_at.is_(None), postgresql_where=timers.c.done_at.is_(None)
)

absences = sa.Table(
    "absences",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("member_id", sa.String(32), nullable=False, index=True),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date),
    sqlite_autoincrement=True,
)

member_invites = sa.Table(
    "member_invites",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("member_id", sa.String(32), nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
)

member_accounts = sa.Table(
    "member_accounts",
    metadata,
    sa.Column("member_id", sa.String(32), primary_key=True),
    _client_key(nullable=False, unique=True),
    sa.Column("joined_at", UtcDateTime, nullable=False),
)

aid_applications = sa.Table(
    "aid_applications",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("client_id", BigKey, sa.ForeignKey("clients.id", ondelete="SET NULL"), index=True),
    sa.Column("community", sa.String(32), nullable=False),
    sa.Column("matter", sa.String(20), nullable=False),
    sa.Column("legal_matter", sa.String(32), nullable=False),
    sa.Column("result", sa.String(16), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("content_sealed", sa.LargeBinary),  # name, phone, facts, answers, photos
    sa.Column("applied_at", UtcDateTime, nullable=False),
    sa.Column("file_complete_at", UtcDateTime),
    sa.Column("handed_over_at", UtcDateTime),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decision", sa.String(16)),
    sa.Column("withdrawn_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# What happened to an application and who did it; no words of anybody.
aid_events = sa.Table(
    "aid_events",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column(
        "application_id", BigKey, sa.ForeignKey("aid_applications.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sqlite_autoincrement=True,
)

law_files = sa.Table(
    "law_files",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("name", sa.String(400), nullable=False, unique=True),  # below the imported folder
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("law", sa.String(300), nullable=False, index=True),
    sa.Column("version", sa.Date),
    sa.Column("begins", sa.Date),
    sa.Column("repeals", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

law_articles = sa.Table(
    "law_articles",
    metadata,
    sa.Column("file_id", BigKey, sa.ForeignKey("law_files.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("inserted", sa.Integer, primary_key=True),  # 1 for 之一; 0 for none
    sa.Column("heading", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

withdrawals = sa.Table(
    "withdrawals",
    metadata,
    sa.Column("entry", sa.String(48), primary_key=True),
    sa.Column("law", sa.String(300), nullable=False),
    sa.Column("since", sa.Date, nullable=False),  # the day in China; a review on a later day lifts it
)

# Who was given which answer: to find them when an answer turns out to be outdated.
answers_given = sa.Table(
    "answers_given",
    metadata,
    _client_key(primary_key=True),
    sa.Column("entry", sa.String(48), primary_key=True),
    sa.Column("given_at", UtcDateTime, nullable=False),
)
sa.Index("ix_answers_given_entry", answers_given.c.entry)

# The console: log-in, and which messages a member has seen there.
console_invites = sa.Table(
    "console_invites",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("member_id", sa.String(32), nullable=False, index=True),
    sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)

console_accounts = sa.Table(
    "console_accounts",
    metadata,
    sa.Column("member_id", sa.String(32), primary_key=True),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
    sa.Column("last_step", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("joined_at", UtcDateTime, nullable=False),
)

console_recovery_codes = sa.Table(
    "console_recovery_codes",
    metadata,
    sa.Column("member_id", sa.String(32), primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
)

console_sessions = sa.Table(
    "console_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("member_id", sa.String(32), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

# Wrong tries by account and by address; both as keyed hashes.
console_tries = sa.Table(
    "console_tries",
    metadata,
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("who_hash", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("blocked_until", UtcDateTime),
    sa.Column("last_at", UtcDateTime, nullable=False),
)

console_marks = sa.Table(
    "console_marks",
    metadata,
    sa.Column("member_id", sa.String(32), primary_key=True),
    sa.Column("case_id", BigKey, sa.ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message_id", BigKey, nullable=False),
)
# For the revision that open pages are compared with.
sa.Index("ix_case_messages_edited_at", case_messages.c.edited_at)
sa.Index("ix_case_messages_withdrawn_at", case_messages.c.withdrawn_at)
