"""Index of churn."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.batch_alter_table("movement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_movement_churn",
            ["day", "currency", "customer_id"],
            unique=False,
            sqlite_where=sa.text("kind = 'churn'"),
            postgresql_where=sa.text("kind = 'churn'"),
        )
