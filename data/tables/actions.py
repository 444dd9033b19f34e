"""What people had done at Stripe: actions with their steps and keys, approvals, the audit of what changed."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from data.tables.types import Json, instant, metadata, serial

WAITING = "waiting"
UNFINISHED = ("prepared", "running", "unknown")

action = Table(
    "action",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # the command's name
    Column("customer_id", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),  # the object that is changed
    Column("command", Json, nullable=False),
    Column("person", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),  # prepared, running, done, refused, unknown
    Column("told", Text),  # why it was refused or is unknown, in words
    Column("before", Json),
    Column("after", Json),
    instant("created_at", nullable=False),
    instant("finished_at"),
)

# Written before anything is sent: whoever finds a step that is not done can send the same again.
action_step = Table(
    "action_step",
    metadata,
    Column("action_id", Text, ForeignKey("action.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("method", Text, nullable=False),  # post, delete
    Column("path", Text, nullable=False),
    Column("params", Json, nullable=False),
    Column("undo", Text),  # the path of a request that takes it back
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # planned, done, refused
    Column("request_id", Text),
    Column("made", Text),  # the id of the object that was answered
    instant("sent_at"),
    instant("answered_at"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    serial(),
    instant("at", nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("customer_id", Text, index=True),
    Column("subject", Text),
    Column("reason", Text),
    Column("before", Json),
    Column("after", Json),
    Column("request_ids", Json),
    Column("action_id", Text),
    Column("outcome", Text, nullable=False),  # done, refused, unknown
    Column("previous_hash", Text, nullable=False, unique=True),  # of the entry before; empty for the first
    Column("hash", Text, nullable=False, unique=True),
)

# One action at a time for a customer: who comes second is told.
Index(
    "uq_action_unfinished_customer",
    action.c.customer_id,
    unique=True,
    sqlite_where=text("state in ('prepared', 'running', 'unknown')"),
    postgresql_where=text("state in ('prepared', 'running', 'unknown')"),
)

# What somebody with a higher limit has to agree to before it is done.
approval = Table(
    "approval",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # the command's name
    Column("customer_id", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),  # the object that is changed
    Column("command", Json, nullable=False),
    Column("person", Text, nullable=False),  # who asks
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("over", Json, nullable=False),  # which limits it is over, in words
    Column("shown", Json, nullable=False),  # the preview that was asked with
    Column("state", Text, nullable=False),  # waiting, approved, declined, withdrawn, expired
    Column("decided_by", Text),
    Column("comment", Text),
    Column("action_id", Text, ForeignKey("action.id")),  # what was done with the approval
    instant("created_at", nullable=False),
    instant("expires_at", nullable=False),
    instant("decided_at"),
)

# The same change of the same object is asked for once at a time.
Index(
    "uq_approval_waiting_subject_kind",
    approval.c.subject,
    approval.c.kind,
    unique=True,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index("ix_approval_state_created_at", approval.c.state, approval.c.created_at)
