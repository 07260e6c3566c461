"""A measured figure and its goal, and how benchmarks tell theirs: a table for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
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


def publish(name: str, figures: Iterable[Figure]) -> None:
    """Print the table, each figure as soon as it is measured, and write `bench/NAME.json`."""
    told: list[dict[str, object]] = []
    for figure in figures:
        verdict = "holds" if figure.holds else "MISSED"
        measured = f"{figure.value:>10g} {figure.unit:<16} goal {figure.goal:<6g}"
        sys.stdout.write(f"{figure.name:<42}{measured}{verdict:<7}{figure.how}\n")
        sys.stdout.flush()
        told.append(asdict(figure))
    written = json.dumps(told, indent=2)
    Path(__file__).with_name(f"{name}.json").write_text(written + "\n", encoding="utf-8")
