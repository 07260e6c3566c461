"""`reindex`: makes the index of words anew beside the one that is searched, while everybody works."""

from __future__ import annotations

import typer
from rich.progress import Progress

from mailroom.bootstrap import existing_mailroom
from mailroom.bootstrap.database import records_of_owner
from mailroom.cli.asking import console, errors
from mailroom.records.reindexing import begin_anew, go_on, progress


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(reindex)


def reindex() -> None:
    """Make the index of words anew; one that was broken off is gone on with. Searches and writers go on meanwhile.

    On PostgreSQL it is quicker for the role that owns the tables (MAILROOM_DATABASE_ADMIN_URL).
    """
    with existing_mailroom() as services, records_of_owner(services) as records:
        begin_anew(records)
        begun = progress(records)
        done, of = (begun.done, begun.of) if begun else (0, 0)
        with Progress(console=errors, disable=not errors.is_terminal, transient=True) as shown:
            task = shown.add_task("texts", total=of, completed=done)
            for step in go_on(records):
                shown.update(task, completed=step.done)
    console.print(f"Every text is in the index, {of} in all.")
