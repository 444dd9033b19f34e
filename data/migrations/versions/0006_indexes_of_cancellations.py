"""Indexes of cancellations."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

HAD_BEFORE = {
    "sqlite": "json_type(data, '$.previous_attributes.{}') is not null",
    "postgresql": "data -> 'previous_attributes' -> '{}' is not null",
}
IS_LEAVING = "ended_at is null and (cancel_at is not null or cancel_at_period_end)"
TOLD_WHY = "ended_at is null and (cancellation_feedback is not null or cancellation_comment is not null)"


def _ending_changed(dialect: str) -> sa.TextClause:
    had = map(HAD_BEFORE[dialect].format, ("cancel_at", "cancel_at_period_end"))
    return sa.text(f"type = 'customer.subscription.updated' and ({' or '.join(had)})")


def upgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_ending",
            ["created_at"],
            unique=False,
            sqlite_where=_ending_changed("sqlite"),
            postgresql_where=_ending_changed("postgresql"),
        )

    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_ended_at", ["ended_at"], unique=False)
        for name, column, condition in (
            ("ix_subscription_leaving", "cancel_at", IS_LEAVING),
            ("ix_subscription_told_why", "canceled_at", TOLD_WHY),
        ):
            batch_op.create_index(
                name,
                [column],
                unique=False,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )
