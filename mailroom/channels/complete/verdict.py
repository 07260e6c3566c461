"""What can be said of a file's wholeness, and the one way in which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO


class Wholeness(StrEnum):
    """Whether all bytes of a file are there, as far as its format tells."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Completeness:
    """The verdict on one file.

    Attributes:
        wholeness: complete, incomplete, or unknown where the format has no end that could be checked.
        sentence: for a clerk; says what is missing, empty unless incomplete.
    """

    wholeness: Wholeness
    sentence: str = ""


COMPLETE = Completeness(Wholeness.COMPLETE)
UNKNOWN = Completeness(Wholeness.UNKNOWN)


def incomplete(sentence: str) -> Completeness:
    """Return the verdict that something is missing, with the sentence that says what."""
    return Completeness(Wholeness.INCOMPLETE, sentence)


def read_at(stream: BinaryIO, offset: int, count: int) -> bytes:
    """Return up to `count` bytes from `offset`; fewer where the file ends, as it may shrink while it is read."""
    stream.seek(offset)
    return stream.read(count)
