"""The handoff: assignments, events, messages, timers, absences; members instead of advisers only."""
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("absences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_absences_member_id"), "absences", ["member_id"])
    op.create_table("member_invites",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_member_invites"))
    )
    op.create_table("timers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_timers_kind_subject")),
        sqlite_autoincrement=True
    )
    op.create_index("ix_timers_due", "timers", ["due_at"], sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL"))
    op.create_table("drafts",
        sa.Column("client_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_drafts_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("client_id", "kind", name=op.f("pk_drafts"))
    )
    op.create_table("member_accounts",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", KEY, nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_member_accounts_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_accounts")),
        sa.UniqueConstraint("client_id", name=op.f("uq_member_accounts_client_id"))
    )
    op.create_table("assignments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("adviser_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=32), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_assignments_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_assignments_adviser_id"), "assignments", ["adviser_id"])
    op.create_index(op.f("ix_assignments_case_id"), "assignments", ["case_id"])
    op.create_table("case_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"])
    op.create_table("case_messages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(length=16), server_default="", nullable=False),
        sa.Column("source", sa.String(length=80), server_default="", nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_messages_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_messages")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_case_messages_case_id"), "case_messages", ["case_id"])
    op.create_index("ix_case_messages_source", "case_messages", ["channel", "source"])
    op.create_table("case_parties",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_parties_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "side", "name_hash", name=op.f("pk_case_parties"))
    )
    op.create_index("ix_case_parties_name_hash", "case_parties", ["name_hash"])
    op.create_table("case_copies",
        sa.Column("outbox_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_copies_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["message_id"], ["case_messages.id"], name=op.f("fk_case_copies_message_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_case_copies_outbox_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_case_copies"))
    )
    op.create_index(op.f("ix_case_copies_case_id"), "case_copies", ["case_id"])
    op.create_index(op.f("ix_case_copies_message_id"), "case_copies", ["message_id"])
    op.create_table("appointments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("adviser_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_appointments_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_appointments_case_id"), "appointments", ["case_id"])
    op.create_index("uq_appointments_moment", "appointments", ["adviser_id", "at"], unique=True, sqlite_where=sa.text("cancelled_at IS NULL"), postgresql_where=sa.text("cancelled_at IS NULL"))
    op.create_table("sent_messages",
        sa.Column("client_id", KEY, nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("outbox_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_sent_messages_client_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_sent_messages_outbox_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("client_id", "message_id", name=op.f("pk_sent_messages"))
    )
    op.create_index(op.f("ix_sent_messages_outbox_id"), "sent_messages", ["outbox_id"])
    op.execute("INSERT INTO member_invites SELECT token_hash, adviser_id, expires_at, used_at FROM adviser_invites")
    op.execute("INSERT INTO member_accounts SELECT adviser_id, client_id, joined_at FROM adviser_accounts")
    op.drop_table("adviser_invites")
    op.drop_table("adviser_accounts")
    op.add_column("cases", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("deadline", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("waits_for", sa.String(length=16), server_default="adviser", nullable=False))
    op.add_column("cases", sa.Column("bot_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("supervisor_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("outcome", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("rating", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("what advisers and clients said to each other would be lost: restore a backup instead")
