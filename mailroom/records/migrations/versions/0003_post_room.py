"""What the post room's queue is ordered by, who has an item before them, and what was given to a colleague."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NEVER = "9999-12-31 00:00:00.000000"
_DUE = """
UPDATE item SET due_at = coalesce((
    SELECT min(clock.due_at) FROM clock
    WHERE clock.case_id = item.case_id AND clock.met_at IS NULL AND clock.replaced_at IS NULL
), item.due_at)
"""
_NEWEST = """
SELECT document.item_id, decision.urgency, decision.suggestions FROM decision
JOIN document ON document.id = decision.document_id
WHERE document.ordinal = 1 AND decision.id = (
    SELECT max(newest.id) FROM decision AS newest WHERE newest.document_id = document.id
)
"""
_DECIDED = "UPDATE item SET precedence = :precedence, suggested = :suggested WHERE id = :item_id"


def upgrade() -> None:
    op.add_column("item", sa.Column("precedence", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("item", sa.Column("suggested", sa.String(), nullable=True))
    op.add_column("item", sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, server_default=_NEVER))
    _fill()
    columns = ["state", "precedence", "due_at", "received_at", "id", "sensitivity"]
    op.create_index("item_in_queue", "item", columns, unique=False)
    op.create_table(
        "taken",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("colleague", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_referral_item_id", "referral", ["item_id"], unique=False)
    op.create_index("ix_referral_colleague", "referral", ["colleague"], unique=False)


def _fill() -> None:
    """Work out for what is there what is kept up from now on."""
    op.execute(_DUE)
    newest = sa.text(_NEWEST).columns(suggestions=sa.JSON())
    rows = [
        {
            "item_id": row.item_id,
            "precedence": 0 if row.urgency == "urgent" else 1,
            "suggested": row.suggestions[0]["case_type"] if row.suggestions else None,
        }
        for row in op.get_bind().execute(newest)
    ]
    if rows:
        op.get_bind().execute(sa.text(_DECIDED), rows)
