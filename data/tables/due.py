"""When the periods of subscriptions end that no contract governs, what puts these renewals at risk, and
what became of all that fell due.
"""

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from data.tables.types import Amount, instant, metadata, ref, serial

BUILT = "renewal_due_at"
"""Under this name operations.sync_state keeps the instant that the rows are as of."""

PAST = "renewal_past_at"
"""The same for the rows of what fell due."""

CONTRACTS = "contract_due_at"
"""The same for the rows of contracts."""

SUMMED = "renewal_past_summed_at"
"""The same for their sums."""

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

# What falls due of subscriptions that a contract may govern; the risks that time alone brings are left to
# whoever reads it (data.frames.contracts_due).
contract_due = Table(
    "contract_due",
    metadata,
    serial(),
    ref("subscription_id"),
    ref("customer_id", index=True),
    instant("due_at", nullable=False, index=True),
    Column("interval", Text, nullable=False),
    Column("governs", Text, nullable=False),
    Column("currency", Text),
    Column("product_ids", Text, nullable=False),  # joined by "|"
    Column("arr", Amount, nullable=False),
    Column("risks", Integer, nullable=False),  # a bit for each of data.frames.risks.RISKS
    instant("notice_at"),
    instant("begun_at"),  # of a contract that ends by itself: it needs a quote made later
    instant("quoted_until"),  # until when such a quote at Stripe is good
)

# One for each subscription, interval and instant that fell due: so that a page adds up the past in SQL.
renewal_past = Table(
    "renewal_past",
    metadata,
    serial(),
    ref("subscription_id"),
    ref("customer_id", index=True),
    instant("due_at", nullable=False),
    Column("interval", Text),
    Column("governs", Text),
    Column("currency", Text),
    Column("product_ids", Text),  # joined by "|"
    Column("before", Amount),  # run rate a year; null: it is still to come
    Column("after", Amount),
    instant("settled_at"),
    Index(
        "ix_renewal_past_due", "due_at", "interval", "governs", "currency", "product_ids", "before", "after",
        "settled_at", "customer_id",
    ),
)  # fmt: skip

# The rows of renewal_past with a value before, added up; what is null there is an empty text here.
renewal_past_sum = Table(
    "renewal_past_sum",
    metadata,
    Column("due_on", Date, primary_key=True),  # the UTC days of due_at and settled_at
    Column("interval", Text, primary_key=True),
    Column("governs", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("product_ids", Text, primary_key=True),
    Column("settled_on", Date, primary_key=True),
    Column("outcome", Text, primary_key=True),  # once it is settled
    Column("renewals", Amount, nullable=False),
    Column("before", Amount, nullable=False),
    Column("after", Amount, nullable=False),
    Column("kept", Amount, nullable=False),  # the smaller of before and after, of each
)
