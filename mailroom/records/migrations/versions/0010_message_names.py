"""What a mail is called by its sender's mail program is remembered, so that its answers find it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("item", sa.Column("message_id", sa.String(), nullable=True))
    op.create_index("ix_item_message_id", "item", ["message_id"])
