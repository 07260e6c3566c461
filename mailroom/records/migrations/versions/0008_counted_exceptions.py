"""What is alike is shown in its order, and counted, from an index alone; so is what is late, by channel."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    order = ["precedence", "due_at", "received_at", "id", "sensitivity"]
    op.create_index("item_alike", "item", ["state", "cause", "suggested", *order], unique=False)
    op.create_index("item_late", "item", ["state", "channel", "due_at", "sensitivity"], unique=False)
