"""People's mediation: disputes, and what happened to them."""
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table("mediations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("client_id", KEY, nullable=True),
        sa.Column("respondent_client_id", KEY, nullable=True),
        sa.Column("community", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respondent_consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("respondent_refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(length=32), nullable=True),
        sa.Column("mediator_id", sa.String(length=32), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("form", sa.String(length=16), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("parties", sa.Integer(), server_default="2", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("terms_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmation_wanted", sa.Boolean(), nullable=True),
        sa.Column("followup_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("performed", sa.String(length=16), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_mediations_client_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["respondent_client_id"], ["clients.id"], name=op.f("fk_mediations_respondent_client_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediations")),
        sa.UniqueConstraint("reference", name=op.f("uq_mediations_reference")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mediations_token_hash")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_mediations_client_id"), "mediations", ["client_id"])
    op.create_index(op.f("ix_mediations_mediator_id"), "mediations", ["mediator_id"])
    op.create_index(op.f("ix_mediations_respondent_client_id"), "mediations", ["respondent_client_id"])
    op.create_table("mediation_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("mediation_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_events_mediation_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_events")),
        sqlite_autoincrement=True
    )
    op.create_index(op.f("ix_mediation_events_mediation_id"), "mediation_events", ["mediation_id"])


def downgrade() -> None:
    raise NotImplementedError("what the parties told and agreed would be lost: restore a backup instead")
