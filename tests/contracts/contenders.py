"""What a contract suite is run on: all that is in the tree, and what installed packages register for it.

A package from outside names its connector under an entry-point group of the mailroom (`mailroom.crm`) and, under the
group with `contracts` in it and the same name (`mailroom.contracts.crm`), what makes one for test. Each suite says
what that is called with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

_Maker = TypeVar("_Maker", bound=Callable[..., Any])

KINDS = ("crm", "storage", "classifiers", "ocr")
"""Kinds of connectors that a package from outside can have put to the test."""


def contenders(kind: str, ours: Mapping[str, _Maker]) -> dict[str, _Maker]:
    """Return what makes each connector of this kind for test, ours first; a name of ours is never taken by another."""
    return {**{point.name: point.load() for point in entry_points(group=f"mailroom.contracts.{kind}")}, **ours}


def not_put_to_the_test(kind: str) -> list[str]:
    """Return the installed connectors of this kind whose package does not say how to make one for test."""
    proved = {point.name for point in entry_points(group=f"mailroom.contracts.{kind}")}
    return sorted({point.name for point in entry_points(group=f"mailroom.{kind}")} - proved)
