"""Quotes as sales writes them: what a quote is about, and every version of its fields."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from data.tables.types import Json, instant, metadata

sales_quote = Table(
    "sales_quote",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # the newest of its versions
    Column("cloned_from", Text),  # another quote's id
    instant("created_at", nullable=False),
    Column("created_by", Text, nullable=False),
    instant("changed_at", nullable=False),
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

Index("ix_sales_quote_changed_at_id", sales_quote.c.changed_at, sales_quote.c.id)
