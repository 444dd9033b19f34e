"""Mail to our own people: written with what it tells of, until the mail server has it."""

from sqlalchemy import Column, Index, Integer, Table, Text

from data.tables.types import instant, metadata, own_key, serial

WAITING, SENT, DEAD = "waiting", "sent", "dead"

# Written in the transaction of what it tells of; the same key is written once.
letter = Table(
    "letter",
    metadata,
    serial("number"),
    Column("key", Text, nullable=False, unique=True),
    own_key("quote_id", "sales_quote.id"),
    Column("recipient", Text, nullable=False),  # an e-mail address
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, sent, dead
    Column("attempts", Integer, nullable=False),
    instant("next_at", nullable=False),  # not before
    Column("error", Text),  # of the last attempt, in words
    instant("created_at", nullable=False),
    instant("settled_at"),
)
Index("ix_letter_state_next_at", letter.c.state, letter.c.next_at)
