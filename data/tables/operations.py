"""How the app is doing: syncs, their ranges, what could not be read, and the data version."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from data.tables.types import Json, instant, metadata, own_key, serial

sync_run = Table(
    "sync_run",
    metadata,
    serial(),
    Column("kind", Text, nullable=False),  # full, events, sweep
    Column("state", Text, nullable=False),  # running, done, failed
    instant("started_at", nullable=False),
    instant("finished_at"),
    instant("server_time"),  # Stripe's clock when the run began
    Column("event_cursor", Text),  # newest event when the run began; the next run starts here
    instant("event_cursor_at"),
    Column("objects", Integer, nullable=False, default=0),
    Column("requests", Integer, nullable=False, default=0),
    Column("error", Text),
)

sync_range = Table(
    "sync_range",
    metadata,
    serial(),
    own_key("run_id", "sync_run.id"),
    Column("resource", Text, nullable=False),
    instant("created_from"),  # null: from the beginning
    instant("created_to"),  # exclusive; null: until now
    Column("cursor", Text),  # starting_after of the next page
    Column("done", Boolean, nullable=False),
    Column("objects", Integer, nullable=False, default=0),
)

resource_state = Table(
    "resource_state",
    metadata,
    Column("resource", Text, primary_key=True),
    Column("state", Text, nullable=False),  # ok, forbidden, unknown, failed
    Column("error", Text),  # in words, for a person
    instant("read_at"),
    instant("swept_at"),
)

sync_state = Table(
    "sync_state",
    metadata,
    Column("name", Text, primary_key=True),  # account, event_cursor, sweep ...
    Column("value", Json),
)

data_version = Table(
    "data_version",
    metadata,
    serial("version"),
    instant("committed_at", nullable=False),
    instant("data_at", nullable=False),  # Stripe's clock: nothing in this version is older than this says
    Column("reason", Text, nullable=False),
)
