"""Plots drawn on the server: where bars and dots stand. Templates make SVG of it, so no page needs a script for them.

Before: there are numbers by day. After: each has its place in a drawing `WIDTH` by `HEIGHT`; the same numbers stand in
a table beside it for whoever cannot see the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailroom.domain.figures import Figures, share

WIDTH, HEIGHT = 720, 160
_MOST_LABELS = 8
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: what was in time from the bottom, what was late on top of it, what is open above, what was refused last.

    Attributes:
        day: date of receipt.
        figures: its numbers.
        x: left edge.
        width: of the bar.
        parts: (kind, top edge, height), from the bottom up; parts of no height are left out.
        label: whether the day is written below.
    """

    day: date
    figures: Figures
    x: float
    width: float
    parts: Sequence[tuple[str, float, float]]
    label: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing of days.

    Attributes:
        bars: one a day.
        lines: (number, height at which it stands) for the scale.
        dots: (day, left, top, share) for the days with a share.
    """

    bars: Sequence[Bar]
    lines: Sequence[tuple[int, float]]
    dots: Sequence[tuple[date, float, float, float]]


def plot(series: Mapping[date, Figures]) -> Plot:
    """Return where everything stands; pure."""
    top = nice(max((figures.received for figures in series.values()), default=0))
    step = WIDTH / max(1, len(series))
    every = -(-len(series) // _MOST_LABELS)
    bars = [
        Bar(day, figures, number * step, step * 0.8, _parts(figures, top), number % every == 0)
        for number, (day, figures) in enumerate(series.items())
    ]
    dots = [
        (bar.day, bar.x + bar.width / 2, HEIGHT * (1 - kept), kept)
        for bar in bars
        if (kept := share(bar.figures.in_time, bar.figures.due)) is not None
    ]
    return Plot(bars, [(number, HEIGHT * (1 - number / top)) for number in (0, top // 2, top)], dots)


def nice(most: int) -> int:
    """Return the top of the scale: the next even number of the kind 2, 4, 10, 20, 40, 100; pure."""
    scale = 2
    while True:
        for factor in _NICE:
            if scale * factor >= most:
                return scale * factor
        scale *= 10


def per_cent(number: int, of: int) -> str:
    """Return the share for people, rounded down: 100.0 % is said only where nothing is missing; pure."""
    return f"{number * 1000 // of / 10:.1f} %" if of else "-"


def _parts(figures: Figures, top: int) -> list[tuple[str, float, float]]:
    found: list[tuple[str, float, float]] = []
    bottom = 0
    kinds = (("in-time", figures.in_time), ("late", figures.late), ("open", figures.open), ("refused", figures.refused))
    for kind, number in kinds:
        if number > 0:
            bottom += number
            found.append((kind, HEIGHT * (1 - bottom / top), HEIGHT * number / top))
    return found
