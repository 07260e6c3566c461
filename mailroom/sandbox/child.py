"""The life of one child: confine itself, do the one task, answer, end.

Before: the warm parent has forked it. After: `settle` in the worker reads the answer, which holds one key: `done` (the
result), `refused` (cause and sentence), `memory`, `file_size`, `disk_full`, or `failed` (kind and place of an error
that the task did not foresee).
"""

from __future__ import annotations

import errno
import os
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from mailroom.domain.errors import NeedsPerson
from mailroom.sandbox import confine
from mailroom.sandbox.limits import Limits
from mailroom.sandbox.wire import CallEnds, pack, unpack

Task = Callable[[Path, Path, Mapping[str, Any]], dict[str, Any]]
"""`task(source, scratch, arguments) -> result`: reads the source, writes into the scratch folder only."""


def live(ends: CallEnds, tasks: Mapping[str, Task], parent: int) -> NoReturn:
    """Run one call in this freshly forked process, which ends here whatever happens."""
    status = os.EX_SOFTWARE
    try:
        confine.leave_the_parent(parent, (ends.request, ends.answer), ends.output)
        _answer_the_call(ends, tasks)
        status = os.EX_OK
    except BaseException:  # noqa: BLE001 - nothing may ever climb back into the warm parent's code
        traceback.print_exc()
    finally:
        os._exit(status)


def perform(task: Task, source: Path, scratch: Path, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run the task and return its answer, whichever way it ended."""
    try:
        return {"done": task(source, scratch, arguments)}
    except NeedsPerson as refusal:
        return {"refused": {"cause": refusal.cause, "sentence": refusal.sentence}}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001 - parsers of hostile bytes raise whatever they like; the worker must hear
        return _of_unforeseen(error)


def _answer_the_call(ends: CallEnds, tasks: Mapping[str, Task]) -> None:
    request = unpack(Path(f"/proc/self/fd/{ends.request}").read_bytes())
    scratch = Path(request["scratch"])
    os.chdir(scratch)
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    confine.hold_to(Limits(**request["limits"]))
    answer = pack(perform(tasks[request["task"]], Path(request["source"]), scratch, request["arguments"]))
    with os.fdopen(ends.answer, "wb") as pipe:
        pipe.write(answer)


def _of_unforeseen(error: Exception) -> dict[str, Any]:
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"file_size": True}
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return {"disk_full": True}
    place = traceback.extract_tb(error.__traceback__)[-1]
    return {"failed": {"kind": type(error).__name__, "place": f"{Path(place.filename).name}:{place.lineno}"}}
