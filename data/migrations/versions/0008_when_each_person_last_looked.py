"""When each person last looked; indexes of transfers, discounts and trials."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0008"
down_revision = "0007"

INDEXES = (
    ("ix_movement_transfer", "movement", "day", "kind = 'transfer'"),
    ("ix_timeline_discounted", "timeline", "from_at", "discounts is not null"),
    ("ix_subscription_trial", "subscription", "trial_start_at", "trial_start_at is not null"),
)


def upgrade() -> None:
    op.create_table(
        "last_look",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("before_at", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_last_look")),
    )
    for name, table, column, condition in INDEXES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(
                name,
                [column],
                unique=False,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )
