"""Invoices to search, payments of invoices, notes on receivables."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0002"
down_revision = "0001"


PO_KEYS = ("po_number", "po", "PO", "purchase_order", "purchase_order_number")
FIELD = {"sqlite": "json_extract(metadata, '$.{}')", "postgresql": "metadata ->> '{}'"}


def upgrade() -> None:
    op.create_table(
        "invoice_payment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("amount_requested", sa.BigInteger(), nullable=True),
        sa.Column("amount_paid", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=True),
        sa.Column("paid_at", UTCDateTime(), nullable=True),
        sa.Column("canceled_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=True),
        sa.Column("observed_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_payment")),
    )
    with op.batch_alter_table("invoice_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_payment_charge_id"), ["charge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_payment_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_invoice_payment_payment_intent_id"), ["payment_intent_id"], unique=False
        )

    op.create_table(
        "receivable_note",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('promise', 'dispute', 'remark', 'settled')", name="kind"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_note")),
    )
    with op.batch_alter_table("receivable_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receivable_note_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_receivable_note_invoice_id_id", ["invoice_id", "id"], unique=False)

    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("falls_due_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("po_number", sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_invoice_created_at"))
        batch_op.drop_index(batch_op.f("ix_invoice_customer_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_number"))
        batch_op.create_index(
            "ix_invoice_number", ["number"], unique=False, postgresql_ops={"number": "text_pattern_ops"}
        )
        batch_op.create_index("ix_invoice_page", ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_invoice_customer_id_page", ["customer_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_invoice_failed",
            ["finalized_at"],
            unique=False,
            sqlite_where=sa.text("attempt_count > 1 or (attempt_count = 1 and status <> 'paid')"),
            postgresql_where=sa.text("attempt_count > 1 or (attempt_count = 1 and status <> 'paid')"),
        )
        batch_op.create_index(
            "ix_invoice_open_due",
            ["falls_due_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_invoice_open_remaining",
            ["amount_remaining"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(
            "ix_invoice_owed_until",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at > finalized_at"),
            postgresql_where=sa.text("closed_at > finalized_at"),
        )
        batch_op.create_index(
            "ix_invoice_po_number",
            ["po_number"],
            unique=False,
            postgresql_ops={"po_number": "text_pattern_ops"},
        )
        batch_op.create_index(
            "ix_invoice_status_collection_method_page",
            ["status", "collection_method", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_invoice_currency_total_page", ["currency", "total", "created_at", "id"], unique=False
        )
    _fill(op.get_bind().dialect.name)


def _fill(dialect: str) -> None:
    """What rows tell of the new columns; a purchase order in a custom field comes with the next full sync."""
    first = "min" if dialect == "sqlite" else "least"
    never = "'9999-12-31 00:00:00.000000'"
    if dialect == "postgresql":
        never = f"timestamptz {never}"
    ends = ", ".join(
        f"coalesce({name}, {never})" for name in ("paid_at", "voided_at", "marked_uncollectible_at")
    )
    purchase_order = ", ".join(f"nullif({FIELD[dialect].format(key)}, '')" for key in PO_KEYS)
    op.execute("update invoice set falls_due_at = coalesce(due_at, finalized_at)")
    op.execute(f"update invoice set closed_at = nullif({first}({ends}), {never})")  # noqa: S608
    op.execute(f"update invoice set po_number = coalesce({purchase_order})")  # noqa: S608
