"""What the evidence of the past cannot tell: changes of run rate that happened, nobody knows exactly when."""

from sqlalchemy import Column, Table, Text

from data.tables.types import Amount, instant, metadata, ref, serial

unknown_history = Table(
    "unknown_history",
    metadata,
    serial(),
    ref("subscription_id", index=True),
    ref("subscription_item_id"),  # null: a discount of the whole subscription
    ref("customer_id", index=True),
    Column("currency", Text),
    instant("earliest_at", nullable=False),
    instant("latest_at"),  # null: until now
    instant("placed_at", nullable=False),  # where the timeline has the change
    Column("delta_arr", Amount, nullable=False),
    Column("reason", Text, nullable=False),
)
