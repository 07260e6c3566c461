"""The door's lines say by which way in something came, so that one that has fallen silent is noticed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("receipt", sa.Column("way", sa.String(), nullable=False, server_default=""))
    op.create_index("receipt_by_way", "receipt", ["way", "taken_at"])
