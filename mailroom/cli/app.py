"""The command line itself: collects the commands and turns our errors into a sentence and an exit code.

Exit codes: 0 success, 1 something is not as it should be (the output says what), 2 a setting or an argument is wrong.
"""

from __future__ import annotations

import os
import sys

import typer

from mailroom.cli import (
    accounts,
    alive,
    answering,
    backing_up,
    bringing_over,
    carrying_out,
    desk,
    emptying,
    evidence,
    keep,
    keys,
    look,
    migrate,
    prove,
    reindex,
    serve,
    take,
    teams,
)
from mailroom.cli.asking import errors
from mailroom.cli.logs import log_as_json
from mailroom.domain.errors import MailroomError, Misconfigured

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mailroom: every letter, fax and message becomes an indexed case within one working day.",
)
for commands in (
    *(take, look, prove, evidence, carrying_out, bringing_over, keep, emptying, desk, teams, answering, accounts),
    *(keys, backing_up, reindex, migrate, serve, alive),
):
    commands.register(app)


_NOTHING_FOR_OTHERS = 0o027
"""What we make, our own account may change, its group may read, and others may not even see."""


def main() -> None:
    """Run the command that the arguments name."""
    os.umask(_NOTHING_FOR_OTHERS)
    log_as_json()
    try:
        app()
    except Misconfigured as fault:
        errors.print(str(fault), style="red", markup=False)
        sys.exit(2)
    except MailroomError as fault:
        errors.print(str(fault), style="red", markup=False)
        sys.exit(1)
    except OSError as fault:
        errors.print(f"{fault.filename or 'A file'}: {fault.strerror}.", style="red", markup=False)
        sys.exit(1)
