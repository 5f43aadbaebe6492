"""Sums of the ledger, kept by the roll-up; what is signed off cannot be changed."""
import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DIMENSIONS = ("month", "kind", "matter", "community", "subject", "channel", "served_by", "outcome", "audience")
SUMS = ("entries", "count", "people", "amount", "leaflets")
REFUSAL = "a closed year cannot be changed: corrections are entries of the ledger"


def upgrade() -> None:
    op.create_table(
        "tallies",
        *(sa.Column(name, sa.String(64), nullable=False) for name in DIMENSIONS),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in SUMS),
        sa.PrimaryKeyConstraint(*DIMENSIONS, name="pk_tallies"),
    )
    op.create_table(
        "tally_people",
        sa.Column("year", sa.String(4), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("year", "scope", "value", "client", name="pk_tally_people"),
    )
    op.create_table(
        "rollups",
        sa.Column("last_entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("last_entry", name="pk_rollups"),
    )
    op.execute("INSERT INTO rollups (last_entry) VALUES (0)")
    _refuse_changes_to_closed_years()


def _refuse_changes_to_closed_years() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            f"CREATE FUNCTION closed_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    for table in ("closed_years", "closed_reports"):
        if sqlite:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
            continue
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION closed_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION closed_refuse()"
        )


def downgrade() -> None:
    raise RuntimeError("years that were signed off would be lost: restore a backup instead")
