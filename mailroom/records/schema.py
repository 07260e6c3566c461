"""Brings the database to the shape this program needs, and refuses one that is newer than the program.

Migrations stand in `migrations/versions/`; a command that finds the database up to date pays one small query.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from mailroom.domain.errors import Misconfigured
from mailroom.records.session import NO_SUCH_RIGHT, Records

HEAD = "0026"
"""The newest migration; a test compares it with the folder."""

_ADVICE = "Check MAILROOM_DATA and MAILROOM_DATABASE_URL, free space and rights."
_NO_RIGHTS = "Run `mailroom migrate`, which gives the role of MAILROOM_DATABASE_URL its rights."
_MIGRATIONS = Path(__file__).parent / "migrations"


def version_in(records: Records) -> str | None:
    """Return the version of the database; None where it is empty.

    Raises:
        Misconfigured: it cannot be opened, or is newer than this program.
    """
    try:
        with records.connection() as connection:
            version = version_of(connection)
    except DatabaseError as fault:
        advice = _NO_RIGHTS if getattr(fault.orig, "sqlstate", "") == NO_SUCH_RIGHT else _ADVICE
        raise Misconfigured(f"The database cannot be opened ({fault.orig}). {advice}") from fault
    if version is not None and version > HEAD:
        raise Misconfigured(
            f"The database was made by a newer mailroom (version {version}, this program knows {HEAD}). "
            "Install the newer program, or name another database."
        )
    return version


def bring_up_to_date(records: Records, prepare_engine: Callable[[str], None]) -> None:
    """Migrate the database where it is older than the program.

    Args:
        records: the database, as whoever owns its schema.
        prepare_engine: makes the workflow engine's own tables beside ours.

    Raises:
        Misconfigured: the database cannot be opened, or is newer than this program.
    """
    if version_in(records) == HEAD:
        return
    prepare_engine(records.url)
    upgrade(records)


def refuse_unless_current(records: Records) -> None:
    """Let a service go on that cannot migrate the database itself, where nobody need do so.

    Raises:
        Misconfigured: the database is older than this program, or cannot be opened.
    """
    version = version_in(records)
    if version != HEAD:
        stands = f"The database is at version {version}" if version else "The database is empty"
        raise Misconfigured(
            f"{stands}, and this program needs version {HEAD}. Run `mailroom migrate` with MAILROOM_DATABASE_ADMIN_URL "
            "set to the role that owns the schema, then start again."
        )


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
