"""Starts and stops the process of `zygote`, seen from the worker.

Before: `Sandbox` needs one. After: calls are sent over its control socket. Its environment is made here: every maths
library held to one thread, and nothing that is worth stealing.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self

from mailroom.domain.errors import Misconfigured
from mailroom.sandbox.wire import MESSAGE_BYTES, pack, unpack

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_ONE_THREAD = dict.fromkeys(
    ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
# A child's memory in pages of 2 MB instead of 4 KB: it is fresh each time, and each page costs a fault. Of glibc 2.35;
# any other allocator takes no notice.
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# Nothing else of the worker's environment crosses: what reads hostile bytes has no passwords to give away.
_HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")


class WarmParent:
    """One running warm parent.

    Attributes:
        control: the socket that takes calls (`wire.CallEnds.send`), one message each, from any thread.
        pid: its process id.
    """

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self.control = control
        self.pid = process.pid

    @classmethod
    def start(cls, options: Mapping[str, Any]) -> Self:
        """Start one and wait until it is warm.

        Args:
            options: `tasks`, `engine`, `languages` and `tessdata` as in `Sandbox`.

        Raises:
            Misconfigured: something that it needs is missing, or it did not start.
        """
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            argument = pack({**options, "control": far.fileno()}).decode()
            process = subprocess.Popen(  # noqa: S603 - this very interpreter and a module of our own
                [sys.executable, "-P", "-m", "mailroom.sandbox.zygote", argument],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[far.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal reaches the worker alone, which then stops this one
            )
        started = cls(process, near)
        started._wait_until_warm()
        return started

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and every child; it ends by itself when its control socket closes, and is killed where it does not."""
        self.control.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once; the kernel kills its children with it."""
        self._process.kill()
        self._process.wait()

    def _wait_until_warm(self) -> None:
        self.control.settimeout(_START_SECONDS)
        try:
            told = unpack(self.control.recv(MESSAGE_BYTES) or b"{}")
        except TimeoutError:
            told = {}
        self.control.settimeout(None)
        problem = _why_not_warm(told)
        if problem:
            self.kill()
            self.control.close()
            raise Misconfigured(problem)


def _why_not_warm(told: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a warm parent that has said this of itself, or None."""
    if "misconfigured" in told:
        return str(told["misconfigured"])
    if "threads" not in told:
        return "The sandbox did not start; its reason stands in the output of this process."
    if told["threads"] != 1:
        return f"The sandbox runs {told['threads']} threads after loading its libraries; a fork needs exactly one."
    return None


def _environment() -> dict[str, str]:
    handed_on = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    modules = os.pathsep.join(path for path in sys.path if path)
    return {**handed_on, **_ONE_THREAD, **_LARGE_PAGES, "PYTHONPATH": modules}
