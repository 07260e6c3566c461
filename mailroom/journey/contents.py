"""What is in one original, found out in the sandbox: its kind, its pages, what is typed in it, or why it stays shut.

Before: `unpack` has an original, which came by itself or was taken out of another. After: it decides what becomes a
document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.journey.readings import keep, typed
from mailroom.journey.stage import fetch, scratch_folder
from mailroom.records.documents import DocumentReading
from mailroom.records.item_pages import FORMATTED
from mailroom.records.tables import Original
from mailroom.sandbox.tasks.signatures import UNKNOWN
from mailroom.services import Services

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in an original.

    Attributes:
        media_type: by its content.
        words: what a clerk calls its kind.
        page_count: 0 where it could not be opened.
        headers: of a message, what its head says and what is attached.
        held: the names of what is attached to it or lies in it, to be looked into by itself.
        typed: its words, where they need not be recognised; None where it has pages to be read, or an obstacle.
        obstacle: why a person is needed, or None.
    """

    media_type: str
    words: str
    page_count: int = 0
    headers: dict[str, Any] = field(default_factory=dict)
    held: Sequence[str] = ()
    typed: DocumentReading | None = None
    obstacle: NeedsPerson | None = None

    def words_typed(self) -> DocumentReading:
        """Return its words.

        Raises:
            NeedsPerson: it has none that could be read so.
        """
        if self.typed is None:
            raise self.obstacle or NeedsPerson(Cause.NO_TEXT, "No words are typed in this. Open the original.")
        return self.typed


def look_inside(original: Original, asked: Mapping[str, Any], services: Services) -> Contents:
    """Return what is in an original; what stands in the way of reading it is part of that.

    Args:
        original: which.
        asked: what else is asked of it; see the task.
        services: the bundle.
    """
    most = services.settings.limits.megabytes
    if original.size > most * _MEGABYTE:
        sentence = (
            f"The file has {original.size // _MEGABYTE} MB; up to {most} MB are read by machine. "
            "Download the original and index it by hand."
        )
        return Contents(UNKNOWN.media_type, "", obstacle=NeedsPerson(Cause.TOO_LARGE, sentence))
    with scratch_folder(services) as folder:
        source = fetch(original, folder, services)
        try:
            arguments = {"prints": bool(services.settings.office.program), **asked}
            found = services.sandbox.run("look_inside", arguments, source=source, scratch=folder)
        except NeedsPerson as need:
            return Contents(*_kind_alone(source, folder, services), obstacle=need)
        reading = _reading(found, folder, original, services)
    names = ("media_type", "words", "headers", "held")
    known = {name: found[name] for name in names}
    return Contents(**known, page_count=found["pages"], typed=reading, obstacle=_need(found["obstacle"]))


def _reading(found: Mapping[str, Any], folder: Path, original: Original, services: Services) -> DocumentReading | None:
    if found["text"] is None or found["obstacle"]:
        return None
    made = found["formatted"]
    formatted = keep(FORMATTED, folder / made["file"], 1, made["made_by"], original, services) if made else None
    return typed(found["text"], formatted)


def _kind_alone(source: Path, folder: Path, services: Services) -> tuple[str, str]:
    """Return media type and words of an original that was too much to look into."""
    try:
        kind = services.sandbox.run("identify", {}, source=source, scratch=folder)
    except NeedsPerson:
        return UNKNOWN.media_type, ""
    return kind["media_type"], kind["words"]


def _need(obstacle: Mapping[str, str] | None) -> NeedsPerson | None:
    return NeedsPerson(Cause(obstacle["cause"]), obstacle["sentence"]) if obstacle else None
