"""The imported law texts; entries withdrawn from answering, and who was given which answer."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "law_files",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("law", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Date(), nullable=True),
        sa.Column("begins", sa.Date(), nullable=True),
        sa.Column("repeals", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_files")),
        sa.UniqueConstraint("name", name=op.f("uq_law_files_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_law_files_law"), "law_files", ["law"])
    op.create_table(
        "law_articles",
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["law_files.id"], name=op.f("fk_law_articles_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "number", "inserted", name=op.f("pk_law_articles")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("entry", sa.String(length=48), nullable=False),
        sa.Column("law", sa.String(length=300), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "answers_given",
        sa.Column("client_id", KEY, nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_answers_given_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id", "entry", name=op.f("pk_answers_given")),
    )
    op.create_index(op.f("ix_answers_given_entry"), "answers_given", ["entry"])


def downgrade() -> None:
    op.drop_table("answers_given")
    op.drop_table("withdrawals")
    op.drop_table("law_articles")
    op.drop_table("law_files")
