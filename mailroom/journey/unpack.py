"""Opens the original just far enough to know what it is: media type, documents, number of pages, what is typed in it.

Before: the original is in the vault and nobody has looked inside; first the malware scanner does, where there is one
(`quarantine.py`). After: the item has its documents; `read` reads their pages.
What is attached to a mail lies beside it as originals of their own, and those that can be read are documents, too.
Everything that touches the bytes happens in the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.capture import Channel
from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.domain.unopened import Unopened, kept
from mailroom.journey import after
from mailroom.journey.attachments import Opening, is_attachment, take_out, unopened
from mailroom.journey.contents import Contents, look_inside
from mailroom.journey.first_arrival import count_from_first_arrival
from mailroom.journey.quarantine import hold_back, let_go, look_for_malware
from mailroom.journey.read import has_been_read, note_reading
from mailroom.journey.set_aside import mark_aside
from mailroom.journey.stage import Turn, closing, note, opening
from mailroom.records.documents import NewDocument, replace_documents
from mailroom.records.items import item_with, pass_on
from mailroom.records.tables import Document, Item, Original
from mailroom.sandbox.tasks.signatures import WRAPPINGS
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.originals))

_ADVICE = "Scan it again, or ask the sender for a fresh copy."
_DEEPEST = 5
"""Messages within messages that are opened; a person opens what lies deeper."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An original, what was found in it, and what of that which is attached to it nobody could open.

    A wrapping that was opened is nothing to read: it stands for what it holds.
    """

    original: Original
    contents: Contents
    unopened: Sequence[Unopened] = ()
    is_opened_wrapping: bool = False

    @property
    def closed(self) -> Sequence[Unopened]:
        """What nobody could open of this, for whatever it is attached to: itself, or what it holds.

        A message has its own list.
        """
        if self.contents.obstacle and not self.is_opened_wrapping:
            return [unopened(self.original.file_name, self.contents.obstacle.cause, self.contents.words)]
        is_message = self.contents.headers and not self.is_opened_wrapping
        return () if is_message else self.unopened

    @property
    def is_read(self) -> bool:
        """Whether it is a document: what came by itself, and what is attached to it and could be opened."""
        return not (is_attachment(self.original) and (self.contents.obstacle or self.is_opened_wrapping))

    @property
    def headers(self) -> dict[str, Any]:
        """What the head of a message says, with what could not be opened of that which came with it."""
        came_by_itself = not is_attachment(self.original)
        has_list = self.contents.headers or (came_by_itself and self.unopened)
        return {**self.contents.headers, **kept(self.unopened)} if has_list else {}

    @property
    def document(self) -> NewDocument:
        """The document that it is."""
        contents = self.contents
        return NewDocument(self.original.id, contents.media_type, contents.page_count, self.headers, contents.typed)


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
    to_read = [opened for opened in found if opened.is_read]
    obstacles = [opened.contents.obstacle for opened in to_read if opened.contents.obstacle]
    if defect:
        obstacles.insert(0, NeedsPerson(Cause.INCOMPLETE, f"{defect} {_ADVICE}"))
    with closing(turn, services) as (item, session):
        let_go(session, turn, item, services)
        _put_originals(session, turn, item, found, services)
        documents = replace_documents(session, item, [opened.document for opened in to_read], services.now())
        first = documents[0]
        item.message_id = found[0].headers.get("message_id") or None
        count_from_first_arrival(session, turn, item, first.id, first.headers, services)
        note(session, turn, "unpacked", services, details={"documents": len(to_read)})
        if obstacles:
            mark_aside(session, turn, item, obstacles[0].cause, obstacles[0].sentence, services)
        else:
            pass_on(item, _where_next(session, turn, documents, services), services.now())


def _where_next(session: Session, turn: Turn, documents: Sequence[Document], services: Services) -> str | None:
    """Return the next stage: the one after `read` where every word is typed, for it has been read by now."""
    if not all(has_been_read(document, services) for document in documents):
        return after("unpack")
    note_reading(session, turn, services, typed=len(documents))
    return after("read")


def _asked_of(item: Item, services: Services) -> Mapping[str, Any]:
    """Return what is asked of what came by itself: of a mail that came by mail, what our own servers wrote on it."""
    if item.channel is not Channel.EMAIL:
        return {}
    mail = services.settings.mail
    return {"front": mail.authserv_id, "own": [name.casefold() for name in (*mail.domains, *mail.hosts)]}


def _open(
    original: Original, work: Opening, asked: Mapping[str, Any], services: Services, depth: int = 0
) -> list[Opened]:
    """Return the original with what was found in it, and after it all that is attached to it, depth first."""
    contents = look_inside(original, asked, services)
    original.media_type = contents.media_type
    is_wrapping = contents.media_type in WRAPPINGS and is_attachment(original)
    if not (contents.held or is_wrapping):
        return [Opened(original, contents)]
    if depth == _DEEPEST:
        return [Opened(original, contents, [unopened(name) for name in contents.held])]
    try:
        taken = take_out(original, work, services)
    except NeedsPerson as need:
        shut = replace(contents, obstacle=need) if is_wrapping and not contents.headers else contents
        return [Opened(original, shut, [unopened(name, need.cause) for name in contents.held])]
    inside = [_open(one, work, {}, services, depth + 1) for one in taken.originals]
    closed = [*taken.left, *(one for first, *_ in inside for one in first.closed)]
    return [Opened(original, contents, closed, is_wrapping), *(opened for one in inside for opened in one)]


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
