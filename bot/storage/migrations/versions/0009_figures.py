"""What the year's figures need: more in a ledger entry, the register of enterprises, closed years."""
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("cases", sa.Column("bot_grade", sa.String(16)))
    for column in (
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.Column("leaflets", sa.Integer, nullable=False, server_default="0"),
        sa.Column("audience", sa.String(16), nullable=False, server_default=""),
        sa.Column("title", sa.String(80), nullable=False, server_default=""),
        sa.Column("recorded_by", sa.String(32), nullable=False, server_default=""),
        sa.Column("recorded_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("ledger", column)
    corrected = sa.text("corrects IS NOT NULL")
    op.create_index(
        "uq_ledger_corrects", "ledger", ["corrects"], unique=True, sqlite_where=corrected, postgresql_where=corrected
    )
    op.create_table(
        "enterprises",
        sa.Column("id", BIG, nullable=False),
        sa.Column("pseudonym", sa.String(32), nullable=False),
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary),
        sa.Column("community", sa.String(32), nullable=False),
        sa.Column("adviser_id", sa.String(32), nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_enterprises"),
        sa.UniqueConstraint("pseudonym", name="uq_enterprises_pseudonym"),
        sa.UniqueConstraint("name_hash", name="uq_enterprises_name_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "closed_years",
        sa.Column("year", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(80), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column("last_entry", BIG, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_closed_years"),
    )
    op.create_table(
        "closed_reports",
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["year"], ["closed_years.year"], name="fk_closed_reports_year"),
        sa.PrimaryKeyConstraint("year", "format", name="pk_closed_reports"),
    )


def downgrade() -> None:
    raise RuntimeError("figures that were recorded would be lost: restore a backup instead")
