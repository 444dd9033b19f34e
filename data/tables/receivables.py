"""What finance notes about an invoice that is owed: a promise to pay, a dispute, a remark."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, Text

from data.tables.types import Amount, instant, metadata, ref, serial

KINDS = ("promise", "dispute", "remark", "settled")

# A row is never changed: the newest of an invoice stands, the older ones are its history.
receivable_note = Table(
    "receivable_note",
    metadata,
    serial(),
    ref("invoice_id"),
    ref("customer_id", index=True),
    Column("kind", Text, nullable=False),
    Column("promised_on", Date),  # of a promise: the day on which it will be paid
    Column("amount", Amount),  # promised or disputed; null: all that is open
    Column("text", Text, nullable=False),
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
    CheckConstraint(f"kind in {KINDS}", name="kind"),
    Index("ix_receivable_note_invoice_id_id", "invoice_id", "id"),
)
