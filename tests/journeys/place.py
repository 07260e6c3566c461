"""One mailroom in a temporary folder, run as its users run it: by its commands, in processes of their own."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

REPOSITORY = Path(__file__).parents[2]
_QUICK = {
    "INTAKE__QUIET_SECONDS": "0.2",
    "INTAKE__POLL_SECONDS": "0.3",
    "INTAKE__LEAST_FREE_MEGABYTES": "1",
    "WORKER__POLL_SECONDS": "0.2",
    "WORKER__SWEEP_SECONDS": "10",
    "ACKNOWLEDGE__UNDO_MINUTES": "0",
}
_HERE = Path(__file__).parent

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Place:
    """A data folder, and the settings with which its commands are called."""

    root: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    python: tuple[str, ...] = (sys.executable,)
    packages: tuple[str, ...] = ()
    started: list[Process] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def post(self) -> Path:
        """The hot folder, which need not lie on the disk of the data."""
        return self.root / "post"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs that works on this place by our code."""
        return self._environment({}, None)

    @property
    def database(self) -> str:
        """The name of the database, where it lies on a server."""
        return self.settings["DATABASE_URL"].rpartition("/")[2]

    def start(
        self,
        *command: str,
        settings: Mapping[str, str] | None = None,
        path: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Start a command in a process group of its own."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*self.python, "-m", "mailroom", *command],
                env={**self._environment(settings or {}, path), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def kill_all(self) -> None:
        """Kill what was started and runs still, for a test that fails ends before it does so itself."""
        for process in self.started:
            kill(process)

    @contextmanager
    def running(self, *command: str, settings: Mapping[str, str] | None = None) -> Iterator[Process]:
        """Run a command while the block runs; it must then leave in good order."""
        process = self.start(*command, settings=settings)
        try:
            yield process
            process.terminate()
            assert process.wait(60) == 0, self.log.read_text()
        finally:
            kill(process)

    def call(self, *command: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*self.python, "-m", "mailroom", *command],
            env=self._environment(settings or {}, None),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def drop(self, name: str, content: bytes) -> None:
        """Put a file into the hot folder, as a scanner does."""
        self.post.mkdir(exist_ok=True)
        (self.post / name).write_bytes(content)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database, from outside; nothing where there is none yet."""
        if "DATABASE_URL" in self.settings:
            return self._ask_the_server(question)
        try:
            connection = sqlite3.connect(f"file:{self.data / 'mailroom.sqlite'}?mode=ro", uri=True, timeout=30)
        except sqlite3.OperationalError:
            return []
        try:
            return connection.execute(question).fetchall()
        except sqlite3.OperationalError as fault:
            if "no such table" in str(fault) or "unable to open" in str(fault):
                return []
            raise
        finally:
            connection.close()

    def _ask_the_server(self, question: str) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(self.settings["DATABASE_URL"].replace("+psycopg", "")) as connection:
                return connection.execute(question.encode()).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            return []

    def items(self) -> int:
        """How many items there are."""
        counted = self.ask("SELECT count(*) FROM item")
        return int(counted[0][0]) if counted else 0

    def through(self) -> int:
        """How many items have no stage before them."""
        counted = self.ask("SELECT count(*) FROM item WHERE next_stage IS NULL")
        return int(counted[0][0]) if counted else 0

    def under_way(self) -> int:
        """How many items have a stage before them."""
        counted = self.ask("SELECT count(*) FROM item WHERE next_stage IS NOT NULL")
        return int(counted[0][0]) if counted else 0

    def alive(self) -> int:
        """How many runs the engine has not ended yet."""
        counted = self.ask("SELECT count(*) FROM workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')")
        return int(counted[0][0]) if counted else 0

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float = 90) -> None:
        """Wait until it is so, or fail with the log."""
        end = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < end, f"{what} did not come about\n{self.log.read_text()}"
            time.sleep(0.1)

    def wait_until_open(self, process: Process) -> None:
        """Wait until this service says that it is open."""
        seen = self.log.read_text().count("The mailroom is open") if self.log.exists() else 0
        self.wait_until(lambda: self.log.read_text().count("The mailroom is open") > seen, "an open mailroom")
        assert process.poll() is None

    def _environment(self, settings: Mapping[str, str], path: Path | None) -> dict[str, str]:
        own = {f"MAILROOM_{key}": value for key, value in {**_QUICK, **self.settings, **settings}.items()}
        searched = [str(place) for place in (path, REPOSITORY, _HERE, *self.packages) if place]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")},
            "MAILROOM_DATA": str(self.data),
            "MAILROOM_WEB__PORT": "0",
            "MAILROOM_CONFIG": str(REPOSITORY / "config"),
            "MAILROOM_FOLDERS__POST__PATH": str(self.post),
            "PYTHONPATH": os.pathsep.join(searched),
            **own,
        }


def finish(place: Place, number: int, seconds: float = 90) -> None:
    """Wait for the end of so many items, their runs, and the log of their events; no word of theirs is in ours.

    The engine notes the end of a run after the last stage, and tries again later where the disk is full.
    """
    place.wait_until(lambda: place.through() >= number and not place.under_way(), f"the end of {number} items", seconds)
    place.wait_until(lambda: place.ask("SELECT count(*) FROM custody_pending") == [(0,)], "a whole log")
    place.wait_until(lambda: not place.alive(), "the end of every run")
    said = place.log.read_text()
    assert not [word for word in ("Gower", "Jane", "recycling", "letter-0") if word in said]


def kill(process: Process) -> None:
    """Kill the process and its group at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def warm_parents_of(process: Process) -> list[int]:
    """Return the process ids of the sandbox's warm parents that this process has started."""
    children = Path(f"/proc/{process.pid}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text().split()]
    return [pid for pid in pids if b"mailroom.sandbox.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()]
