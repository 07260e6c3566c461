"""What every command has to load before it begins: nothing that is long to load and that few of them need."""

from __future__ import annotations

import subprocess
import sys

DEAR = ("cv2", "dbos", "fastapi", "fpdf", "numpy", "pikepdf", "weasyprint")
LOADED = f"import sys, mailroom.cli.app; print([name for name in {DEAR} if name in sys.modules])"


def test_no_command_loads_what_is_long_to_load_before_it_needs_it() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "[]\n"
