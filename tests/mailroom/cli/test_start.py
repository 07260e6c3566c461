"""What every command has to load before it begins: nothing that is long to load and that few of them need."""

from __future__ import annotations

import subprocess
import sys

DEAR = ("cv2", "dbos", "fastapi", "fpdf", "numpy", "pikepdf", "weasyprint")
LOADED = f"import sys, mailroom.cli.app; print([name for name in {DEAR} if name in sys.modules])"
COLLECTED = """
import gc
runs = lambda: sum(generation["collections"] for generation in gc.get_stats())
before = runs()
import mailroom.__main__
print(runs() - before < 5, gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


def test_no_command_loads_what_is_long_to_load_before_it_needs_it() -> None:
    assert told_by(LOADED) == "[]\n"


def test_the_collector_runs_from_where_a_command_begins_and_never_goes_through_what_was_loaded() -> None:
    assert told_by(COLLECTED) == "True True True\n"


def told_by(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
