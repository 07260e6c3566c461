"""The real service as a process beside a benchmark: run it, wait for it, and see what it costs.

Before: a folder and settings for it. After: the benchmark drives it from outside, as scanners and people do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_LOOK_EVERY = 0.2
"""Seconds between two looks at a process that does not say when it is done; nothing is timed by them."""


@contextmanager
def service(settings: Mapping[str, str]) -> Iterator[int]:
    """Run the service with these variables while the block runs; gives its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mailroom", "run"], env={**os.environ, **settings}, stdout=subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(holds: Callable[[], bool], seconds: float = 900) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the service did not get through in time")
        time.sleep(_LOOK_EVERY)


def cpu_of_tree(pid: int) -> float:
    """Return the CPU seconds of a process, of its living children, and of all that these have buried."""
    process = Path(f"/proc/{pid}")
    children = " ".join(thread.read_text() for thread in process.glob("task/*/children")).split()
    times = (process / "stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(cpu_of_tree(int(child)) for child in children)
