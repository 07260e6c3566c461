"""What the hits of a search are narrowed down by lies in one narrow row an item, which the database keeps itself.

Triggers keep it, whoever changes an item or a case: nothing that is found may go by what stood there before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_OF_ITEM = ("state", "channel", "received_at", "settled", "team")
_OF_CASE = {"case_team": "team", "case_type": "case_type"}
_INTO = f"INSERT INTO search_facet (number, {', '.join((*_OF_ITEM, *_OF_CASE))})"
_CASE = ", ".join(f"case_file.{column}" for column in _OF_CASE.values())


def upgrade() -> None:
    op.create_table(
        "search_facet",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("case_team", sa.String(), nullable=True),
        sa.Column("case_type", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    columns = ", ".join(f"item.{column}" for column in ("number", *_OF_ITEM))
    op.execute(
        f"{_INTO} SELECT {columns}, {_CASE} FROM item LEFT JOIN case_file ON case_file.id = item.case_id "  # noqa: S608  # our own words
        "WHERE item.number IS NOT NULL ORDER BY item.number"
    )
    op.create_index("search_facet_by_team", "search_facet", ["case_team", "number"])
    if op.get_bind().dialect.name == "sqlite":
        _keep_in_sqlite()
    else:
        _keep_in_postgresql()


def _keep_in_sqlite() -> None:
    for name, change in (("new", "INSERT"), ("changed", f"UPDATE OF {_item_columns()}")):
        op.execute(
            f"CREATE TRIGGER item_{name}_to_facet AFTER {change} ON item WHEN NEW.number IS NOT NULL "
            f"BEGIN {_put_item()}; END"
        )
    op.execute(f"CREATE TRIGGER case_changed_to_facet AFTER {_case_changes()} BEGIN {_put_case()}; END")


def _keep_in_postgresql() -> None:
    for name, body in (("item", _put_item()), ("case", _put_case())):
        op.execute(
            f"CREATE FUNCTION {name}_to_facet() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body}; RETURN NULL; END $$"
        )
    op.execute(
        f"CREATE TRIGGER item_to_facet AFTER INSERT OR UPDATE OF {_item_columns()} ON item "
        "FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION item_to_facet()"
    )
    op.execute(f"CREATE TRIGGER case_to_facet AFTER {_case_changes()} FOR EACH ROW EXECUTE FUNCTION case_to_facet()")


def _item_columns() -> str:
    return ", ".join((*_OF_ITEM, "case_id"))


def _case_changes() -> str:
    return f"UPDATE OF {', '.join(_OF_CASE.values())} ON case_file"


def _put_item() -> str:
    """Without a WHERE, SQLite would take ON CONFLICT for the condition of the join."""
    columns = ", ".join(f"NEW.{column}" for column in ("number", *_OF_ITEM))
    newer = ", ".join(f"{column} = excluded.{column}" for column in (*_OF_ITEM, *_OF_CASE))
    return (
        f"{_INTO} SELECT {columns}, {_CASE} FROM (SELECT 1) AS one "  # noqa: S608  # our own words
        "LEFT JOIN case_file ON case_file.id = NEW.case_id "
        f"WHERE true ON CONFLICT (number) DO UPDATE SET {newer}"
    )


def _put_case() -> str:
    columns = ", ".join(f"{column} = NEW.{of_case}" for column, of_case in _OF_CASE.items())
    return f"UPDATE search_facet SET {columns} WHERE number IN (SELECT number FROM item WHERE case_id = NEW.id)"  # noqa: S608  # our own words
