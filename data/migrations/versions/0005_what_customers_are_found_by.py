"""What customers are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "search_owner",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_search_owner")),
    )
    op.create_table(
        "search_term",
        sa.Column("term", ORDERED, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("term", "kind", "id", name=op.f("pk_search_term")),
    )
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.create_index("ix_search_term_kind_id", ["kind", "id"], unique=False)
    op.create_table(
        "search_variant",
        sa.Column("variant", ORDERED, nullable=False),
        sa.Column("term", ORDERED, nullable=False),
        sa.PrimaryKeyConstraint("variant", "term", name=op.f("pk_search_variant")),
    )
    with op.batch_alter_table("payment_method", schema=None) as batch_op:
        batch_op.create_index("ix_payment_method_card_last4", ["card_last4"], unique=False)
