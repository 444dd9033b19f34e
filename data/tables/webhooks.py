"""What Stripe sent by itself: each event once, until what it touches has been read."""

from sqlalchemy import Column, Index, Integer, Table, Text

from data.tables.types import Json, instant, metadata

webhook_event = Table(
    "webhook_event",
    metadata,
    Column("id", Text, primary_key=True),  # the event's
    Column("type", Text, nullable=False),
    Column("payload", Json, nullable=False),
    instant("received_at", nullable=False),
    Column("state", Text, nullable=False),  # waiting, done, dead
    Column("attempts", Integer, nullable=False),
    instant("next_at", nullable=False),  # not before
    Column("error", Text),  # of the last attempt, in words
    instant("settled_at"),
)
Index("ix_webhook_event_waiting", webhook_event.c.state, webhook_event.c.next_at)
