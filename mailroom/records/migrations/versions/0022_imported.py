"""What was brought over from an older system is marked, also in the index that figures are counted from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_COUNTED_BY = ["received_at", "reference", "channel", "state", "captured_at", "settled", "id", "imported"]


def upgrade() -> None:
    op.add_column("item", sa.Column("imported", sa.String(), nullable=True))
    op.drop_index("item_by_receipt", table_name="item")
    op.create_index("item_by_receipt", "item", _COUNTED_BY, unique=False)
    op.create_table(
        "told_by_index",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("item_id"),
    )
