"""Tables for people: all of it at any width.

Before: a command has its lines. After: they are printed with a line for each where the terminal is wide enough or
nobody watches (a pipe, a file), and else with columns that belong together under one another, folded, never cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from mailroom.cli.asking import Shown, cell, console

_AS_WIDE_AS_IT_NEEDS = 10_000

Group = tuple[str, ...]
"""Headings of columns that stand under one another where the terminal is narrow."""


def print_table(groups: Sequence[Group], rows: Iterable[Sequence[Shown]], to: Console = console) -> None:
    """Print the rows.

    Args:
        groups: the headings, those together that may stand in one column; the first group is never folded.
        rows: one value for each heading, in their order.
        to: where to.
    """
    cells = [[cell(value) for value in row] for row in rows]
    flat = _table([(heading,) for group in groups for heading in group], cells)
    wide = to.options.update(width=_AS_WIDE_AS_IT_NEEDS)
    needed = Measurement.get(to, wide, flat).maximum
    if not to.is_terminal:
        Console(file=to.file, width=needed, highlight=False).print(flat)
    else:
        to.print(flat if needed <= to.width else _table(groups, cells), soft_wrap=False)


def _table(groups: Sequence[Group], rows: Iterable[Sequence[Text]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    highest = max(len(group) for group in groups)
    for number, group in enumerate(groups):
        heading = "\n".join((*group, *" " * (highest - len(group))))  # begins at the top, as what stands below it does
        table.add_column(heading, overflow="fold", no_wrap=number == 0)
    for row in rows:
        row[0].stylize("bold")
        parts = iter(row)
        table.add_row(*(Text("\n").join(next(parts) for _ in group) for group in groups))
    return table
