"""Until when each object is locked, and which items are under legal hold, is put down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_LOCKED, _HELD = sa.text("locked_until IS NOT NULL"), sa.text("held")
_DUE = "UPDATE kept_object SET locked_until = stored_at WHERE key LIKE 'originals/%' OR key LIKE 'heads/%'"
"""Nobody knows how long what was kept before is locked for: the duty that extends locks finds out."""


def upgrade() -> None:
    op.add_column("kept_object", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("kept_object", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, where in (("locked_until", _LOCKED), ("held", _HELD)):
        index = f"kept_object_{name.removesuffix('_until')}"
        op.create_index(index, "kept_object", [name], sqlite_where=where, postgresql_where=where)
    op.execute(_DUE)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_legal_hold_item_id"), "legal_hold", ["item_id"])
