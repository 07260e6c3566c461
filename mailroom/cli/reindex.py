"""`reindex`: makes the index of words anew beside the one that is searched, while everybody works."""

from __future__ import annotations

import typer
from rich.progress import Progress

from mailroom.bootstrap import existing_mailroom
from mailroom.cli.asking import console, errors
from mailroom.records.reindexing import begin_anew, go_on, progress


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(reindex)


def reindex() -> None:
    """Make the index of words anew; one that was broken off is gone on with. Searches and writers go on meanwhile."""
    with existing_mailroom() as services, Progress(console=errors, disable=not errors.is_terminal) as shown:
        begin_anew(services.records)
        begun = progress(services.records)
        task = shown.add_task("texts", total=begun.of if begun else 0, completed=begun.done if begun else 0)
        for step in go_on(services.records):
            shown.update(task, completed=step.done, total=step.of)
    console.print(f"Every text is in the index, {begun.of if begun else 0} in all.")
