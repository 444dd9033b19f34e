"""What reconciliation found, since when, and what people said about it. Only the data closes a finding."""

from sqlalchemy import Column, Date, Index, Table, Text

from data.tables.types import Amount, instant, metadata, ref, serial

COMPARED = "findings"
"""Under this name sync_state keeps when findings were last written down: at, version (the data's), next."""

NOT_LIVE = "addon_not_live"
"""The kind of finding that puts the customer's renewals at risk."""

# Written after a sync: when a finding was first there, what it says, and when it was gone.
finding = Table(
    "finding",
    metadata,
    Column("finding", Text, primary_key=True),  # its kind and what it is about, the same each time
    Column("kind", Text, nullable=False),
    ref("customer_id", index=True),
    Column("about", Text, nullable=False),
    Column("detail", Text),  # a sentence; this and the next three are null in rows of an older version
    Column("mend", Text),  # where it is put right: customer, subscription, invoice, quote, account
    Column("mend_id", Text),
    Column("account_id", Text),
    Column("currency", Text),
    Column("amount", Amount),  # minor units; null: not known
    Column("per", Text, nullable=False),  # month, once
    instant("first_seen_at", nullable=False),
    instant("closed_at", index=True),  # null: still there
)

# A row is never changed: the newest of a finding stands, the older ones are its history.
finding_note = Table(
    "finding_note",
    metadata,
    serial(),
    Column("finding", Text, nullable=False),
    Column("assignee", Text),
    Column("snoozed_until", Date),  # the first day on which it is shown again
    Column("reason", Text),
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
    Index("ix_finding_note_finding_id", "finding", "id"),
)
