"""The command line as a script sees it: one mailroom with a few items through their journey, and a way to ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))

from mailrooms import Mailrooms

from mailroom.cli.app import main

POST = {
    "request.txt": (
        "12 Hill Road\nHarrowdale\nHD2 3AB\n\n14 November 2026\n\nDear Sir or Madam\n\nUnder the Freedom of "
        "Information Act 2000 I request a copy of "
        "all contracts for the collection of refuse.\n\nYours faithfully\n\nMary Bell\n"
    ),
    "risk.txt": "Dear Sir\n\nThe child next door is left alone at night and has bruises. Safeguarding concern.\n\nJo\n",
    "unclear.txt": "Dear Sir\n\nThank you for the other day.\n",
    "empty.txt": "",
}


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever JSON can hold
        return json.loads(self.out)


@pytest.fixture(scope="session")
def mailrooms(request: pytest.FixtureRequest) -> Mailrooms:
    """Where the records of each data directory are, on the database that `--on` names."""
    on_a_server = request.config.getoption("--on") == "postgresql"
    return Mailrooms(request.getfixturevalue("database_server") if on_a_server else None)


@pytest.fixture
def made_by_its_folder(mailrooms: Mailrooms) -> None:
    """Skips on a server: there a new data directory is one more machine of a mailroom that is there already."""
    if not mailrooms.embedded:
        pytest.skip("only where the records lie in the data directory is there no mailroom without one")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, mailrooms: Mailrooms) -> dict[str, Any]:
    """A data directory whose post was taken and carried through by `mailroom take --wait`, and what that printed."""
    root = tmp_path_factory.mktemp("house")
    post = root / "post"
    post.mkdir()
    for name, text in POST.items():
        (post / name).write_bytes(text.encode())
    environment = {**os.environ, **mailrooms.told(root / "data")}
    command = [sys.executable, "-m", "mailroom", "take", str(post), "--received", "2026-11-16", "--wait", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return {"data": root / "data", "post": post, "taken": json.loads(done.stdout)}


@pytest.fixture
def ask(
    house: dict[str, Any],
    mailrooms: Mailrooms,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Answer]:
    """Runs a command on that mailroom: `ask("status", "--json")`; `data=` names another directory."""
    monkeypatch.setenv("COLUMNS", "200")  # no sentence is cut, however long the path of a test's folder is

    def go_to(data: Path) -> None:
        for key, value in mailrooms.told(data).items():
            monkeypatch.setenv(key, value)

    def run(*words: str | Path, data: Path | None = None) -> Answer:
        if data is not None:
            go_to(data)
        monkeypatch.setattr(sys, "argv", ["mailroom", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code: Any = 0
        except SystemExit as ended:
            code = ended.code or 0
        said = capsys.readouterr()
        return Answer(int(code), said.out, said.err)

    go_to(house["data"])
    return run


@pytest.fixture
def taken(house: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What `take` printed of each file, by file name."""
    return {Path(line["path"]).name: line for line in house["taken"]}
