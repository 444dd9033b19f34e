"""The ledger and its rollups: run rate in ARR, integer minor units of the currency.

`plan` columns hold product ids, `interval` is "1month", "3month", "1year". Every rollup has rows for
everybody (`audience_id` 0) and for each audience; those of customers also have rows over all currencies
(`currency` empty).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    Table,
    Text,
    literal_column,
    text,
)

from data.tables.types import Amount, instant, metadata, ref, serial

REFRESHED = "ledger_refreshed_at"
"""The name under which operations.sync_state keeps the instant that the ledger reaches."""


def _audience() -> Column[int]:
    """Whose part a row of a rollup is; 0: everybody's."""
    return Column("audience_id", Integer, primary_key=True, autoincrement=False)


timeline = Table(
    "timeline",
    metadata,
    serial(),
    ref("subscription_id", index=True),
    ref("subscription_item_id"),
    ref("customer_id", index=True),
    ref("product_id"),
    ref("price_id"),
    Column("interval", Text),
    Column("currency", Text),
    Column("quantity", BigInteger),
    Column("arr", Amount, nullable=False),
    Column("counted", Boolean, nullable=False),  # false: trial, metered, a status that is zero
    instant("from_at", nullable=False),
    instant("to_at"),  # null: still so
    Column("evidence", Text, nullable=False),
    Column("discounts", Text),  # ids of the coupons taken off, in their order, joined by "|"
)

# Whose segments begin or end after the refresh that wrote them: few, so that only they are indexed by time.
timeline_turn = Table(
    "timeline_turn",
    metadata,
    serial(),
    Column("customer_id", Text, nullable=False, index=True),
    instant("at", nullable=False, index=True),
)

movement = Table(
    "movement",
    metadata,
    serial(),
    Column("customer_id", Text, nullable=False, index=True),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),  # new, reactivation, expansion, contraction, churn, transfer
    Column("plan", Text, nullable=False),
    Column("interval", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("delta_arr", Amount, nullable=False),
    Column("evidence", Text, nullable=False),
)

# A combination of what is known of customers today; null: not known.
audience = Table(
    "audience",
    metadata,
    serial(),
    Column("country", Text),
    Column("segment", Text),
    Column("account_manager", Text),
)

customer_audience = Table(
    "customer_audience",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("audience_id", Integer, nullable=False, index=True),
)

month_movement = Table(
    "month_movement",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),  # YYYY-MM
    Column("currency", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("plan", Text, primary_key=True),
    Column("interval", Text, primary_key=True),
    Column("delta_arr", Amount, nullable=False),
)

month_movement_customers = Table(
    "month_movement_customers",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("portfolio", Text, primary_key=True),  # the plan:interval cells moved, sorted, joined by "|"
    Column("customers", Integer, nullable=False),
)

# Customers whose holdings at a month's end differ from those at its start, or who came and left inside it.
month_transition = Table(
    "month_transition",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("held_before", Text, primary_key=True),  # a portfolio; empty: not a subscriber
    Column("held_after", Text, primary_key=True),
    Column("first", Boolean, primary_key=True),  # the month of the customer's `new`
    Column("customers", Integer, nullable=False),
)

# A cohort is the month of a customer's first `new`. Its balances are the running sums of what changed.
cohort_change = Table(
    "cohort_change",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("cohort", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("plan", Text, primary_key=True),
    Column("interval", Text, primary_key=True),
    Column("delta_arr", Amount, nullable=False),
)

cohort_subscriber_change = Table(
    "cohort_subscriber_change",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("cohort", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("portfolio", Text, primary_key=True),
    Column("subscribers", Integer, nullable=False),
)

# Over the subscribers at the start of a period of `span` months that ends with the month, by what they held
# then. A row is the change from the month before: the running sums are the figures.
retention_change = Table(
    "retention_change",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("currency", Text, primary_key=True),
    Column("held_before", Text, primary_key=True),  # a portfolio, never empty
    Column("arr_start", Amount, nullable=False),
    Column("arr_end", Amount, nullable=False),
    Column("arr_kept", Amount, nullable=False),  # each customer's smaller of start and end
    Column("customers", Integer, nullable=False),
    Column("lost", Integer, nullable=False),  # of them, at 0 at the end
)

# Subscribers by size (data.sizes): how many of its bounds a customer's run rate in the currency reaches.
# A row is the change from the month before.
size_change = Table(
    "size_change",
    metadata,
    _audience(),
    Column("month", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("subscribers", Integer, nullable=False),
)

# Customers by how long they stayed: whoever is a subscriber still by the first day, as days since 1970, and
# whoever left by the days from the first to the last.
lifetime = Table(
    "lifetime",
    metadata,
    _audience(),
    Column("began", Text, primary_key=True),  # the plan:currency cells of the `new`, sorted, joined by "|"
    Column("still", Boolean, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("customers", Integer, nullable=False),
)

ever_subscribed = Table(
    "ever_subscribed",
    metadata,
    _audience(),
    Column("currency", Text, primary_key=True),
    Column("customers", Integer, nullable=False),
)

# What the run rate rests on. A row is the change from the month before, over everybody.
evidence_change = Table(
    "evidence_change",
    metadata,
    Column("month", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("evidence", Text, primary_key=True),
    Column("delta_arr", Amount, nullable=False),
)

NOT_SHOWN = ("price not known", "discount not known", "status not known", "ended, date not known")
"""Evidence that says what Stripe did not show."""


def not_shown() -> ColumnElement[bool]:
    """Segments of such evidence, in the very words of their index."""
    return timeline.c.evidence.in_([literal_column(f"'{words}'") for words in NOT_SHOWN])


def stopped() -> ColumnElement[bool]:
    """Segments that stopped counting without an end, in the very words of their index."""
    return timeline.c.evidence.in_([literal_column("'unpaid'"), literal_column("'paused'")])


Index("ix_timeline_stopped", timeline.c.from_at, sqlite_where=stopped(), postgresql_where=stopped())
Index("ix_timeline_not_shown", timeline.c.from_at, sqlite_where=not_shown(), postgresql_where=not_shown())
Index("ix_movement_month_cell", movement.c.day, movement.c.currency, movement.c.kind)
_CHURN = text("kind = 'churn'")
Index(
    "ix_movement_churn",
    movement.c.day,
    movement.c.currency,
    movement.c.customer_id,
    sqlite_where=_CHURN,
    postgresql_where=_CHURN,
)
Index(
    "ix_movement_transfer",
    movement.c.day,
    sqlite_where=movement.c.kind == "transfer",
    postgresql_where=movement.c.kind == "transfer",
)
Index(
    "ix_timeline_discounted",
    timeline.c.from_at,
    sqlite_where=timeline.c.discounts.is_not(None),
    postgresql_where=timeline.c.discounts.is_not(None),
)
