"""Invoices by when they became final."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoice_invoiced", ["finalized_at", "currency", "total", "voided_at"], unique=False
        )
