"""What people add to renewals and findings."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "account_addon",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("addon", sa.Text(), nullable=False),
        sa.Column("live_since", UTCDateTime(), nullable=True),
        sa.Column("observed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "addon", name=op.f("pk_account_addon")),
    )
    op.create_table(
        "finding",
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("finding", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_customer_id"), ["customer_id"], unique=False)
    op.create_table(
        "finding_note",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_note")),
    )
    with op.batch_alter_table("finding_note", schema=None) as batch_op:
        batch_op.create_index("ix_finding_note_finding_id", ["finding", "id"], unique=False)
    op.create_table(
        "renewal_forecast",
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("due_month", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("arr", sa.BigInteger(), nullable=False),
        sa.Column("arr_known", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("made_at", "currency", "due_month", "term", name=op.f("pk_renewal_forecast")),
    )
    op.create_table(
        "renewal_note",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint("category in ('commit', 'likely', 'open', 'doubtful', 'lost')", name="category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_note")),
    )
    with op.batch_alter_table("renewal_note", schema=None) as batch_op:
        batch_op.create_index(
            "ix_renewal_note_subscription_id_due_on", ["subscription_id", "due_on"], unique=False
        )
