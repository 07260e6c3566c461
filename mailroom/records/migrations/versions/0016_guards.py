"""PostgreSQL refuses changes to what was written down once, as SQLite did from the first; both guard signed heads."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

_NEVER_CHANGED = ("custody_event", "custody_number", "receipt")
_SIGNED = ("size", "full", "text", "signed_at")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _guard_heads_in_sqlite()
    else:
        _guard_in_postgresql()


def _guard_heads_in_sqlite() -> None:
    columns = ", ".join(f'"{column}"' for column in _SIGNED)
    for action in (f"UPDATE OF {columns}", "DELETE"):
        name = action.split(maxsplit=1)[0].lower()
        op.execute(
            f"CREATE TRIGGER tree_head_no_{name} BEFORE {action} ON tree_head "
            "BEGIN SELECT RAISE(ABORT, 'tree_head is append-only'); END"
        )


def _guard_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    columns = ", ".join(f'"{column}"' for column in _SIGNED)
    changes = dict.fromkeys(_NEVER_CHANGED, "UPDATE OR DELETE") | {"tree_head": f"UPDATE OF {columns} OR DELETE"}
    for table, change in changes.items():
        for name, when in (("change", f"{change} ON {table} FOR EACH ROW"), ("truncate", f"TRUNCATE ON {table}")):
            op.execute(f"CREATE TRIGGER {table}_no_{name} BEFORE {when} EXECUTE FUNCTION refuse_change()")
