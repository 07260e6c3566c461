import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from mailroom.sandbox.limits import Limits
from mailroom.sandbox.sandbox import Sandbox

_HERE = str(Path(__file__).parent)
_USUAL = Limits()


class Run(Protocol):
    """Call a task of one sandbox with a small source and a scratch folder of its own."""

    def __call__(self, task: str, arguments: Mapping[str, Any] = ..., limits: Limits = ...) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def mock_tasks() -> Iterator[dict[str, str]]:
    """The tasks of `mock_tasks.py`, which a warm parent can import while the tests run."""
    sys.path.append(_HERE)
    import mock_tasks as module

    yield {name: f"mock_tasks:{name}" for name, _ in inspect.getmembers(module, inspect.isfunction)}
    sys.path.remove(_HERE)


@pytest.fixture(scope="module")
def sandbox(mock_tasks: dict[str, str]) -> Iterator[Sandbox]:
    with Sandbox(engine="", tasks=mock_tasks) as opened:
        yield opened


@pytest.fixture
def fresh_sandbox(mock_tasks: dict[str, str]) -> Iterator[Sandbox]:
    """One that a test may do violence to."""
    with Sandbox(engine="", tasks=mock_tasks) as opened:
        yield opened


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Run:
    return caller_of(sandbox, tmp_path)


@pytest.fixture
def run_fresh(fresh_sandbox: Sandbox, tmp_path: Path) -> Run:
    return caller_of(fresh_sandbox, tmp_path)


def caller_of(sandbox: Sandbox, folder: Path) -> Run:
    source = folder / "source"
    source.write_bytes(b"a letter")

    def call(task: str, arguments: Mapping[str, Any] | None = None, limits: Limits = _USUAL) -> dict[str, Any]:
        return sandbox.run(task, arguments or {}, source=source, scratch=folder, limits=limits)

    return call
