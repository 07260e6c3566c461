"""Runs the mailroom as an account that may change nothing of the program, as a container does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[2]
_NOBODY = 65534
_LITTLE = ("--clear-groups", "--no-new-privs", "--bounding-set=-all")
_AS_NOBODY = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", *_LITTLE, "env")  # it has no right any more
PACKAGES = tuple(place for place in sys.path if place.endswith("site-packages"))
"""Where another Python finds what is installed for ours."""

_TRIED = "import sys, mailroom; print(sys.version_info[:2])"


def as_nobody() -> tuple[str, ...]:
    """Return how to call Python as nobody, who can read what is installed and write to nothing of it."""
    if os.geteuid() != 0:
        return (sys.executable,)
    searched = os.pathsep.join([str(_REPOSITORY), *PACKAGES])
    for python in (sys.executable, "/usr/bin/python3"):
        told = subprocess.run(
            [*_AS_NOBODY, python, "-c", _TRIED],
            env={"PYTHONPATH": searched},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.stdout.strip() == str(tuple(sys.version_info[:2])):
            return (*_AS_NOBODY, python)
    pytest.skip("nobody can read no Python here that is like ours")


@contextmanager
def folder_for_nobody() -> Iterator[Path]:
    """Give a folder that everybody may enter, and let everybody read what is put there while the block runs."""
    before = os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(prefix="apart") as name:
            folder = Path(name)
            folder.chmod(0o755)
            yield folder
    finally:
        os.umask(before)


def give_away(*folders: Path) -> None:
    """Make folders that are nobody's own."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
