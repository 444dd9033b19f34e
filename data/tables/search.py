"""What customers and accounts are found by: words of names, e-mail addresses, and near misses."""

from sqlalchemy import Column, Index, Table, Text

from data.tables.mirror import payment_method
from data.tables.types import metadata

# PostgreSQL finds what begins with a text through an index only where letters are ordered by their code.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")

search_owner = Table(
    "search_owner",
    metadata,
    Column("kind", Text, primary_key=True),  # customer, account
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("email", Text),
)

search_term = Table(
    "search_term",
    metadata,
    Column("term", Ordered, primary_key=True),  # folded: no upper case, no accents
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
)

# A word with one letter left out, so that a word with one letter wrong still meets it.
search_variant = Table(
    "search_variant",
    metadata,
    Column("variant", Ordered, primary_key=True),
    Column("term", Ordered, primary_key=True),
)

Index("ix_search_term_kind_id", search_term.c.kind, search_term.c.id)
Index("ix_payment_method_card_last4", payment_method.c.card_last4)
