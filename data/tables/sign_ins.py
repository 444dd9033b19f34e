"""Who signed in, and which sign-ins were ended before their time."""

from sqlalchemy import Column, Table, Text

from data.tables.types import UTCDateTime, instant, metadata

sign_in = Table(
    "sign_in",
    metadata,
    Column("person", Text, primary_key=True),
    Column("issued_at", UTCDateTime, primary_key=True),  # by the provider
    Column("role", Text, nullable=False),
    instant("seen_at", nullable=False),  # when the app first saw it
    instant("ended_at"),  # signed out, or ended by the command; null: still good
)
