"""Quotes as sales writes them: every version of a quote's fields, its state, and who agreed to what."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from data.tables.types import Json, instant, metadata

STANDING = "revises is not null and state not in ('declined', 'expired', 'withdrawn')"
"""Of quotes that revise one: there is only one that has its place or may take it."""

sales_quote = Table(
    "sales_quote",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # the newest of its versions
    Column("cloned_from", Text),  # another quote's id
    instant("created_at", nullable=False),
    Column("created_by", Text, nullable=False),
    instant("changed_at", nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),  # of data.quotes.states.FOLLOWS
    Column("moves", Integer, nullable=False, server_default="0"),  # how many of them there were
    Column("revises", Text),  # the id of the quote that this one takes the place of once it is sent
    Column("number", Integer),  # by which people call it
)

# A row is never changed: the newest is the quote, the others are how it came about.
sales_quote_version = Table(
    "sales_quote_version",
    metadata,
    Column("quote_id", Text, ForeignKey("sales_quote.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("fields", Json, nullable=False),  # by name, as they were typed
    instant("saved_at", nullable=False),
    Column("saved_by", Text, nullable=False),
)

# Every change of a quote's state, in order from 1; never changed.
sales_quote_move = Table(
    "sales_quote_move",
    metadata,
    Column("quote_id", Text, ForeignKey("sales_quote.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of its fields then
    instant("at", nullable=False),
    Column("person", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text),
    Column("seal", Text),  # the hash of what was asked for, approved or sent
    Column("figures", Json),  # what it came to then: data.quotes.states.Figures
)

# Whose agreement a quote needs: a row for each role of each time that it was asked for.
sales_quote_approval = Table(
    "sales_quote_approval",
    metadata,
    Column("quote_id", Text, ForeignKey("sales_quote.id", ondelete="CASCADE"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),  # the number of the move that asked
    Column("role", Text, primary_key=True),
    Column("because", Json, nullable=False),  # sentences
    Column("state", Text, nullable=False),  # waiting, approved, declined, closed, expired
    Column("asked_by", Text, nullable=False),
    instant("asked_at", nullable=False),
    instant("expires_at", nullable=False),
    Column("decided_by", Text),
    instant("decided_at"),
    Column("comment", Text),
    instant("reminded_at"),  # when whoever has not decided was written to again
)

Index(
    "uq_sales_quote_revises",
    sales_quote.c.revises,
    unique=True,
    sqlite_where=text(STANDING),
    postgresql_where=text(STANDING),
)
Index("uq_sales_quote_number", sales_quote.c.number, unique=True)
Index("ix_sales_quote_state_changed_at", sales_quote.c.state, sales_quote.c.changed_at)
Index(
    "ix_sales_quote_approval_state_expires_at",
    sales_quote_approval.c.state,
    sales_quote_approval.c.expires_at,
)
Index("ix_sales_quote_changed_at_id", sales_quote.c.changed_at, sales_quote.c.id)
