"""Indexes for the bridge to other definitions."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INDEXES = (
    ("subscription", "ix_subscription_asked", "canceled_at", "ended_at is null and canceled_at is not null"),
    ("subscription", "ix_subscription_invoiced", "id", "collection_method = 'send_invoice'"),
    ("timeline", "ix_timeline_stopped", "from_at", "evidence IN ('unpaid', 'paused')"),
)


def upgrade() -> None:
    for table, name, column, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
