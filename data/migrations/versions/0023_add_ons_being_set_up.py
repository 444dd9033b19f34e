"""Add-ons being set up."""

import sqlalchemy as sa
from alembic import op

from data.tables.types import Json, UTCDateTime

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "addon_setup",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("addon", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settings", Json, nullable=False),
        sa.Column("checks", Json, nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("hostname", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_setup")),
        sa.UniqueConstraint("customer_id", "addon", name=op.f("uq_addon_setup_customer_id_addon")),
        sa.UniqueConstraint("hostname", name=op.f("uq_addon_setup_hostname")),
    )
    with op.batch_alter_table("addon_setup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addon_setup_checked_at"), ["checked_at"], unique=False)

    op.create_table(
        "addon_downtime",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_id"],
            ["addon_setup.id"],
            name=op.f("fk_addon_downtime_setup_id_addon_setup"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_downtime")),
    )
    with op.batch_alter_table("addon_downtime", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addon_downtime_setup_id"), ["setup_id"], unique=False)

    op.create_table(
        "addon_event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("setup_id", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settings", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_id"],
            ["addon_setup.id"],
            name=op.f("fk_addon_event_setup_id_addon_setup"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_event")),
    )
    with op.batch_alter_table("addon_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_addon_event_setup_id"), ["setup_id"], unique=False)
