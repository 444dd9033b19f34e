"""Accounts added up, when they are copied."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SUMS = (
    "accounts",
    "capacity",
    "used",
    "accounts_with_capacity",
    "accounts_with_use",
    "accounts_without_customer",
)


def _id() -> "sa.Column[int]":
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, autoincrement=True, nullable=False)


def upgrade() -> None:
    op.create_table(
        "account_plan",
        _id(),
        sa.Column("plan", sa.Text(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in SUMS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_plan")),
    )
    op.create_table(
        "account_conversion",
        _id(),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_conversion")),
    )
