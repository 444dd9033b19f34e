"""Exchange rates, as finance keeps them."""

from sqlalchemy import Column, Date, Table, Text

from data.tables.types import metadata

# One unit of from_currency is worth rate units of to_currency, in main units ("1.0842" dollars a euro).
exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("date", Date, primary_key=True),
    Column("from_currency", Text, primary_key=True),  # ISO 4217, lower-case
    Column("to_currency", Text, primary_key=True),
    Column("rate", Text, nullable=False),  # an exact decimal number above 0
)
