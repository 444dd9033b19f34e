"""What was read from the company's application database: accounts, capacity and use."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text

from data.tables.types import instant, metadata, ref, serial

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

# The accounts by plan, added up when they are copied; capacity and use are of the accounts that have them.
account_plan = Table(
    "account_plan",
    metadata,
    serial(),
    Column("plan", Text),
    Column("accounts", BigInteger),
    Column("capacity", BigInteger),
    Column("used", BigInteger),
    Column("accounts_with_capacity", BigInteger),
    Column("accounts_with_use", BigInteger),
    Column("accounts_without_customer", BigInteger),
)

# The accounts by the month they were created in and the days until they first paid; null: never yet.
account_conversion = Table(
    "account_conversion",
    metadata,
    serial(),
    Column("month", Text, nullable=False),
    Column("days", Integer),
    Column("accounts", BigInteger, nullable=False),
)
