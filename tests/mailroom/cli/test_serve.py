"""What the service says when it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).parents[3] / "config"


def test_the_service_says_where_its_hot_folders_are(tmp_path: Path) -> None:
    environment = {**os.environ, "MAILROOM_DATA": str(tmp_path / "data"), "MAILROOM_CONFIG": str(CONFIG)}
    environment |= {"PYTHONUNBUFFERED": "1", "MAILROOM_DATABASE_URL": ""}
    command = [sys.executable, "-m", "mailroom", "run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        try:
            told = [service.stdout.readline().strip() for _ in range(3)]
        finally:
            service.send_signal(signal.SIGTERM)
            service.communicate(timeout=60)
    assert told[:2] == [f"Hot folder for {way}: {tmp_path / 'data' / 'in' / way}" for way in ("post", "fax")]
    assert told[2].startswith("The mailroom is open.")
    assert service.returncode == 0
