"""An original in which the scanner found malware says so, and is opened by nobody who works on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("original", sa.Column("quarantined", sa.String(), nullable=True))
