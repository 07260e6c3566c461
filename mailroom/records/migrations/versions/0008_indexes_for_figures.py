"""What is alike is shown in its order, and counted, from an index alone; so is what is late, and what was handed on."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    order = ["precedence", "due_at", "received_at", "id", "sensitivity"]
    op.create_index("item_alike", "item", ["state", "cause", "suggested", *order], unique=False)
    op.create_index("item_late", "item", ["state", "channel", "due_at", "sensitivity"], unique=False)
    op.drop_index("ix_handoff_item_id", table_name="handoff")
    op.create_index("handoff_by_item", "handoff", ["item_id", "state", "number", "answered_at"], unique=False)
