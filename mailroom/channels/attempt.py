"""Lets something be tried whose failure must not stop a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Answer = TypeVar("_Answer")


def attempt(action: Callable[[], _Answer]) -> _Answer | Exception:
    """Return what the action returns, or what it raised.

    For the door and for reports only: what stands behind them is unknown here, and one file that makes them fail in
    an unforeseen way must delay no other. The caller shows the failure and tries again later.
    """
    try:
        return action()
    except Exception as fault:  # noqa: BLE001 - see above; nothing is swallowed, the caller gets it
        return fault
