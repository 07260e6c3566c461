"""What the service says when it starts, and that its pages answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx2
import pytest
from mailrooms import Mailrooms

Service = Callable[[Path, int], AbstractContextManager[subprocess.Popen[str]]]


@pytest.fixture
def service(mailrooms: Mailrooms) -> Service:
    """Runs the service over a data directory, with its pages on a port: `with service(data, 8080) as run`."""

    @contextmanager
    def running(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")},
            **mailrooms.told(data),
            "MAILROOM_WEB__PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        command, told = [sys.executable, "-m", "mailroom", "run"], subprocess.PIPE
        with subprocess.Popen(command, env=environment, stdout=told, stderr=told, text=True) as run:
            try:
                yield run
            finally:
                run.send_signal(signal.SIGTERM)
                run.wait(timeout=60)

    return running


def said(run: subprocess.Popen[str], lines: int) -> list[str]:
    assert run.stdout is not None
    return [run.stdout.readline().strip() for _ in range(lines)]


def test_the_service_says_where_everything_is_and_its_pages_answer(
    service: Service, tmp_path: Path, closed_port: int
) -> None:
    data = tmp_path / "data"
    with service(data, closed_port) as run:
        told = said(run, 5)
        answer = httpx2.get(f"http://127.0.0.1:{closed_port}/healthz")
    assert told[:2] == [f"Hot folder for {way}: {data / 'in' / way}" for way in ("post", "fax")]
    pages = f"Pages: http://127.0.0.1:8080, served on 127.0.0.1:{closed_port}: web.address must lead there"
    assert told[2] == pages
    assert "mailroom account join" in told[3]
    assert told[4].startswith("The mailroom is open.")
    assert answer.json() == {"ok": True}
    assert run.returncode == 0


def test_a_service_without_pages_says_nothing_of_them(service: Service, tmp_path: Path) -> None:
    with service(tmp_path / "data", 0) as run:
        assert said(run, 3)[2].startswith("The mailroom is open.")


def test_a_port_that_is_taken_stops_the_start_with_a_sentence(service: Service, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, service(tmp_path / "data", taken.getsockname()[1]) as run:
        assert run.wait(timeout=60) == 2
        assert run.stderr is not None
        assert "name another port in config/mailroom.toml" in run.stderr.read()
