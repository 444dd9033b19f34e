"""How customers stand, for lists of them, and notes about them."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import UTCDateTime

revision = "0016"
down_revision = "0015"

WALKS = ("called",), ("created_at",), ("renews_at",), ("currency", "arr"), ("state", "called")


def upgrade() -> None:
    op.create_table(
        "customer_standing",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("called", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("arr", sa.BigInteger(), nullable=False),
        sa.Column("renews_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_customer_standing")),
    )
    for walk in WALKS:
        name = "_".join(("ix_customer_standing", *walk))
        op.create_index(name, "customer_standing", [*walk, "kind", "id"])
    op.create_table(
        "customer_note",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_note")),
    )
    op.create_index("ix_customer_note_owner_id", "customer_note", ["owner_id"])
