"""What a child does to itself before it touches a byte from outside.

Before: `child` has just been forked. After: it runs the task. Linux only: prctl(2), setrlimit(2), close_range(2). The
limits hold against a parser that goes wrong; whoever took over a child could still read what the service's user may.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mailroom.sandbox.limits import Limits

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 64
_LIBC = ctypes.CDLL(None, use_errno=True)


def leave_the_parent(parent: int, keep: Sequence[int], output: int) -> None:
    """Cut every tie to the warm parent but one: when it dies, this process is killed.

    Args:
        parent: process id of the warm parent.
        keep: descriptors that stay open beside stdin, stdout and stderr.
        output: descriptor that stdout and stderr are joined to.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(os.EX_UNAVAILABLE)  # it died between the fork and the line above, so no signal will come
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    _close_all_but(keep)


def hold_to(limits: Limits) -> None:
    """Set the kernel's limits on this process and all that it may start; privileges can no longer be gained."""
    with suppress(OSError):  # not in every container; then the kernel chooses for itself when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _cap(resource.RLIMIT_FSIZE, limits.file_size)
    _cap(resource.RLIMIT_AS, limits.address_space)
    # One second between the soft limit (SIGXCPU, which tells the caller why) and the hard one (SIGKILL).
    _cap(resource.RLIMIT_CPU, limits.cpu_seconds, grace=1)


def _cap(kind: int, most: int, grace: int = 0) -> None:
    """Set a limit, or leave the narrower one that the service itself runs under."""
    _, hard = resource.getrlimit(kind)
    ceiling = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
    resource.setrlimit(kind, (min(most, ceiling), ceiling))


def _close_all_but(keep: Sequence[int]) -> None:
    start = 3
    for descriptor in sorted(keep):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
