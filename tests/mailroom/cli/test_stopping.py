"""Whenever the signal comes, the command is woken: before it waits, while it begins to, and while it does."""

from __future__ import annotations

import subprocess
import sys

_OFTEN = """
import os, random, signal, sys, threading
from mailroom.cli.stopping import asked_to_stop

sys.setswitchinterval(1e-6)
wait = asked_to_stop()

def ask(go):
    go.wait()
    for _ in range(random.randrange(300)):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

for _ in range(3000):
    go = threading.Barrier(2)
    other = threading.Thread(target=ask, args=(go,))
    other.start()
    go.wait()
    wait()
    other.join()
print("woken each time")
"""


def test_no_signal_is_lost_and_none_waits_for_itself() -> None:
    done = subprocess.run([sys.executable, "-c", _OFTEN], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "woken each time\n", "")
