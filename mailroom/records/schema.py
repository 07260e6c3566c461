"""Brings the database to the shape this program needs, and refuses one that is newer than the program.

Migrations stand in `migrations/versions/`; a command that finds the database up to date pays one small query.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from mailroom.domain.errors import Misconfigured
from mailroom.records.session import Records

HEAD = "0019"
"""The newest migration; a test compares it with the folder."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(records: Records, prepare_engine: Callable[[str], None]) -> None:
    """Migrate the database where it is older than the program.

    Args:
        records: the database.
        prepare_engine: makes the workflow engine's own tables beside ours.

    Raises:
        Misconfigured: the database cannot be opened, or is newer than this program.
    """
    try:
        with records.connection() as connection:
            version = version_of(connection)
    except DatabaseError as fault:
        raise Misconfigured(
            f"The database cannot be opened ({fault.orig}). Check MAILROOM_DATA and MAILROOM_DATABASE_URL, free space "
            "and rights."
        ) from fault
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise Misconfigured(
            f"The database was made by a newer mailroom (version {version}, this program knows {HEAD}). "
            "Install the newer program, or name another database."
        )
    prepare_engine(records.url)
    upgrade(records)


def upgrade(records: Records, to: str = "head") -> None:
    """Run the migrations up to the given one."""
    from alembic import command  # noqa: PLC0415  # costs a tenth of a second, and is needed once in a database's life
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with records.connection() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.commit()


def version_of(connection: Connection) -> str | None:
    """Return the newest migration that a database has had; None where it is none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
