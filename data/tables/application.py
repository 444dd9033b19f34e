"""What was read from the company's application database: accounts, capacity and use."""

from sqlalchemy import BigInteger, Column, Date, Table, Text

from data.tables.types import instant, metadata, ref

account = Table(
    "account",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("name", Text),
    Column("owner", Text),
    Column("plan", Text),
    Column("capacity", BigInteger),  # units bought; null: not limited or not known
    Column("account_manager", Text),
    Column("segment", Text),
    Column("country", Text),
    instant("created_at"),
    ref("stripe_customer_id", index=True),
    instant("observed_at", nullable=False),
    instant("deleted_at"),
)

account_use = Table(
    "account_use",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

# An add-on as the company's own system has it: there only while it is live.
account_addon = Table(
    "account_addon",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("addon", Text, primary_key=True),  # key or name of the catalogue
    instant("live_since"),
    instant("observed_at", nullable=False),
)
