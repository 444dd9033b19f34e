"""The tables of the generated company, in its own words."""

from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Table, Text

metadata = MetaData()

workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("admin_contact", Text),
    Column("success_team", Text),  # a team or a role, never a person
    Column("size_band", Text),
    Column("country_code", Text),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
)

workspace_billing = Table(
    "workspace_billing",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("seats_purchased", Integer),
    Column("billing_ref", Text),  # the customer at Stripe
)

seat_usage = Table(
    "seat_usage",
    metadata,
    Column("workspace_id", Text, primary_key=True),
    Column("usage_date", Date, primary_key=True),
    Column("seats_active", Integer, nullable=False),
)
