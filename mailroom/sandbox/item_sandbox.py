"""The sandbox as the stages see it: the limits of one item are `config/`'s, the caller names only the task.

Before: `bootstrap` reads the limits. After: a stage calls `run` with a file and gets an answer or the reason why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mailroom.sandbox.limits import DRAWING, MEGABYTE, PARSING, READING, Limits
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks import DRAWING_TASKS
from mailroom.settings import ItemLimits

_READS = frozenset({"read_page"})
_PAGES_JOINED_A_SECOND = 5
_ROOM_FOR_A_COPY = 2


class ItemSandbox:
    """Runs a task under the limits that the settings set for one item.

    Args:
        sandbox: the open sandbox.
        drawing: another, which does the tasks of `DRAWING_TASKS`; started when the first of them comes.
        settings: `[limits]` of `config/mailroom.toml`.
    """

    def __init__(self, sandbox: Sandbox, drawing: Sandbox, settings: ItemLimits) -> None:
        self._sandbox = sandbox
        self._drawing = drawing
        self._settings = settings

    def ready(self) -> bool:
        """Return whether the warm parent lives; see `mailroom.ports.Sandbox`."""
        return self._sandbox.parent_pid is not None

    def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
        """Run the task; see `mailroom.ports.Sandbox`."""
        limits = {"most_pages": self._settings.pages, "most_pixels": self._settings.megapixels * 1_000_000}
        pages = len(arguments.get("pages", ()))
        sandbox = self._drawing if task in DRAWING_TASKS else self._sandbox
        return sandbox.run(
            task, {**limits, **arguments}, source=source, scratch=scratch, limits=self._limits(task, pages)
        )

    def _limits(self, task: str, pages: int) -> Limits:
        """Return the limits of a call; one that joins many pages gets some time for each of them."""
        if task in DRAWING_TASKS:
            return DRAWING
        return replace(
            READING if task in _READS else PARSING,
            resident=self._settings.resident_megabytes * MEGABYTE,
            cpu_seconds=self._settings.cpu_seconds + pages // _PAGES_JOINED_A_SECOND,
            wall_seconds=float(self._settings.wall_seconds + pages // _PAGES_JOINED_A_SECOND),
            file_size=_ROOM_FOR_A_COPY * self._settings.megabytes * MEGABYTE,
        )
