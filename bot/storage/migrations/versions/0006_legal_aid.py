"""Applications for legal aid."""
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("aid_applications",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("client_id", KEY, nullable=True),
        sa.Column("community", sa.String(length=32), nullable=False),
        sa.Column("matter", sa.String(length=20), nullable=False),
        sa.Column("legal_matter", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_complete_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_aid_applications_client_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_applications")),
        sa.UniqueConstraint("reference", name=op.f("uq_aid_applications_reference")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_aid_applications_client_id"), "aid_applications", ["client_id"])


def downgrade() -> None:
    raise NotImplementedError("applications would be lost: restore a backup instead")
