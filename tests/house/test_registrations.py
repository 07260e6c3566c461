"""What is registered can be loaded, and what is there is registered."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import mailroom
from mailroom.cli import app as command_line
from mailroom.plugins import load
from mailroom.sandbox.tasks import TASKS

HOUSE = Path(mailroom.__file__).parent
FOLDERS = ("ocr", "classifiers", "storage", "mailroom.crm", "mailroom.replies")
ENTRIES = [(folder, name, place) for folder in FOLDERS for name, place in sorted(import_module(folder).BUILTIN.items())]


@pytest.mark.parametrize(("folder", "name", "place"), ENTRIES, ids=[f"{folder}:{name}" for folder, name, _ in ENTRIES])
def test_every_entry_of_a_builtin_dict_can_be_loaded(folder: str, name: str, place: str) -> None:
    assert place.startswith(f"{folder}.")
    assert inspect.isclass(load(place))


@pytest.mark.parametrize("task", sorted(TASKS))
def test_every_task_of_the_sandbox_can_be_loaded(task: str) -> None:
    assert callable(load(TASKS[task]))


def imported_by(file: Path) -> set[str]:
    """The modules that a file names, in imports and in `module:name` places."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("mailroom."):
            found.add(node.value.partition(":")[0])
    return found


def test_every_file_of_commands_is_registered() -> None:
    files = [file for file in (HOUSE / "cli").glob("*.py") if "def register(" in file.read_text(encoding="utf-8")]
    assert len(files) >= 4
    assert {f"mailroom.cli.{file.stem}" for file in files} <= imported_by(Path(command_line.__file__))


def test_every_duty_is_done_by_something() -> None:
    everything = set[str]().union(*(imported_by(file) for file in HOUSE.rglob("*.py")))
    assert {f"mailroom.duties.{file.stem}" for file in (HOUSE / "duties").glob("*.py") if file.stem != "__init__"} <= (
        everything
    )


def test_no_module_is_left_that_nothing_uses() -> None:
    everything = set[str]().union(*(imported_by(file) for file in HOUSE.rglob("*.py")))
    modules = {
        ".".join(file.relative_to(HOUSE.parent).with_suffix("").parts)
        for file in HOUSE.rglob("*.py")
        if file.stem not in {"__init__", "__main__", "env"} and "versions" not in file.parts
    }
    assert modules - everything == set()
