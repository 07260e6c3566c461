"""Where every object lies is put down, so that each can be doubled, walked over and mended."""

from __future__ import annotations

import hashlib
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_NO_COPY, _WAITS = sa.text("copied_at IS NULL"), sa.text("waits_on IS NOT NULL")
_FROM_ROWS = (
    "INSERT INTO kept_object (key, sha256, size, stored_at) "
    "SELECT key, min(sha256), min(size), min({at}) FROM {rows} GROUP BY key"
)


def upgrade() -> None:
    _make_kept_object()
    _make_damage()
    _make_walk()
    op.create_table(
        "store_place",
        sa.Column("copy", sa.String(8), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("copy"),
    )
    op.execute(_FROM_ROWS.format(at="stored_at", rows="original"))
    op.execute(_FROM_ROWS.format(at="made_at", rows="rendition"))
    _put_heads_down()


def _make_kept_object() -> None:
    op.create_table(
        "kept_object",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("waits_on", sa.String(), nullable=True),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copy_version", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    for name, column, where in (("not_copied", "stored_at", _NO_COPY), ("waiting", "waits_on", _WAITS)):
        op.create_index(f"kept_object_{name}", "kept_object", [column], sqlite_where=where, postgresql_where=where)


def _make_damage() -> None:
    op.create_table(
        "damage",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("copy", sa.String(8), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("found", sa.String(64), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_not", sa.String(), nullable=True),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", "copy"),
    )
    op.create_index("damage_by_mending", "damage", ["mended_at", "tried_at"])


def _make_walk() -> None:
    op.create_table(
        "walk",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("whole_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looking_for", sa.String(16), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("overlaid", sa.JSON(), nullable=False),
        sa.Column("strangers", sa.JSON(), nullable=False),
        sa.Column("strangers_counted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _put_heads_down() -> None:
    """Heads that were published lie in the store, too; their digest is that of their text."""
    at = sa.Column("signed_at", sa.DateTime(timezone=True))
    heads = sa.table("tree_head", sa.Column("size", sa.Integer()), sa.Column("text", sa.String()), at)
    columns = ("key", "sha256", "size", "stored_at")
    kept = sa.table("kept_object", *(sa.column(name) for name in columns[:3]), sa.Column("stored_at", at.type))
    published = sa.select(heads).where(sa.text("published_at IS NOT NULL"))
    for size, text, signed_at in op.get_bind().execute(published).all():
        content = text.encode()
        at = signed_at if signed_at.tzinfo else signed_at.replace(tzinfo=UTC)
        row = (f"heads/{size:012}", hashlib.sha256(content).hexdigest(), len(content), at)
        op.get_bind().execute(sa.insert(kept).values(dict(zip(columns, row, strict=True))))
