"""What a back-office team's day needs: notes, replies, dates brought forward, and where a returned item belongs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_QUEUE = ("desk", "due_at", "received_at", "sensitivity", "settled", "team", "case_id", "id")
_ON_A_DESK = """
UPDATE item SET desk = (
    SELECT handoff.team FROM handoff JOIN case_file ON case_file.id = item.case_id
    WHERE handoff.item_id = item.id AND handoff.state IN ('offered', 'accepted') AND case_file.closed_at IS NULL
    ORDER BY handoff.number DESC LIMIT 1
)
"""


def upgrade() -> None:
    _case_note()
    _reply()
    op.add_column("case_file", sa.Column("brought_forward_to", sa.Date(), nullable=True))
    op.add_column("case_file", sa.Column("brought_forward_why", sa.String(), nullable=True))
    op.add_column("handoff", sa.Column("return_reason", sa.String(), nullable=True))
    op.add_column("handoff", sa.Column("suggested", sa.String(), nullable=True))
    op.add_column("item", sa.Column("desk", sa.String(), nullable=True))
    op.execute(_ON_A_DESK)
    op.create_index("item_on_desk", "item", list(_QUEUE), unique=False)
    op.create_index("case_brought_forward", "case_file", ["brought_forward_to", "id"], unique=False)
    op.create_index("case_by_owner", "case_file", ["owner", "closed_at", "id"], unique=False)
    op.create_index("ix_item_proven_sender", "item", ["proven_sender"], unique=False)


def _case_note() -> None:
    op.create_table(
        "case_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_note_case_id", "case_note", ["case_id"], unique=False)


def _reply() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("promised_for", sa.Date(), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("maybe_twice", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", "number"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_reply_case_id", "reply", ["case_id"], unique=False)
    op.create_index("ix_reply_state", "reply", ["state"], unique=False)
