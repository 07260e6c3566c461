"""A measured figure and its goal, and how benchmarks tell theirs: a table for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its goal."""

    name: str
    value: float
    unit: str
    goal: float
    holds: bool
    how: str


def publish(name: str, figures: Sequence[Figure]) -> None:
    """Print the table and write `bench/NAME.json`."""
    for figure in figures:
        verdict = "holds" if figure.holds else "MISSED"
        measured = f"{figure.value:>10g} {figure.unit:<16} goal {figure.goal:<6g}"
        sys.stdout.write(f"{figure.name:<42}{measured}{verdict:<7}{figure.how}\n")
    told = json.dumps([asdict(figure) for figure in figures], indent=2)
    Path(__file__).with_name(f"{name}.json").write_text(told + "\n", encoding="utf-8")
