"""Searching by number of arrival: an index of words for each audience, on two shelves, with what it is narrowed by.

The words of what there is already are brought over; the index of them is made afterwards, little by little, by the
service or by `mailroom reindex`: that takes minutes with a million items, for which nobody should wait.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_SHELVES, _AUDIENCES = ("a", "b"), ("open", "limited")
_BEYOND_ALL = 100_000_000
_NUMBER = {
    "sqlite": "CAST(substr(reference, -11, 2) || substr(reference, -8, 6) AS INTEGER) WHERE length(reference) > 12",
    "postgresql": "CAST(left(right(reference, 11), 2) || left(right(reference, 8), 6) AS INTEGER)"
    " WHERE reference ~ '^[A-Z]{1,4}-[0-9]{2}-[0-9]{6}-[A-Z]$'",
}
_DAY = {"sqlite": "date(received_at)", "postgresql": "(received_at AT TIME ZONE 'UTC')::date"}


def upgrade() -> None:
    database = op.get_bind().dialect.name
    _number_the_items(database)
    _make_tables(database)
    _bring_texts_over()
    _note_days(database)
    if database == "sqlite":
        _index_in_sqlite()
    else:
        _index_in_postgresql()
    filling = "CASE WHEN EXISTS (SELECT 1 FROM search_text) THEN 'a' END"
    told = f"SELECT 1, 'a', {filling}, {_BEYOND_ALL}"
    op.execute(f"INSERT INTO search_state (id, shelf, filling, reached) {told}")


def _number_the_items(database: str) -> None:
    op.add_column("item", sa.Column("number", sa.Integer(), nullable=True))
    op.execute(f"UPDATE item SET number = {_NUMBER[database]}")  # noqa: S608  # our own words
    op.create_index("item_by_number", "item", ["number"], unique=True)


def _make_tables(database: str) -> None:
    if database == "sqlite":
        op.execute("DROP TABLE search_index")
    op.rename_table("search_text", "search_text_before")
    op.create_table(
        "search_text",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("item_id"),
    )
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("filling", sa.String(), nullable=True),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "search_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "search_word",
        sa.Column("shelf", sa.String(), nullable=False),
        sa.Column("word", sa.String(collation=None if database == "sqlite" else "C"), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shelf", "word"),
    )
    op.create_table(
        "search_uncounted",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_view_of_account", "saved_view", ["account", "name"])
    op.create_index("saved_view_of_team", "saved_view", ["team", "name"])


def _bring_texts_over() -> None:
    op.execute(
        "INSERT INTO search_text (number, item_id, limited, body) "
        "SELECT item.number, item.id, item.sensitivity IS NULL OR item.sensitivity != 'normal', before.body "
        "FROM search_text_before AS before JOIN item ON item.id = before.item_id WHERE item.number IS NOT NULL"
    )
    op.drop_table("search_text_before")


def _note_days(database: str) -> None:
    day = _DAY[database]
    blocks = f"SELECT {day}, min(number) / 1000, max(number) / 1000 FROM item"  # noqa: S608  # our own words
    op.execute(f"INSERT INTO search_day (day, lowest, highest) {blocks} WHERE number IS NOT NULL GROUP BY {day}")


def _index_in_sqlite() -> None:
    for audience, which in zip(_AUDIENCES, ("NOT limited", "limited"), strict=True):
        op.execute(f"CREATE VIEW search_{audience} AS SELECT number, body FROM search_text WHERE {which}")  # noqa: S608
        for shelf in _SHELVES:
            op.execute(
                f"CREATE VIRTUAL TABLE search_words_{shelf}_{audience} USING fts5(body, content='search_{audience}', "
                "content_rowid='number', tokenize='unicode61 remove_diacritics 2')"
            )


def _index_in_postgresql() -> None:
    for shelf in _SHELVES:
        for audience in _AUDIENCES:
            name = f"search_words_{shelf}_{audience}"
            op.execute(f"CREATE TABLE {name} (number integer PRIMARY KEY, words tsvector NOT NULL)")
            op.execute(f"CREATE INDEX {name}_words ON {name} USING gin (words) WITH (fastupdate = off)")
