"""What teams sent back is counted without a look at all that was ever handed over."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index("handoff_by_state", "handoff", ["state", "team", "item_id"])
