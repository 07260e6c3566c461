"""What somebody settled today is found by their name, without a look at all that was ever decided."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("decision_by_actor", "decision", ["actor", "decided_at"])
