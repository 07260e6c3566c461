"""What is attached to a mail becomes originals beside it: kept in the vault, looked into and read as post is.

Before: `unpack` has found something attached to a mail, or an archive, or files in a document. After: each file is an
extract of what it was taken out of, as the parts of a batch are of the whole; the mail itself, untouched, stays the
proof. Done again after a crash it finds what it has kept before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailroom.domain.errors import Cause, Transient
from mailroom.domain.unopened import Unopened
from mailroom.journey.stage import fetch, scratch_folder
from mailroom.records.items import new_id
from mailroom.records.tables import Original
from mailroom.sandbox.tasks.charsets import for_display
from mailroom.sandbox.tasks.signatures import MESSAGES
from mailroom.sandbox.tasks.take_out import FILES, file_of
from mailroom.services import Services
from storage.errors import StorageError

_MOST_FILES = 1000
_MOST_BYTES = 500 * 1024 * 1024


@dataclass(slots=True)
class Opening:
    """What goes on while an item is opened.

    Attributes:
        known: what was taken out the last time it was opened, as far as it has not been met again, in its order.
        files: so many may still be taken out of archives and documents: what lies in one within another has no end.
        room: so many bytes may.
    """

    known: list[Original]
    files: int = field(default_factory=lambda: _MOST_FILES)
    room: int = field(default=_MOST_BYTES)


@dataclass(frozen=True, slots=True)
class TakenOut:
    """The attachments of one mail, or what one archive or document holds.

    Attributes:
        originals: those that were taken out, in their order.
        left: those that could not be.
    """

    originals: Sequence[Original]
    left: Sequence[Unopened]


def is_attachment(original: Original) -> bool:
    """Return whether it was taken out of a mail; an extract of a batch has pages of it."""
    return original.extract_of is not None and original.first_page is None


def unopened(name: str | None, cause: Cause = Cause.ATTACHMENTS, words: str = "") -> Unopened:
    """Return something attached that could not be opened, its name fit to be shown."""
    return Unopened(" ".join(for_display(name or "").split()), cause, words)


def take_out(whole: Original, opening: Opening, services: Services) -> TakenOut:
    """Return what is attached to a mail, or what an archive or document holds, kept in the vault.

    Args:
        whole: the original.
        opening: what was met of this original before is taken from its list, for an item may have the same mail twice.
        services: the bundle.

    Raises:
        NeedsPerson: it holds more than can be taken out.
        Transient: the store takes nothing now.
        CustodyBreach: the original is not what was received.
    """
    with scratch_folder(services) as folder:
        source = fetch(whole, folder, services)
        most = {"most_files": opening.files, "most_bytes": opening.room}
        answer = services.sandbox.run("take_out", most, source=source, scratch=folder)
        left = [unopened(name, Cause(cause)) for name, cause in answer["left"]]
        if whole.media_type not in MESSAGES:
            opening.files -= len(answer["names"])
            opening.room -= sum(file.stat().st_size for file in folder.glob(f"{FILES}*"))
        before = [original for original in opening.known if original.extract_of == whole.sha256]
        if before := before[: len(answer["names"])]:
            opening.known = [original for original in opening.known if original not in before]
            return TakenOut(before, left)
        try:
            kept = [services.vault.keep(folder / file_of(number + 1)) for number in range(len(answer["names"]))]
        except StorageError as fault:
            raise Transient(f"The store cannot keep an attachment now: {fault}") from fault
    made = [
        Original(
            id=new_id(),
            item_id=whole.item_id,
            sha256=one.sha256,
            size=one.size,
            key=one.key,
            file_name=name,
            extract_of=whole.sha256,
            stored_at=services.now(),
        )
        for one, name in zip(kept, answer["names"], strict=True)
    ]
    return TakenOut(made, left)
