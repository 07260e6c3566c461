"""`migrate`: brings the database to the version that this program needs, as the role that owns its schema."""

from __future__ import annotations

from dataclasses import asdict

import typer

from mailroom.bootstrap.database import Migrated, migrate_database
from mailroom.cli.asking import console, print_json
from mailroom.cli.look import AsJson


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(migrate)


def migrate(as_json: AsJson = False) -> None:
    """Bring the database up to date; on PostgreSQL as MAILROOM_DATABASE_ADMIN_URL, and give the service its rights."""
    done = migrate_database()
    if as_json:
        print_json(asdict(done))
        return
    console.print(_in_words(done), markup=False)
    if done.role:
        console.print(
            f"The service's role, {done.role}, has its rights: it can add to the log and change nothing in it.",
            markup=False,
        )


def _in_words(done: Migrated) -> str:
    if done.before is None:
        return f"The database was empty and is at version {done.after} now."
    if done.before == done.after:
        return f"The database is at version {done.after} already."
    return f"The database was at version {done.before} and is at {done.after} now."
