"""Opens the original just far enough to know what it is: media type, documents, number of pages.

Before: the original is in the vault and nobody has looked inside. After: the item has its documents; `read` reads them.
Everything that touches the bytes happens in the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import joinedload

from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.journey import after
from mailroom.journey.set_aside import mark_aside
from mailroom.journey.stage import closing, fetch, note, opening, scratch_folder
from mailroom.records.documents import replace_documents
from mailroom.records.items import item_with, pass_on
from mailroom.records.tables import Item, Original
from mailroom.sandbox.tasks.signatures import UNKNOWN
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.originals))

_ADVICE = "Scan it again, or ask the sender for a fresh copy."
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What was found in an original.

    Attributes:
        media_type: by its content.
        page_count: 0 where it could not be opened.
        headers: of a message, what its head says and what is attached.
        obstacle: why a person is needed, or None.
    """

    media_type: str
    page_count: int
    headers: dict[str, Any] = field(default_factory=dict)
    obstacle: NeedsPerson | None = None


def unpack(item_id: str, services: Services) -> None:
    """Find out what the item's originals are; one that cannot be opened sets the item aside."""
    with opening(item_id, "unpack", services, _LOOKED_AT) as (turn, item, _):
        originals, defect = list(item.originals), item.defect
    found = [(original, _look_inside(original, services)) for original in originals]
    obstacles = [contents.obstacle for _, contents in found if contents.obstacle]
    if defect:
        obstacles.insert(0, NeedsPerson(Cause.INCOMPLETE, f"{defect} {_ADVICE}"))
    with closing(turn, services) as (item, session):
        for original, contents in found:
            session.get_one(Original, original.id).media_type = contents.media_type
        replace_documents(session, item, [(o.id, c.media_type, c.page_count, c.headers) for o, c in found])
        note(session, turn, "unpacked", services, details={"documents": len(found)})
        if obstacles:
            mark_aside(session, turn, item, obstacles[0].cause, obstacles[0].sentence, services)
        else:
            pass_on(item, after("unpack"), services.now())


def _look_inside(original: Original, services: Services) -> Contents:
    most = services.settings.limits.megabytes
    if original.size > most * _MEGABYTE:
        sentence = (
            f"The file has {original.size // _MEGABYTE} MB; up to {most} MB are read by machine. "
            "Download the original and index it by hand."
        )
        return Contents(UNKNOWN.media_type, 0, obstacle=NeedsPerson(Cause.TOO_LARGE, sentence))
    with scratch_folder(services) as folder:
        source = fetch(original, folder, services)
        try:
            found = services.sandbox.run("look_inside", {}, source=source, scratch=folder)
        except NeedsPerson as need:
            return Contents(_kind_alone(source, folder, services), 0, obstacle=need)
    return Contents(found["media_type"], found["pages"], found["headers"], _need(found["obstacle"]))


def _kind_alone(source: Path, folder: Path, services: Services) -> str:
    """Return the media type of an original that was too much to look into."""
    try:
        kind: str = services.sandbox.run("identify", {}, source=source, scratch=folder)["media_type"]
    except NeedsPerson:
        return UNKNOWN.media_type
    return kind


def _need(obstacle: dict[str, str] | None) -> NeedsPerson | None:
    return NeedsPerson(Cause(obstacle["cause"]), obstacle["sentence"]) if obstacle else None
