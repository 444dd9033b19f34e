"""When the periods of subscriptions end that no contract governs, and what puts these renewals at risk."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from data.tables.types import Amount, instant, metadata, ref, serial

BUILT = "renewal_due_at"
"""Under this name operations.sync_state keeps the instant that the rows are as of."""

# Kept up by every sync (data.due_dates), so that a page adds up narrow rows.
renewal_due = Table(
    "renewal_due",
    metadata,
    serial(),
    ref("subscription_id"),
    ref("customer_id", index=True),
    instant("due_at", nullable=False),
    Column("due_on", Date, nullable=False),  # its UTC day
    Column("interval", Text, nullable=False),
    Column("currency", Text),
    Column("product_ids", Text),  # joined by "|"
    Column("arr", Amount, nullable=False),
    Column("risks", Integer, nullable=False),  # a bit for each of data.frames.risks.RISKS
    Index("ix_renewal_due_day", "due_on", "interval", "currency", "product_ids", "risks", "due_at", "arr"),
)
