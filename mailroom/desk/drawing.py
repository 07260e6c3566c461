"""A formatted mail as it was meant to be seen: drawn when somebody first looks at it so, and kept for the next.

Before: `unpack` has found that the mail is formatted. After: its sheets stand on the page like those of a letter, its
words can be clicked, and what a suggestion rests on is lit. The words of the mail stay what is worked on; where it
cannot be drawn, they and the frame are all there is. Nothing waits for this but whoever asked for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.item_page import ItemPage
from mailroom.desk.looking import WORK, ensure_look
from mailroom.desk.opening_rendition import open_rendition
from mailroom.desk.reasons import placed
from mailroom.domain.access import Viewer
from mailroom.domain.errors import MailroomError, NeedsPerson
from mailroom.journey.boxes import SearchedPage
from mailroom.journey.readings import keep
from mailroom.journey.stage import fetch, scratch_folder
from mailroom.records import custody
from mailroom.records.drawings import DRAWING, SHEET, add_drawing, drawing_of, original_on, sheet_of
from mailroom.records.item_pages import PageLine, formatted_of, page_at
from mailroom.records.looks import DRAWN, NOT_DRAWN
from mailroom.records.tables import Document, Item, Original
from mailroom.sandbox.errors import ChildDied
from mailroom.services import Services
from storage.errors import StorageError

_DRAWER = "machine:draw"
_ACCOUNT = "drawing.json"
_STOPPED = "The program that draws it stopped."
_NOT_READY = "This machine cannot draw mails: an administrator finds on the page Health what it lacks."


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a drawing shows: its sheets one below the other, as if they were one page.

    Attributes:
        width: of the widest sheet, in pixels that the words' boxes refer to.
        height: of all sheets.
        sheets: each as (top, width, height).
        words: each as [text, confidence, left, top, right, bottom, line].
        cut: whether there is more than is drawn.
        missed: words of the text that nobody sees on it, the first of them.
        missed_count: how many there are.
        problem: why there is no drawing; empty where there is one.
    """

    width: int = 0
    height: int = 0
    sheets: Sequence[tuple[int, int, int]] = ()
    words: Sequence[Sequence[Any]] = ()
    cut: bool = False
    missed: Sequence[str] = ()
    missed_count: int = 0
    problem: str = ""


def drawn_message(name: str, place: int, viewer: Viewer, services: Services) -> Drawn:
    """Return the message on this page as it was meant to be seen, drawn now where it never was.

    Raises:
        NotThere: no such item for this viewer, or nothing formatted at that place.
        CustodyBreach: the original, or what is kept, is not what was put there.
        MailroomError: the store cannot be read or written now.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        page = _formatted_page(session, item, place)
        original, account = original_on(session, page), drawing_of(session, page)
    ensure_look(item.id, viewer, WORK, services)
    if account is None:
        return _draw(page, original, services)
    with open_rendition(account, item.reference, services) as kept:
        return _shown(json.load(kept))


def sheet_shown(name: str, place: int, number: int, viewer: Viewer, services: Services) -> IO[bytes]:
    """Return the verified picture of one sheet (JPEG); the caller closes it.

    Raises:
        NotThere: no such item for this viewer, or no such sheet.
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        sheet = sheet_of(session, _formatted_page(session, item, place), number)
    if sheet is None:
        raise NotThere(f"{item.reference} has no such sheet. Read its words instead.")
    ensure_look(item.id, viewer, WORK, services)
    return open_rendition(sheet, item.reference, services)


def lit_on(drawn: Drawn, found: ItemPage, place: int) -> ItemPage:
    """Return the item with what its suggestions rest on placed on the drawing instead of the text; pure."""
    page = {place: SearchedPage(drawn.words)}
    suggestions = [
        replace(one, reasons=placed([reason.words for reason in one.reasons], page)) for one in found.suggestions
    ]
    return replace(found, suggestions=tuple(suggestions))


def _formatted_page(session: Session, item: Item, place: int) -> PageLine:
    page = page_at(session, item.id, place)
    if page is None or formatted_of(session, page) is None:
        raise NotThere(f"Page {place} of {item.reference} was not formatted. Read its words instead.")
    return page


def _draw(page: PageLine, original: Original, services: Services) -> Drawn:
    with scratch_folder(services) as folder:
        account = _account(original, folder, services)
        if not account.pop("ready", True):
            return Drawn(problem=_NOT_READY)
        _keep(account, page, original, folder, services)
    return _shown(account)


def _account(original: Original, folder: Path, services: Services) -> dict[str, Any]:
    """Return what the drawing shows, or why there is none: that is kept, too, so that nobody waits for it again."""
    source = fetch(original, folder, services)
    try:
        return services.sandbox.run("draw_message", {}, source=source, scratch=folder)
    except ChildDied:
        return {"problem": _STOPPED}
    except NeedsPerson as need:
        return {"problem": need.sentence, "cause": need.cause}


def _keep(account: Mapping[str, Any], page: PageLine, original: Original, folder: Path, services: Services) -> None:
    """Keep a drawing and put it on record, unless somebody else did meanwhile, or the item was opened anew."""
    sheets, made_by = account.get("sheets", ()), account.get("made_by", _DRAWER)
    (folder / _ACCOUNT).write_text(json.dumps(account), "utf-8")
    files = [(SHEET, sheet["file"], number) for number, sheet in enumerate(sheets, start=1)]
    try:
        made = [
            keep(kind, folder / file, number, made_by, original, services)
            for kind, file, number in [*files, (DRAWING, _ACCOUNT, None)]
        ]
    except StorageError as fault:
        raise MailroomError(f"The store cannot keep the drawing now: {fault}") from fault
    with services.records.work() as session:
        session.get_one(Item, original.item_id, with_for_update=True)
        if session.get(Document, page.document_id) is None or drawing_of(session, page) is not None:
            return
        add_drawing(session, original.item_id, made, services.now())
        custody.record(
            session,
            original.item_id,
            DRAWN if sheets else NOT_DRAWN,
            actor=_DRAWER,
            at=services.now(),
            original=original.sha256,
            details={"sheets": len(sheets), "cut": account["cut"]} if sheets else {"cause": account.get("cause")},
        )
        session.commit()


def _shown(account: Mapping[str, Any]) -> Drawn:
    if "problem" in account:
        return Drawn(problem=account["problem"])
    heights = [sheet["height"] for sheet in account["sheets"]]
    tops = accumulate(heights, initial=0)
    return Drawn(
        width=max(sheet["width"] for sheet in account["sheets"]),
        height=sum(heights),
        sheets=tuple((top, one["width"], one["height"]) for top, one in zip(tops, account["sheets"], strict=False)),
        words=account["words"],
        cut=account["cut"],
        missed=account["missed"],
        missed_count=account["missed_count"],
    )
