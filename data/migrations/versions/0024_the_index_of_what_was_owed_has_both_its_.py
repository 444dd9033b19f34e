"""The index of what was owed has both its ends."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    where = sa.text("closed_at > finalized_at")
    op.drop_index("ix_invoice_owed_until", table_name="invoice")
    op.create_index(
        "ix_invoice_owed_until",
        "invoice",
        ["closed_at", "finalized_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
