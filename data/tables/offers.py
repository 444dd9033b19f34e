"""Quotes as they were sent: what Stripe was told to bill, who accepted, and the documents."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text

from data.tables.types import Json, instant, metadata, ref, serial

# A version of a quote at Stripe; the id is that of Stripe's quote.
quote_offer = Table(
    "quote_offer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("quote_id", Text, ForeignKey("sales_quote.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("seal", Text, nullable=False),  # the hash of what was approved
    ref("customer_id", index=True),
    Column("wanted", Json, nullable=False),  # dashboard.quotes.offering: what Stripe is to bill
    Column("state", Text, nullable=False),  # written, open, accepted, canceled
    instant("written_at", nullable=False),
    instant("sent_at"),
    Column("sent_by", Text),
    instant("expires_at"),
    instant("accepted_at"),
    Column("accepted_by", Text),  # who noted it, or that Stripe told it
    Column("signatory", Text),
    Column("signed_on", Date),
    ref("subscription_id"),
    ref("subscription_schedule_id"),
    ref("invoice_id"),
    instant("completed_at"),  # when all that acceptance leads to was in place
    Column("told", Text),  # what is not as it should be, in words
)

quote_document = Table(
    "quote_document",
    metadata,
    serial(),
    Column("offer_id", Text, ForeignKey("quote_offer.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),  # order_form, signed
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    instant("at", nullable=False),
    Column("person", Text, nullable=False),
)

Index("ix_quote_offer_quote_id_written_at", quote_offer.c.quote_id, quote_offer.c.written_at)
Index("ix_quote_offer_state_completed_at", quote_offer.c.state, quote_offer.c.completed_at)
Index("uq_quote_document_offer_id_sha256", quote_document.c.offer_id, quote_document.c.sha256, unique=True)
