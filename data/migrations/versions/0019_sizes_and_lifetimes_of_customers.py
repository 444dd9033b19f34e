"""Sizes and lifetimes of customers."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "lifetime",
        sa.Column("audience_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began", sa.Text(), nullable=False),
        sa.Column("still", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("audience_id", "began", "still", "days", name=op.f("pk_lifetime")),
    )
    op.create_table(
        "size_change",
        sa.Column("audience_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subscribers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("audience_id", "month", "currency", "size", name=op.f("pk_size_change")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_ended_at"))
        batch_op.create_index(
            "ix_subscription_ended",
            ["ended_at"],
            unique=False,
            sqlite_where=sa.text("ended_at is not null"),
            postgresql_where=sa.text("ended_at is not null"),
        )
