"""The outbox: what the company's own system is to be told, until it has acknowledged it."""

from sqlalchemy import Column, Index, Integer, Table, Text

from data.tables.types import Json, instant, metadata, serial

WAITING, ACKNOWLEDGED, DEAD, GIVEN_UP = "waiting", "acknowledged", "dead", "given up"

# Written in the transaction of what it tells of; the same key is written once.
provisioning_request = Table(
    "provisioning_request",
    metadata,
    serial("number"),  # the order in which they were asked for
    Column("id", Text, nullable=False, unique=True),  # what the receiver tells repeats by
    Column("key", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),  # such as addon.active
    Column("customer_id", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),  # requests of one subject are sent one after the other
    Column("body", Json, nullable=False),
    Column("state", Text, nullable=False),  # waiting, acknowledged, dead, given up
    Column("attempts", Integer, nullable=False),
    instant("next_at", nullable=False),  # not before
    Column("error", Text),  # of the last attempt, in words
    Column("person", Text, nullable=False),
    instant("created_at", nullable=False),
    instant("settled_at"),
)
Index("ix_provisioning_request_state_next_at", provisioning_request.c.state, provisioning_request.c.next_at)
Index("ix_provisioning_request_subject", provisioning_request.c.subject, provisioning_request.c.number)
