"""Opens the original just far enough to know what it is: media type, documents, number of pages.

Before: the original is in the vault and nobody has looked inside; first the malware scanner does, where there is one
(`quarantine.py`). After: the item has its documents; `read` reads them.
What is attached to a mail lies beside it as originals of their own, and those that can be read are documents, too.
Everything that touches the bytes happens in the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.journey import after
from mailroom.journey.attachments import Opening, is_attachment, take_out
from mailroom.journey.first_arrival import count_from_first_arrival
from mailroom.journey.quarantine import hold_back, let_go, look_for_malware
from mailroom.journey.set_aside import mark_aside
from mailroom.journey.stage import Turn, closing, fetch, note, opening, scratch_folder
from mailroom.records.documents import replace_documents
from mailroom.records.items import item_with, pass_on
from mailroom.records.tables import Item, Original
from mailroom.sandbox.tasks.signatures import UNKNOWN, ZIP
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.originals))

_ADVICE = "Scan it again, or ask the sender for a fresh copy."
_MEGABYTE = 1 << 20
_DEEPEST = 5
"""Messages within messages that are opened; a person opens what lies deeper."""


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


@dataclass(frozen=True, slots=True)
class Opened:
    """An original, what was found in it, and how many of its attachments nobody could open.

    An archive that was opened is nothing to read: it stands for what it holds.
    """

    original: Original
    contents: Contents
    unopened: int
    is_opened_archive: bool = False

    @property
    def closed(self) -> int:
        """How many attachments nobody could open, of which this is one or holds them."""
        return self.unopened if self.is_opened_archive else int(self.contents.obstacle is not None)

    @property
    def headers(self) -> dict[str, Any]:
        """What the head of a message says; empty where it is none."""
        return {**self.contents.headers, "unopened": self.unopened} if self.contents.headers else {}


def unpack(item_id: str, services: Services) -> None:
    """Find out what the item's originals are; one that cannot be opened sets the item aside."""
    with opening(item_id, "unpack", services, _LOOKED_AT) as (turn, item, _):
        originals, defect, attempts = list(item.originals), item.defect, item.attempts
        asked = _asked_of(item, services)
    held = look_for_malware(originals, attempts, services)
    if held:
        with closing(turn, services) as (item, session):
            hold_back(session, turn, item, held, services)
        return
    for original in originals:
        original.quarantined = None
    work = Opening([original for original in originals if is_attachment(original)])
    roots = [original for original in originals if not is_attachment(original)]
    found = [opened for original in roots for opened in _open(original, work, asked, services)]
    to_read = [opened for opened in found if not (is_attachment(opened.original) and opened.contents.obstacle)]
    obstacles = [opened.contents.obstacle for opened in to_read if opened.contents.obstacle]
    if defect:
        obstacles.insert(0, NeedsPerson(Cause.INCOMPLETE, f"{defect} {_ADVICE}"))
    with closing(turn, services) as (item, session):
        let_go(session, turn, item, services)
        _put_originals(session, turn, item, found, services)
        documents = [(o.original.id, o.contents.media_type, o.contents.page_count, o.headers) for o in to_read]
        first, *_ = replace_documents(session, item, documents)
        session.flush()
        item.message_id = next((o.headers.get("message_id") or None for o in found if o.headers), None)
        count_from_first_arrival(session, turn, item, first.id, first.headers, services)
        note(session, turn, "unpacked", services, details={"documents": len(documents)})
        if obstacles:
            mark_aside(session, turn, item, obstacles[0].cause, obstacles[0].sentence, services)
        else:
            pass_on(item, after("unpack"), services.now())


def _asked_of(item: Item, services: Services) -> Mapping[str, Any]:
    """Return what else is asked of the originals: of a mail that came by mail, what our own servers wrote on it."""
    if item.channel is not Channel.EMAIL:
        return {}
    mail = services.settings.mail
    return {"front": mail.authserv_id, "own": [name.casefold() for name in (*mail.domains, *mail.hosts)]}


def _open(
    original: Original, work: Opening, asked: Mapping[str, Any], services: Services, depth: int = 0
) -> list[Opened]:
    """Return the original with what was found in it, and after it all that is attached to it, depth first."""
    contents = _look_inside(original, asked, services)
    original.media_type = contents.media_type
    attached = len(contents.headers.get("attachments", ()))
    is_archive = contents.media_type == ZIP.media_type and is_attachment(original)
    if not (attached or is_archive) or depth == _DEEPEST:
        return [Opened(original, contents, attached)]
    try:
        taken = take_out(original, work, services)
    except NeedsPerson:
        return [Opened(original, contents, attached)]
    inside = [_open(one, work, {}, services, depth + 1) for one in taken.originals]
    unopened = taken.left + sum(first.closed for first, *_ in inside)
    return [Opened(original, contents, unopened, is_archive), *(opened for one in inside for opened in one)]


def _put_originals(session: Session, turn: Turn, item: Item, found: Sequence[Opened], services: Services) -> None:
    """Put down what kind each original is, and those that were taken out of a mail for the first time."""
    ordinal = max(original.ordinal for original in item.originals)
    there = {original.id: original for original in item.originals}
    for opened in found:
        original = there.get(opened.original.id)
        if original is None:
            ordinal += 1
            original = opened.original
            original.ordinal = ordinal
            session.add(original)
            of = {"of": original.extract_of}
            note(session, turn, "taken_out", services, original=original.sha256, details=of)
        original.media_type = opened.contents.media_type


def _look_inside(original: Original, asked: Mapping[str, Any], services: Services) -> Contents:
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
            found = services.sandbox.run("look_inside", asked, source=source, scratch=folder)
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
