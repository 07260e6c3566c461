"""How a call into the sandbox can end without a result, named by who must act.

Before: `settle` decides which one it was. After: a stage lets `NeedsPerson` and `Transient` pass, and
catches `ChildDied` alone, to count it against the item.
"""

from __future__ import annotations

from mailroom.domain.errors import Cause, MailroomError, NeedsPerson, Transient


class ChildDied(MailroomError):
    """The child ended by a signal, or without an answer that can be read; the caller counts it against the item.

    Args:
        how: how it ended, in words without any content of the item.
        noise: the last bytes it wrote to stdout and stderr: from a parser of hostile bytes, so never to be logged.
    """

    def __init__(self, how: str, noise: bytes = b"") -> None:
        super().__init__(how)
        self.noise = noise


class SandboxLost(Transient):
    """The warm parent is gone or does not answer, through no fault of the item; the next call starts a new one."""


class TooSlow(NeedsPerson):
    """The task ran into its limit of processor or wall time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            Cause.TOO_SLOW,
            f"This could not be read within {seconds:g} seconds, so the reading was stopped. "
            "Open the original and index it by hand.",
        )


class TooMuchMemory(NeedsPerson):
    """The task ran into its limit of memory."""

    def __init__(self) -> None:
        super().__init__(
            Cause.TOO_LARGE,
            "This needs more memory to read than one item may use, so the reading was stopped. "
            "Open the original and index it by hand, or ask the sender for a smaller copy.",
        )


class TaskRefused(NeedsPerson):
    """The task looked at the item and says in words for a clerk why it cannot go on."""
