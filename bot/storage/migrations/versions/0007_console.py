"""The console: invitations, accounts, recovery codes, sessions, wrong tries, what was seen."""
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("console_accounts",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_console_accounts"))
    )
    op.create_table("console_invites",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_invites"))
    )
    op.create_index(op.f("ix_console_invites_member_id"), "console_invites", ["member_id"])
    op.create_table("console_recovery_codes",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "code_hash", name=op.f("pk_console_recovery_codes"))
    )
    op.create_table("console_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions"))
    )
    op.create_index(op.f("ix_console_sessions_member_id"), "console_sessions", ["member_id"])
    op.create_table("console_tries",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("who_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "who_hash", name=op.f("pk_console_tries"))
    )
    op.create_table("console_marks",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_console_marks_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "case_id", name=op.f("pk_console_marks"))
    )
    op.create_index("ix_case_messages_edited_at", "case_messages", ["edited_at"])
    op.create_index("ix_case_messages_withdrawn_at", "case_messages", ["withdrawn_at"])


def downgrade() -> None:
    for table in (
        "console_marks", "console_tries", "console_sessions", "console_recovery_codes", "console_invites",
        "console_accounts",
    ):
        op.drop_table(table)
    op.drop_index("ix_case_messages_withdrawn_at", "case_messages")
    op.drop_index("ix_case_messages_edited_at", "case_messages")
