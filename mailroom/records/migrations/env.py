"""Alembic's entrance: runs the migrations over the connection that `records/schema.py` hands it."""

from __future__ import annotations

from alembic import context

from mailroom.records.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
