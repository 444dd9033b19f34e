"""What the app keeps of each customer: how they stand, for lists, and what people write about them."""

from sqlalchemy import Column, Index, Table, Text

from data.tables.search import Ordered
from data.tables.types import Amount, instant, metadata, ref, serial

# A row for each customer of Stripe that is not deleted, and for each account that Stripe does not know.
customer_standing = Table(
    "customer_standing",
    metadata,
    Column("kind", Text, primary_key=True),  # customer, account
    Column("id", Text, primary_key=True),
    Column("called", Ordered, nullable=False),  # name, else e-mail, else id, folded: lists are sorted by it
    Column("state", Text, nullable=False),
    Column("currency", Text),  # that of the most run rate, else the one they are billed in
    Column("arr", Amount, nullable=False),  # in that currency
    instant("renews_at"),  # the first period to end of a subscription that goes on
    instant("created_at"),
    *(
        Index("_".join(("ix_customer_standing", *walk)), *walk, "kind", "id")
        for walk in (("called",), ("created_at",), ("renews_at",), ("currency", "arr"), ("state", "called"))
    ),
)

# A row is never changed: of the rows of a thread the newest stands, the others are its history.
customer_note = Table(
    "customer_note",
    metadata,
    serial(),
    ref("owner_id", index=True),  # a Stripe customer's id, or an account's
    Column("thread", Text, nullable=False),
    Column("text", Text),  # null: taken away
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
)
