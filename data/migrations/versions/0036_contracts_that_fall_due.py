"""Contracts that fall due."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "contract_due",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("governs", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("product_ids", sa.Text(), nullable=False),
        sa.Column("arr", sa.BigInteger(), nullable=False),
        sa.Column("risks", sa.Integer(), nullable=False),
        sa.Column("notice_at", UTCDateTime(), nullable=True),
        sa.Column("begun_at", UTCDateTime(), nullable=True),
        sa.Column("quoted_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_due")),
    )
    with op.batch_alter_table("contract_due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_due_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_due_due_at"), ["due_at"], unique=False)
