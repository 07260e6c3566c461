"""On PostgreSQL the vector of a text lies in its row: a phrase, which is looked for in each, took half as long again.

A vector is some two kilobytes long, where PostgreSQL by itself puts every second one elsewhere. Those that are there
already stay where they are until the index is made anew.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"

_TABLES = [f"search_words_{shelf}_{audience}" for shelf in "ab" for audience in ("open", "limited")]


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN words SET STORAGE MAIN")
