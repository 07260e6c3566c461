"""What a manager is told of a day, a channel or a month: numbers that can be added up, and shares of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import add, attrgetter


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of items by their date of receipt.

    Attributes:
        received: that the ledger counts.
        captured: that have a case, exceptions included.
        in_time: whose case was opened within one working day.
        late: whose case was not, or is not there yet although it is due.
        in_time_without_cut_off: the same promise without the rule that gives what comes after the cut-off a day more.
        to_tell: whose sender is told that it came in, or will be.
        told: whose sender was.
        told_in_time: within one working day.
        not_told: whose sender is not told, for a reason that stands with the item.
        handed_off: offered to a team, once or more.
        accepted: and accepted by it.
        accepted_in_time: within one working day.
        returned: how often a team returned one.
        sorted: whose type was decided, or is left to a person.
        right_first_time: decided by the machine, and neither corrected nor routed elsewhere nor returned since.
        refused: at the door, so that nobody waits for it: whoever sent it was told.
    """

    received: int = 0
    captured: int = 0
    in_time: int = 0
    late: int = 0
    in_time_without_cut_off: int = 0
    to_tell: int = 0
    told: int = 0
    told_in_time: int = 0
    not_told: int = 0
    handed_off: int = 0
    accepted: int = 0
    accepted_in_time: int = 0
    returned: int = 0
    sorted: int = 0
    right_first_time: int = 0
    refused: int = 0

    def __add__(self, other: Figures) -> Figures:
        """Return both together."""
        return Figures(*map(add, _numbers_of(self), _numbers_of(other)))

    @property
    def due(self) -> int:
        """How many had to be captured by now: those in time and those that are late."""
        return self.in_time + self.late

    @property
    def open(self) -> int:
        """How many have time yet: neither due by now nor refused."""
        return self.received - self.due - self.refused


NAMES = tuple(field.name for field in fields(Figures))
"""The figures in their order."""

_numbers_of = attrgetter(*NAMES)


def total(figures: Iterable[Figures]) -> Figures:
    """Return all of them together."""
    return Figures(*map(sum, zip(*map(_numbers_of, figures), strict=True)))


def share(number: int, of: int) -> float | None:
    """Return the share, 0 to 1; None where there is nothing to have a share of."""
    return number / of if of else None
