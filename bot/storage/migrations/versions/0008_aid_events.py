"""What happened to applications for legal aid."""
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("aid_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("application_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["aid_applications.id"], name=op.f("fk_aid_events_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_events")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_aid_events_application_id"), "aid_events", ["application_id"])


def downgrade() -> None:
    raise NotImplementedError("who did what would be lost: restore a backup instead")
