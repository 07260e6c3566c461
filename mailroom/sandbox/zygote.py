"""The warm parent: libraries and OCR model loaded once, then one forked child for each call.

Before: `Sandbox` starts it by exec, in an environment that holds every maths library to one thread. After: `child` runs
the task. It never reads a byte from outside itself, and it stays single-threaded, because a fork copies only the thread
that forks. It ends when the worker does: the control socket closes. (A death signal would not do for that: the kernel
sends it when the *thread* that started this process ends, and worker threads come and go.)
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import logging
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailroom.domain.errors import MailroomError
from mailroom.sandbox.child import Task, live
from mailroom.sandbox.reading_engine import READING_ENGINE, load, open_engine
from mailroom.sandbox.wire import MESSAGE_BYTES, CallEnds, pack, unpack
from ocr.errors import ReadingError

_LOG = logging.getLogger(__name__)
# What the tasks use, down to what its libraries import when first needed: once here instead of in every child.
_HEAVY_LIBRARIES = (
    "encodings.utf_16_be",
    "mmap",
    "numpy.ma",
    "cv2",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "PIL.TiffImagePlugin",
    "pikepdf",
    "pypdfium2",
)


@dataclass(eq=False, slots=True)
class _Running:
    """One child at work: its process, a descriptor that turns readable when it ends, and the tie to its caller."""

    pid: int
    ended: int
    lifetime: socket.socket


class Zygote:
    """Forks a child for every call that comes in over the control socket, until that socket closes."""

    def __init__(self, control: socket.socket, tasks: dict[str, Task]) -> None:
        self._control = control
        self._tasks = tasks
        self._selector = selectors.PollSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._running: set[_Running] = set()
        self._pid = os.getpid()

    def serve(self) -> None:
        """Serve calls until the worker goes, then kill what still runs."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    ends = CallEnds.receive(self._control)
                    if ends is None:
                        self._kill_everything()
                        return
                    self._fork(ends)
                elif key.data in self._running:
                    self._attend(key.data, has_ended=key.fd == key.data.ended)

    def _fork(self, ends: CallEnds) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            _LOG.error("no child could be forked: errno %s", error.errno)
            ends.close()
            return
        if pid == 0:
            live(ends, self._tasks, self._pid)
        lifetime = socket.socket(fileno=os.dup(ends.lifetime))
        ends.close()
        self._watch(_Running(pid, os.pidfd_open(pid), lifetime))

    def _watch(self, running: _Running) -> None:
        self._running.add(running)
        self._selector.register(running.ended, selectors.EVENT_READ, running)
        self._selector.register(running.lifetime, selectors.EVENT_READ, running)
        with suppress(OSError):  # the caller has hung up already; its descriptor says so at once
            running.lifetime.send(pack({"pid": running.pid}))

    def _attend(self, running: _Running, *, has_ended: bool) -> None:
        """Finish with a child that has ended, or kill one whose caller has hung up."""
        if not has_ended:
            self._selector.unregister(running.lifetime)
            os.kill(running.pid, signal.SIGKILL)
            return
        self._running.remove(running)
        self._selector.unregister(running.ended)
        with suppress(KeyError):
            self._selector.unregister(running.lifetime)
        self._bury(running)

    @staticmethod
    def _bury(running: _Running) -> None:
        """Kill what the child started, reap it, and tell the caller how it ended.

        Until it is reaped its number belongs to nobody else, so the group of that number is its own.
        """
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        _, status, usage = os.wait4(running.pid, 0)
        os.close(running.ended)
        with suppress(OSError):
            running.lifetime.send(pack({"status": status, "peak": usage.ru_maxrss * 1024}))
        running.lifetime.close()

    def _kill_everything(self) -> None:
        for running in self._running:
            os.kill(running.pid, signal.SIGKILL)
            self._bury(running)


def main() -> None:
    """Get warm, say so, and serve; the one argument is JSON: `control`, `tasks`, `engine`, `languages`, `tessdata`."""
    faulthandler.enable()  # a child that crashes says where, in the output that its caller keeps
    options = unpack(sys.argv[1].encode())
    control = socket.socket(fileno=options["control"])
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, signal.SIG_IGN)  # the worker decides when to stop, and may still finish a page
    try:
        tasks = _warm_up(options)
    except (MailroomError, ReadingError) as error:
        control.send(pack({"misconfigured": str(error)[: MESSAGE_BYTES // 8]}))
        return
    control.send(pack({"threads": len(list(Path("/proc/self/task").iterdir()))}))
    Zygote(control, tasks).serve()


def _warm_up(options: dict[str, Any]) -> dict[str, Task]:
    for library in _HEAVY_LIBRARIES:
        importlib.import_module(library)
    tasks: dict[str, Task] = {name: load(place) for name, place in options["tasks"].items()}
    if options["engine"]:
        READING_ENGINE.set(open_engine(options["engine"], options["languages"], options["tessdata"]))
    gc.collect()
    gc.freeze()  # children then never write to the pages of these objects, which stay shared with this process
    return tasks


if __name__ == "__main__":
    main()
