"""The outbox of add-ons and claims of downtime."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import Json, UTCDateTime

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "provisioning_request",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_provisioning_request")),
        sa.UniqueConstraint("id", name=op.f("uq_provisioning_request_id")),
        sa.UniqueConstraint("key", name=op.f("uq_provisioning_request_key")),
    )
    with op.batch_alter_table("provisioning_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_provisioning_request_customer_id"), ["customer_id"], unique=False
        )
        batch_op.create_index("ix_provisioning_request_state_next_at", ["state", "next_at"], unique=False)
        batch_op.create_index("ix_provisioning_request_subject", ["subject", "number"], unique=False)

    op.create_table(
        "addon_claim",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_id"],
            ["addon_setup.id"],
            name=op.f("fk_addon_claim_setup_id_addon_setup"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_claim")),
    )
    with op.batch_alter_table("addon_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addon_claim_setup_id"), ["setup_id"], unique=False)
