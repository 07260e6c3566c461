"""Tables hold all of it at any width: folded on a terminal, a line for each row where nobody watches."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from mailroom.cli.asking import plain
from mailroom.cli.tables import print_table

GROUPS = (("reference", "due"), ("what", "from"), ("team",))
ROW = (
    "HD-26-000003-K",
    "Fri 20 Nov, late",
    "Licensing: alcohol, entertainment, premises and much else besides",
    "Rosalind Achebe of Claybourne Conveyancing",
    "Communities and Markets",
)


@pytest.fixture(autouse=True)
def an_ordinary_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich believes no width that it is told where the terminal is a dumb one."""
    monkeypatch.setenv("TERM", "xterm")


def printed(width: int, *, terminal: bool) -> list[str]:
    file = StringIO()
    to = Console(file=file, width=width, force_terminal=terminal, color_system=None, highlight=False)
    print_table(GROUPS, [ROW, ROW], to)
    return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_folds_and_cuts_nothing(width: int) -> None:
    lines = printed(width, terminal=True)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert all(words.count(word) >= 2 for value in ROW for word in value.split())
    assert "\u2026" not in "".join(lines)
    assert [line.split()[0] for line in lines].count("HD-26-000003-K") == 2


def test_a_wide_terminal_has_a_line_for_each_row() -> None:
    heads, *rows = printed(250, terminal=True)
    assert heads.split() == ["reference", "due", "what", "from", "team"]
    assert len(rows) == 2


def test_a_pipe_has_a_line_for_each_row_however_narrow_it_says_it_is() -> None:
    _, *rows = printed(80, terminal=False)
    assert len(rows) == 2
    assert all(value in rows[0] for value in ROW)


def test_a_line_break_in_a_letter_makes_no_second_row() -> None:
    file = StringIO()
    print_table([("from",)], [("Ann\nBell\t(Mrs)",)], Console(file=file, width=80))
    assert [line.rstrip() for line in file.getvalue().splitlines()] == ["from", "Ann Bell (Mrs)"]


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.9783333, "0.978"), (1.0, "1"), (0.0, "0"), ([0.25, 0.33333], "0.25, 0.333"), ([], "-"), (None, "-"), (0, "0")],
)
def test_people_are_told_figures_that_they_can_read(value: object, told: str) -> None:
    assert plain(value) == told
