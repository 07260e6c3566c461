"""Sizes of files may pass two thousand million bytes on PostgreSQL, too, as on SQLite they always could."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in ("original", "rendition", "kept_object", "incomplete_source"):
        op.alter_column(table, "size", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
