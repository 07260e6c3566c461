"""The worker's side of the sandbox: keeps one warm parent alive and runs tasks in children of it.

Before: `bootstrap` builds it once for a worker. After: the stages call `run`, from as many threads as they like.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mailroom.sandbox.errors import SandboxLost
from mailroom.sandbox.limits import Limits
from mailroom.sandbox.settle import settle
from mailroom.sandbox.supervise import Ending, Watch
from mailroom.sandbox.tasks import TASKS
from mailroom.sandbox.warm_parent import WarmParent
from mailroom.sandbox.wire import CallEnds, pack

_LOG = logging.getLogger(__name__)


class Sandbox:
    """Runs tasks in limited child processes; a context manager, safe to use from several threads at once.

    Args:
        engine: the OCR engine to hold ready (a name in `ocr.BUILTIN` or `module:Class`); empty for none.
        languages: what it shall read, as Tesseract writes it (`eng+cym`).
        tessdata: folder of the language models; None to look in the usual places.
        tasks: name to `module:function`.

    Attributes:
        restarts: how often a warm parent has died and been started again.
    """

    def __init__(
        self,
        engine: str = "tesserocr",
        languages: str = "eng",
        tessdata: Path | None = None,
        tasks: Mapping[str, str] = TASKS,
    ) -> None:
        self._tasks = dict(tasks)
        self._options = {
            "engine": engine,
            "languages": languages,
            "tessdata": str(tessdata) if tessdata else None,
            "tasks": self._tasks,
        }
        self._lock = threading.Lock()
        self._parent: WarmParent | None = None
        self._open = False
        self.restarts = 0

    def __enter__(self) -> Self:
        """Start the warm parent and wait until it is warm.

        Raises:
            Misconfigured: a library, the OCR engine or a language model is missing.
        """
        with self._lock:
            self._parent = WarmParent.start(self._options)
            self._open = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the warm parent; calls in flight in other threads end with `SandboxLost`."""
        with self._lock:
            self._open = False
            if self._parent:
                self._parent.stop()
                self._parent = None

    @property
    def parent_pid(self) -> int | None:
        """Process id of the warm parent; None while there is none."""
        parent = self._parent
        return parent.pid if parent else None

    def run(
        self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path, limits: Limits
    ) -> dict[str, Any]:
        """Run a task in a child of its own and return its result.

        Args:
            task: a name in `TASKS`.
            arguments: what the task takes beside the source, of values that JSON can hold.
            source: the file to read; never written to.
            scratch: an existing folder of this call alone, for the files of the result.
            limits: what the child may use.

        Raises:
            NeedsPerson: `TooSlow`, `TooMuchMemory` or `TaskRefused`, each with a sentence for a clerk.
            ChildDied: the child ended without an answer; for the caller to count.
            SandboxLost: the warm parent died or the disk is full; the next call starts a new warm parent.
            Misconfigured: a new warm parent was needed and did not start.
            FileNotFoundError: there is no such source or folder.
            ValueError: there is no such task.
        """
        if task not in self._tasks:
            raise ValueError(f"the sandbox knows no task {task!r}")
        request = {
            "task": task,
            "arguments": dict(arguments),
            "source": str(source.resolve(strict=True)),
            "scratch": str(scratch.resolve(strict=True)),
            "limits": asdict(limits),
        }
        return settle(self._call(pack(request), limits), limits)

    def _call(self, request: bytes, limits: Limits) -> Ending:
        parent = self._warm_parent()
        with ExitStack() as near:
            watch = _hand_over(parent.control, request, limits, near)
            ending = watch.until_the_end()
        if ending.stopped and ending.status is None:
            parent.kill()  # it did not kill the child when told to; the kernel kills both
        return ending

    def _warm_parent(self) -> WarmParent:
        """Return a live warm parent, starting one where the last has died."""
        with self._lock:
            if not self._open:
                raise SandboxLost("the sandbox is closed")
            if self._parent is None or not self._parent.alive:
                self._parent = self._restart()
            return self._parent

    def _restart(self) -> WarmParent:
        self.restarts += 1
        _LOG.warning("the warm parent of the sandbox has died and is started again (restart %d)", self.restarts)
        if self._parent:
            self._parent.stop()
            self._parent = None
        return WarmParent.start(self._options)


def _hand_over(control: socket.socket, request: bytes, limits: Limits, near: ExitStack) -> Watch:
    """Send one call to the warm parent; `near` keeps this side open, the far ends are then the child's alone."""
    with ExitStack() as far:
        lifetime, far_lifetime = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        near.enter_context(lifetime)
        far.enter_context(far_lifetime)
        answer, far_answer = _pipe(near, far)
        output, far_output = _pipe(near, far)
        request_file = _in_memory(request, far)
        try:
            CallEnds(far_lifetime.fileno(), request_file, far_answer, far_output).send(control)
        except OSError as error:
            raise SandboxLost("the warm parent of the sandbox takes no calls") from error
    return Watch(lifetime, answer, output, limits)


def _pipe(near: ExitStack, far: ExitStack) -> tuple[int, int]:
    read, write = os.pipe()
    near.callback(os.close, read)
    far.callback(os.close, write)
    return read, write


def _in_memory(content: bytes, owner: ExitStack) -> int:
    """Return a descriptor of a file that has no name: of any length, and no writer can block on a slow reader."""
    descriptor = os.memfd_create("request")
    owner.callback(os.close, descriptor)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    return descriptor
