"""An older system's folder, its index, and a way to bring it over."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mailroom.bootstrap.places import spool_of
from mailroom.importing.bringing import Asked, Brought, bring_over
from mailroom.importing.checking import Checked, check
from mailroom.importing.index_file import open_index
from mailroom.services import Services

LETTER = b"12 Hill Road\nHarrowdale\nHD2 3AB\n\nDear Sirs\n\nPlease send me the form.\n\nMary Bell\n"
MakeIndex = Callable[..., Path]


@pytest.fixture
def make_index(tmp_path: Path) -> MakeIndex:
    """Writes an index of rows and a file for each path in it: `make_index([{"file": ..., "received": ...}])`."""

    def make(rows: Sequence[dict[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
        folder = tmp_path / "older"
        folder.mkdir(exist_ok=True)
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (folder / "index.csv").open("w", encoding=encoding, newline="") as file:
            lines = csv.DictWriter(file, names, delimiter=delimiter)
            lines.writeheader()
            lines.writerows(rows)
        for row in rows:
            target = folder / row["file"]
            if row["file"] and target.parent.resolve() == folder and not target.exists():
                target.write_bytes(LETTER + row["file"].encode())
        return folder

    return make


@pytest.fixture
def bring(services: Services) -> Callable[..., tuple[Checked, Brought]]:
    """Checks an index and brings its good rows over, with nothing that waits."""

    def run(source: Path, *, acknowledge: bool = False, read: bool = False) -> tuple[Checked, Brought]:
        index, brought = open_index(source), Brought()
        checked = check(index, services, lambda _: None)
        asked = Asked("cli:ada", spool_of(services), acknowledge, read)
        bring_over(index, checked, asked, services, brought, wait_for_room=lambda: None, tell=lambda: None)
        return checked, brought

    return run
