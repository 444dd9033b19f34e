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
    Column("kind", Text, nullable=False),  # order_form, stripe, signed
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    instant("at", nullable=False),
    Column("person", Text, nullable=False),
)

# A link to the papers of an offer, for whoever has it; the token is in the link alone, here is its hash.
quote_link = Table(
    "quote_link",
    metadata,
    serial(),
    Column("offer_id", Text, ForeignKey("quote_offer.id", ondelete="CASCADE"), nullable=False),
    Column("token_sha256", Text, nullable=False, unique=True),
    instant("made_at", nullable=False),
    Column("made_by", Text, nullable=False),
    instant("expires_at", nullable=False),
    instant("revoked_at"),
    Column("revoked_by", Text),
    instant("first_opened_at"),
    instant("last_opened_at"),
    Column("opened", Integer, nullable=False, server_default="0"),  # times that its page was
)

Index("ix_quote_link_offer_id", quote_link.c.offer_id)
Index("ix_quote_offer_quote_id_written_at", quote_offer.c.quote_id, quote_offer.c.written_at)
Index("ix_quote_offer_state_completed_at", quote_offer.c.state, quote_offer.c.completed_at)
Index("uq_quote_document_offer_id_sha256", quote_document.c.offer_id, quote_document.c.sha256, unique=True)
