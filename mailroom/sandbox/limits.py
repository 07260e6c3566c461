"""What one child may use; beyond it the work is stopped and the item goes to a person.

Before: a stage picks the limits for its task. After: `confine` sets in the child what the kernel can hold, `supervise`
enforces from outside what it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one call of a task may use.

    Attributes:
        address_space: bytes of address space (RLIMIT_AS); what the warm parent has mapped counts towards it.
        resident: bytes of resident memory, looked at from outside twenty times a second.
        cpu_seconds: seconds of processor time (RLIMIT_CPU).
        wall_seconds: seconds from the request to the answer.
        file_size: bytes of the largest file that may be written (RLIMIT_FSIZE).
        result_bytes: bytes of the JSON answer.
    """

    address_space: int = GIGABYTE
    resident: int = GIGABYTE
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    file_size: int = 256 * MEGABYTE
    result_bytes: int = 8 * MEGABYTE


PARSING = Limits()
"""For everything that does not recognise text."""

READING = Limits(address_space=2 * GIGABYTE)
"""For reading one page."""

DRAWING = Limits(resident=512 * MEGABYTE, cpu_seconds=3, wall_seconds=10.0)
"""For drawing a mail while somebody waits for it: what takes longer is shown without."""
