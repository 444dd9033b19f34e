"""When each person last looked, so that a page can say what is new to them."""

from sqlalchemy import Column, Table, Text

from data.tables.types import instant, metadata

last_look = Table(
    "last_look",
    metadata,
    Column("person", Text, primary_key=True),
    instant(
        "before_at"
    ),  # what the visit before this one saw last, as of Stripe's clock; null: there was none
    instant("seen_at", nullable=False),  # the newest data that this visit saw
    instant("looked_at", nullable=False),  # when that was, by our clock
)
