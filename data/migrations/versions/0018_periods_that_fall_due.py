"""Periods that fall due, and what findings say."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "renewal_due",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("product_ids", sa.Text(), nullable=True),
        sa.Column("arr", sa.BigInteger(), nullable=False),
        sa.Column("risks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_due")),
    )
    with op.batch_alter_table("renewal_due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_renewal_due_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_renewal_due_day",
            ["due_on", "interval", "currency", "product_ids", "risks", "due_at", "arr"],
            unique=False,
        )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        for name in ("detail", "mend", "mend_id", "account_id"):
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
