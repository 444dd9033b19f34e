"""What became known of the movements, and when: each change of a movement since the ledger was built."""

from sqlalchemy import Boolean, Column, Date, Table, Text

from data.tables.types import Amount, instant, metadata, serial

# A row says by how much a refresh changed the movement of a customer, day and cell: taking away what later
# refreshes changed gives the movements as they were known.
movement_change = Table(
    "movement_change",
    metadata,
    serial(),
    instant("known_at", nullable=False, index=True),  # as of the refresh that changed it
    Column("customer_id", Text, nullable=False, index=True),
    Column("day", Date, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("interval", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("delta_arr", Amount, nullable=False),  # added to the movement's; never 0
    Column("evidence", Text, nullable=False),  # of the movement as it is after, or was
    Column("late", Boolean, nullable=False),  # the refresh before had that day behind it
    Column("reason", Text, nullable=False),  # evidence, events, rules
)
