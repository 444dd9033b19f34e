"""Add-ons being set up for customers: what each needs, how far it is, and everything that happened to it."""

from sqlalchemy import Column, Date, Integer, Table, Text, UniqueConstraint

from data.tables.types import Json, instant, metadata, own_key, serial

# A row for each customer and add-on; its version goes up with every change, so that nothing is overwritten.
addon_setup = Table(
    "addon_setup",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer_id", Text, nullable=False),  # at Stripe
    Column("addon", Text, nullable=False),  # key of the catalogue
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    instant("since", nullable=False),  # of the state
    Column("reason", Text),  # why it waits, or why it is in this state
    Column("settings", Json, nullable=False),
    Column("checks", Json, nullable=False),  # name -> {ok, told, since, at}
    instant("checked_at", index=True),
    Column("hostname", Text, unique=True),  # of a custom domain: nobody else may have it
    Column("version", Integer, nullable=False),
    instant("created_at", nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("customer_id", "addon"),
)

# The e-mail domains of set-ups that are not disabled: people of one sign on by one customer's provider.
addon_domain = Table(
    "addon_domain",
    metadata,
    Column("name", Text, primary_key=True),
    own_key("setup_id", "addon_setup.id"),
)

# A row is never changed: what was done to a set-up, by whom, and what it was like afterwards.
addon_event = Table(
    "addon_event",
    metadata,
    serial(),
    own_key("setup_id", "addon_setup.id"),
    instant("at", nullable=False),
    Column("person", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("settings", Json, nullable=False),
)

# A row is never changed: of the rows of a month the newest stands.
addon_downtime = Table(
    "addon_downtime",
    metadata,
    serial(),
    own_key("setup_id", "addon_setup.id"),
    Column("month", Text, nullable=False),  # "YYYY-MM"
    Column("minutes", Integer, nullable=False),
    Column("source", Text, nullable=False),
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
)

# A row is never changed: of the rows of a month the newest stands; without a day the claim was taken back.
addon_claim = Table(
    "addon_claim",
    metadata,
    serial(),
    own_key("setup_id", "addon_setup.id"),
    Column("month", Text, nullable=False),  # "YYYY-MM"
    Column("claimed_on", Date),  # UTC
    Column("note", Text),
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
)
