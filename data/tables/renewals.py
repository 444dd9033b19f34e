"""What people add to a renewal: who looks after it, what comes next, what they expect; and kept forecasts."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text

from data.tables.types import Amount, UTCDateTime, instant, metadata, ref, serial

CATEGORIES = ("commit", "likely", "open", "doubtful", "lost")

# A row is never changed: the newest of a renewal stands, the older ones are its history.
renewal_note = Table(
    "renewal_note",
    metadata,
    serial(),
    ref("subscription_id"),
    Column("due_on", Date, nullable=False),  # UTC day on which it falls due: next year's starts afresh
    Column("owner", Text),
    Column("category", Text),
    Column("next_step", Text),
    Column("note", Text),
    instant("written_at", nullable=False),
    Column("written_by", Text, nullable=False),
    CheckConstraint(f"category in {CATEGORIES}", name="category"),
    Index("ix_renewal_note_subscription_id_due_on", "subscription_id", "due_on"),
)

# A forecast as it was when somebody kept it: a row for each month of due dates, currency and term.
renewal_forecast = Table(
    "renewal_forecast",
    metadata,
    Column("made_at", UTCDateTime, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("due_month", Text, primary_key=True),  # YYYY-MM
    Column("term", Text, primary_key=True),
    Column("made_by", Text, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("arr", Amount, nullable=False),  # due
    Column("arr_known", Amount, nullable=False),  # of it, in segments with a renewal rate
    Column("expected", Amount, nullable=False),
    Column("low", Amount, nullable=False),
    Column("high", Amount, nullable=False),
    Column("decided", Integer, nullable=False),  # past renewals that the rates rest on
)
