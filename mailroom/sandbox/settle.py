"""Decides what the end of a child means: a result, or which error. Pure, so that every ending can be tried in a test.

Before: `supervise` has seen it end. After: the stage that called has its result, or an error named by who must act.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from mailroom.domain.errors import Cause, MailroomError
from mailroom.sandbox.errors import ChildDied, SandboxLost, TaskRefused, TooMuchMemory, TooSlow
from mailroom.sandbox.limits import MEGABYTE, Limits
from mailroom.sandbox.supervise import Ending, Stop
from mailroom.sandbox.wire import unpack

_SENTENCE_LENGTH = 500


def settle(ending: Ending, limits: Limits) -> dict[str, Any]:
    """Return the result of the call.

    Raises:
        TooSlow: it ran into its limit of processor or wall time.
        TooMuchMemory: it ran into its limit of memory.
        TaskRefused: the task says why it cannot go on, its answer or a file was too large, or it met an error that it
            did not foresee.
        ChildDied: it was ended by a signal, or its answer cannot be read.
        SandboxLost: the warm parent went away, or the disk is full; nothing is known about the item.
    """
    if ending.status is None:
        raise SandboxLost("the sandbox's warm parent went away during the call")
    _refuse_what_was_stopped(ending, limits)
    _refuse_what_died(ending, ending.status, limits)
    try:
        ((kind, told),) = unpack(ending.answer).items()
    except ValueError as error:
        raise ChildDied("its answer cannot be read", ending.noise) from error
    if kind == "done" and isinstance(told, dict):
        return told
    raise _refusal(kind, told, limits) or ChildDied("its answer has no known form", ending.noise)


def _refuse_what_was_stopped(ending: Ending, limits: Limits) -> None:
    match ending.stopped:
        case Stop.WALL:
            raise TooSlow(limits.wall_seconds)
        case Stop.MEMORY:
            raise TooMuchMemory
        case Stop.ANSWER:
            raise _too_much_written(limits.result_bytes)


def _refuse_what_died(ending: Ending, status: int, limits: Limits) -> None:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        raise TooSlow(limits.cpu_seconds)
    if code != 0 and ending.peak > limits.resident:
        raise TooMuchMemory  # it died between two looks of the watch; the kernel's own account settles it
    if code < 0:
        raise ChildDied(f"it was ended by signal {-code}", ending.noise)
    if code > 0:
        raise ChildDied(f"it ended with code {code}", ending.noise)


def _refusal(kind: str, told: object, limits: Limits) -> MailroomError | None:
    """Return the error that the child reports, or None where it reports none that is known."""
    match kind, told:
        case "refused", {"cause": str(cause), "sentence": str(sentence)} if cause in set(Cause):
            return TaskRefused(Cause(cause), sentence[:_SENTENCE_LENGTH])
        case "memory", _:
            return TooMuchMemory()
        case "file_size", _:
            return _too_much_written(limits.file_size)
        case "disk_full", _:
            return SandboxLost("the disk that holds the scratch folder is full")
        case "failed", {"kind": str(error), "place": str(place)}:
            return TaskRefused(
                Cause.STOPPED_THE_READER,
                f"The file made the reading program stop ({error[:50]} in {place[:50]}). "
                "Open the original and index it by hand.",
            )
    return None


def _too_much_written(most: int) -> TaskRefused:
    return TaskRefused(
        Cause.TOO_LARGE,
        f"Reading this produced more than {most // MEGABYTE} MB, so it was stopped. "
        "Open the original and index it by hand.",
    )
