"""Files that residents sent by the web chat: whose they are."""
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("files",
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("client_id", KEY, nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_files_client_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_files"))
    )
    op.create_index(op.f("ix_files_client_id"), "files", ["client_id"])


def downgrade() -> None:
    raise NotImplementedError("nobody would know any more whose the files are: restore a backup instead")
