"""Reading for tests that are about something else: what has been read of the same bytes is not read again.

The engine is the real one; what it made of a page is kept as long as the process of the tests lives.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from mailroom.ports import Sandbox

_READS = "read_page"
_ANSWER = "answer.json"


class ReadOnce:
    """A sandbox that reads each page once.

    Args:
        sandbox: the real one.
        limits: what it may use for an item; under other limits a page is read anew.
        kept: folder for what has been read.
    """

    def __init__(self, sandbox: Sandbox, limits: object, kept: Path) -> None:
        self._sandbox = sandbox
        self._limits = limits
        self._kept = kept

    def ready(self) -> bool:
        """See `mailroom.ports.Sandbox`."""
        return self._sandbox.ready()

    def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> dict[str, Any]:
        """See `mailroom.ports.Sandbox`."""
        if task != _READS:
            return self._sandbox.run(task, arguments, source=source, scratch=scratch)
        read = self._kept / self._name(arguments, source)
        if not read.exists():
            self._read(arguments, source).rename(read)
        shutil.copytree(read, scratch, dirs_exist_ok=True, ignore=shutil.ignore_patterns(_ANSWER))
        answer: dict[str, Any] = json.loads((read / _ANSWER).read_text(encoding="utf-8"))
        return answer

    def _read(self, arguments: Mapping[str, Any], source: Path) -> Path:
        folder = Path(mkdtemp(dir=self._kept))
        answer = self._sandbox.run(_READS, arguments, source=source, scratch=folder)
        (folder / _ANSWER).write_text(json.dumps(answer), encoding="utf-8")
        return folder

    def _name(self, arguments: Mapping[str, Any], source: Path) -> str:
        asked = f"{sorted(arguments.items())} {self._limits!r} "
        return hashlib.sha256(asked.encode() + source.read_bytes()).hexdigest()
