"""Makes a copy of an item in which some places cannot be read, for whoever may have the rest of it.

Before: somebody says which boxes or words must go. After: a PDF of pictures is kept beside the original, which nobody
touches; who made it, and what for, stands in the chain of custody. Words that the machine did not read are not found:
whoever gives the copy out looks at it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from mailroom.desk.acting import Done, Refused, acting, refuse_unless
from mailroom.desk.audit import seen_by
from mailroom.desk.opening_rendition import open_rendition
from mailroom.desk.painted_pdf import painted, write_pdf
from mailroom.domain.access import Task, Viewer
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.domain.redaction import Box, boxes_of_words, by_page, written_box
from mailroom.journey.stage import scratch_folder
from mailroom.records.item_pages import PageLine, pages_of, picture_of, words_on
from mailroom.records.items import new_id
from mailroom.records.tables import Rendition
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach
from storage.vault import Kept

REDACTED = "redacted"
"""The kind of rendition that is a copy with places painted over."""

_NO_PICTURE = (
    "has no page with a picture, which a copy is made of: it is a mail or a text, or was not read. Print it, scan the "
    "print and take that in, or give its words without what must not be read."
)
_MADE_BY = "pages as pictures, boxes painted into the pixels"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be read.

    Attributes:
        pages: on these pages of the item, from 1; empty for all.
        boxes: as a person writes them (`domain/redaction.py`).
        words: each hidden wherever it stands on these pages.
        reason: what for; like every purpose it can be erased from the chain.
    """

    pages: Sequence[int] = ()
    boxes: Sequence[str] = ()
    words: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with its picture, and what is painted over on it."""

    line: PageLine
    picture: Rendition
    boxes: Sequence[Box]


def redact(name: str, hidden: Hidden, target: Path, viewer: Viewer, services: Services) -> Done:
    """Make a redacted copy of all pages that have a picture, keep it, and write it to a file.

    Raises:
        NotThere: no such item for this viewer.
        Refused: nothing would be hidden, there is no page, or it is not theirs to do.
        MailroomError: the store cannot be read or written now, or the file not written.
    """
    refuse_unless(bool(hidden.reason.strip()), "Say why: --reason.")
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        lines = pages_of(session, item.id)
        pictures = _pictures(session, lines)
        refuse_unless(bool(pictures), f"{item.reference} {_NO_PICTURE}")
        places = _places(session, hidden, lines)
    pages = [_Page(line, picture, places.get(line.place, ())) for line, picture in pictures]
    _refuse_what_hides_nothing(places, pages, lines)
    with scratch_folder(services) as folder:
        file = folder / "redacted.pdf"
        write_pdf((_painted(page, item.reference, services) for page in pages), file)
        kept = _keep(item.id, file, services)
    with acting(name, viewer, services, Task.LOOK) as act:
        parent = act.item.originals[0].sha256
        act.session.add(_rendition(act.item.id, kept, parent, services))
        hiding = sorted(places)
        boxes = sum(len(some) for some in places.values())
        act.log(REDACTED, sha256=kept.sha256, pages=hiding, boxes=boxes, purpose=hidden.reason)
        done = act.done(
            f"{{}}: {_number(boxes, 'place')} on {_number(len(hiding), 'page')} painted over.",
            **_facts(kept, pages, lines),
        )
    _give_out(kept, target, services)
    return done


def _places(session: Session, hidden: Hidden, lines: Sequence[PageLine]) -> Mapping[int, list[Box]]:
    try:
        found = [place for text in hidden.boxes for place in written_box(text, hidden.pages)]
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from wrong
    chosen = [line for line in lines if not hidden.pages or line.place in hidden.pages]
    read = words_on(session, [line.id for line in chosen])
    for wanted in hidden.words:
        places = [(line.place, box) for line in chosen for box in boxes_of_words(wanted, read.get(line.id, []))]
        refuse_unless(bool(places), f"The words {wanted!r} were not read on these pages: give their boxes (--box).")
        found += places
    return by_page(found)


def _pictures(session: Session, lines: Sequence[PageLine]) -> list[tuple[PageLine, Rendition]]:
    found = ((line, picture_of(session, line)) for line in lines)
    return [(line, picture) for line, picture in found if picture is not None]


def _refuse_what_hides_nothing(
    places: Mapping[int, Sequence[Box]], pages: Sequence[_Page], lines: Sequence[PageLine]
) -> None:
    refuse_unless(bool(places), "Say what is to be painted over: --box, or --words.")
    with_picture = {page.line.place for page in pages}
    for place in sorted(places):
        refuse_unless(place in with_picture, f"There is no picture of page {place}, of {len(lines)}.")
    for page in pages:
        for box in page.boxes:
            inside = box.left < page.line.width and box.top < page.line.height
            size = f"{page.line.width} by {page.line.height} pixels"
            refuse_unless(inside, f"A box lies outside of page {page.line.place}, which has {size}.")


def _painted(page: _Page, reference: str, services: Services) -> tuple[bytes, int, int]:
    with open_rendition(page.picture, reference, services) as picture:
        return painted(picture, page.boxes, page.line.width)


def _keep(item_id: str, file: Path, services: Services) -> Kept:
    try:
        return services.vault.keep_rendition(f"{item_id}/{new_id()}", file)
    except StorageError as fault:
        raise MailroomError(f"The store cannot keep the copy now, and none was made: {fault}") from fault


def _rendition(item_id: str, kept: Kept, parent: str, services: Services) -> Rendition:
    return Rendition(
        id=new_id(),
        item_id=item_id,
        kind=REDACTED,
        sha256=kept.sha256,
        size=kept.size,
        key=kept.key,
        media_type="application/pdf",
        parent_sha256=parent,
        made_by=_MADE_BY,
        made_at=services.now(),
    )


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _facts(kept: Kept, pages: Sequence[_Page], lines: Sequence[PageLine]) -> dict[str, object]:
    return {"sha256": kept.sha256, "pages": len(pages), "without_picture": len(lines) - len(pages)}


def _give_out(kept: Kept, target: Path, services: Services) -> None:
    try:
        services.vault.verified_copy(kept.sha256, target, key=kept.key)
    except VaultBreach as fault:
        raise CustodyBreach(str(fault)) from fault
    except (StorageError, OSError) as fault:
        raise MailroomError(f"The copy is kept, but {target} was not written: {fault}.") from fault
