"""The demonstration is a test, too: all sample post through the real service, hot folders, Tesseract and vault."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(900)
def test_the_whole_sample_post_is_captured_and_comes_back_untouched() -> None:
    command = [sys.executable, str(ROOT / "samples" / "demo.py")]
    shown = subprocess.run(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True, check=False)
    assert shown.returncode == 0, shown.stdout
    assert "2 of 2 answers are in the cases that they answer." in shown.stdout
    assert "48 of 48 captured; 48 originals came back untouched." in shown.stdout
    assert "Ledger difference 0; 0 missing." in shown.stdout
    limited = next(line for line in shown.stdout.splitlines() if "Safeguarding: child" in line)
    assert "original verified" in limited
