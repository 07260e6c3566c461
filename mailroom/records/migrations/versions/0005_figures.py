"""What figures and searches are quick by: when an item got its case, index data in lower case, and their indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("item", sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE item SET captured_at = (SELECT opened_at FROM case_file WHERE case_file.id = item.case_id)")
    op.add_column("index_field", sa.Column("folded", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE index_field SET folded = lower(value)")
    op.create_index("ix_index_field_folded", "index_field", ["folded"], unique=False)
    op.create_index("item_by_case", "item", ["case_id", "received_at", "state"], unique=False)
    by_receipt = ["received_at", "reference", "channel", "state", "captured_at", "settled", "id"]
    op.create_index("item_by_receipt", "item", by_receipt, unique=False)
    op.create_index("case_by_team", "case_file", ["team", "closed_at"], unique=False)
    op.create_index("case_by_type", "case_file", ["case_type"], unique=False)
    op.create_index("case_open", "case_file", ["closed_at", "team", "id"], unique=False)
    running = ["met_at", "replaced_at", "due_at", "case_id", "name"]
    op.create_index("clock_running", "clock", running, unique=False)
    op.create_index("receipt_by_item", "receipt", ["item_id", "channel"], unique=False)
    op.create_index("custody_by_kind", "custody_event", ["kind", "item_id"], unique=False)
