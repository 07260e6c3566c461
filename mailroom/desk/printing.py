"""Prints the letters that wait for a person's word: acknowledgements and replies.

Before: `letters.py` lists them with their addresses. After: the PDF lies in a folder for the printer, is kept with the
item, and the sender counts as told. An address that was read from a page is no proof of anything: that a person names
the letter to print it is the person's word for it, and it does not go out among all the others.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from classifiers.language import language_of
from mailroom.desk.acting import Act, Refused, acting, refuse_unless
from mailroom.desk.letters import (
    address_block,
    incomplete,
    is_in_doubt,
    is_read,
    letters_to_print,
    maybe_gone,
    unseen,
)
from mailroom.domain.access import Task, Viewer
from mailroom.domain.acknowledging import Way
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import CustodyBreach, MailroomError, Misconfigured
from mailroom.journey.question import is_question
from mailroom.journey.reply_gone import note_gone
from mailroom.journey.sender_told import note_told
from mailroom.journey.stage import scratch_folder
from mailroom.ports import Message
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.documents import index_of
from mailroom.records.items import new_id
from mailroom.records.letters import kind_of, letter_of
from mailroom.records.replies import replies_of
from mailroom.records.tables import Acknowledgement, Item, Rendition, Reply
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach
from storage.vault import Kept

_MADE_BY = "letter_reply"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A letter that somebody asked for.

    Attributes:
        item: whose.
        row: the acknowledgement or reply.
        block: lines of the address.
        printed: what was kept of it where it was printed before.
    """

    item: Item
    row: Acknowledgement | Reply
    block: tuple[str, ...]
    printed: Rendition | None

    @property
    def file_name(self) -> str:
        """How its PDF is called in the folder for the printer."""
        number = f"-reply-{self.row.number}" if isinstance(self.row, Reply) else ""
        return f"{self.item.reference}{number}.pdf"


def print_letters(names: Sequence[str], viewer: Viewer, folder: Path, services: Services) -> list[dict[str, Any]]:
    """Print the letters of these items, or all that wait; one that cannot be printed keeps none of the others.

    Where an item is named of which no letter waits any more (jammed, lost), its newest comes out as it was kept. One
    whose street was read from a page and not typed, or that may have gone out before, is printed only where named.

    Args:
        names: references or ids, with `/letter` or `/letter-NUMBER` behind where one letter alone is meant; empty for
            all that wait.
        viewer: whose word it is.
        folder: where the PDFs go, `REFERENCE.pdf` or `REFERENCE-reply-NUMBER.pdf`.
        services: the bundle.

    Returns:
        For each letter its `reference`, and `file` and `sha256`, or `problem`.

    Raises:
        Refused: the viewer does not print letters.
        Misconfigured: no letter can be made, for instance because no font is installed.
        MailroomError: the folder cannot be written.
    """
    wanted = list(names) or list(dict.fromkeys(line["reference"] for line in letters_to_print(viewer, services)))
    _make_ready(folder)
    lines = (_print_all(name, viewer, folder, services, named=bool(names)) for name in wanted)
    return [line for printed in lines for line in printed]


def _print_all(name: str, viewer: Viewer, folder: Path, services: Services, *, named: bool) -> list[dict[str, Any]]:
    try:
        asked = _ask(name, viewer, services, named=named)
    except MailroomError as fault:
        return [{"reference": name.partition("/")[0], "problem": str(fault)}]
    return [_print(one, viewer, folder, services) for one in asked]


def _print(asked: _Asked, viewer: Viewer, folder: Path, services: Services) -> dict[str, Any]:
    reference = asked.item.reference
    try:
        sha256, key = _print_again(asked, viewer, services) or _print_first(asked, viewer, services)
        target = folder / asked.file_name
        give_out(sha256, key, target, services)
    except Misconfigured:
        raise
    except MailroomError as fault:
        return {"reference": reference, "problem": str(fault)}
    return {"reference": reference, "file": str(target), "sha256": sha256}


def _ask(name: str, viewer: Viewer, services: Services, *, named: bool) -> list[_Asked]:
    whose, _, kind = name.partition("/")
    with acting(whose, viewer, services, Task.SETTLE) as act:
        rows = [row for row in _letters(act.session, act.item) if kind in ("", kind_of(row))]
        refuse_unless(bool(rows), f"No letter of {act.item.reference} waits to be printed.")
        _refuse_unless_open_to_all(act, rows)
        block = address_block(index_of(act.item))
        refuse_unless(bool(block), incomplete(act.item))
        refuse_unless(named or not is_read(act.item), unseen(act.item))
        rows = [row for row in rows if named or not is_in_doubt(row)]
        refuse_unless(bool(rows), maybe_gone(act.item))
        return [_Asked(act.item, row, block, _kept(act.session, row)) for row in rows]


def _letters(session: Session, item: Item) -> list[Acknowledgement | Reply]:
    """Return the letters of the item that wait, or the one that was printed last where none does."""
    told = acknowledgement_of(session, item.id)
    rows: list[Acknowledgement | Reply] = [*([told] if told else []), *replies_of(session, item.id)]
    printed = sorted((row for row in rows if row.state == "printed"), key=lambda row: row.sent_at or row.not_before)
    return [row for row in rows if row.state == "to_print"] or printed[-1:]


def _kept(session: Session, row: Acknowledgement | Reply) -> Rendition | None:
    return letter_of(session, row) if row.state == "printed" else None


def _refuse_unless_open_to_all(act: Act, rows: Sequence[Acknowledgement | Reply]) -> None:
    settled = act.item.settled or all(is_question(row, act.services) for row in rows)
    open_to_all = settled and act.item.sensitivity is Sensitivity.NORMAL
    refuse_unless(open_to_all, f"{act.item.reference} is limited-access or not settled; no letter goes out for it.")


def _print_first(asked: _Asked, viewer: Viewer, services: Services) -> tuple[str, str]:
    """Keep the letter first and say so in the commit; only then does it come out, so that it is not lost or doubled."""
    kept = _make(asked, services)
    with acting(asked.item.id, viewer, services, Task.SETTLE) as act:
        row = _again(act, asked)
        if row.state != "to_print":
            raise Refused(f"The letter of {act.item.reference} was printed or taken back meanwhile.")
        act.session.add(_rendition(act, kept, kind_of(row)))
        row.way, row.state, row.sent_at = Way.LETTER, "printed", act.now
        if isinstance(row, Reply):
            note_gone(act.session, row, viewer.name, services)
        else:
            note_told(act.session, row, viewer.name, services)
    return kept.sha256, kept.key


def _again(act: Act, asked: _Asked) -> Acknowledgement | Reply:
    """Return the row in this unit of work."""
    if isinstance(asked.row, Reply):
        return act.session.get_one(Reply, asked.row.id)
    return act.session.get_one(Acknowledgement, asked.row.id)


def _print_again(asked: _Asked, viewer: Viewer, services: Services) -> tuple[str, str] | None:
    if asked.printed is None:
        return None
    with acting(asked.item.id, viewer, services, Task.SETTLE) as act:
        _again(act, asked).maybe_twice = True
        act.log("printed_again", sha256=asked.printed.sha256)
    return asked.printed.sha256, asked.printed.key


def _make(asked: _Asked, services: Services) -> Kept:
    maker = services.replies.get(Way.LETTER)
    if maker is None:
        raise Misconfigured("Nothing here makes letters: `letter` is missing among the ways to answer a sender.")
    row, address = asked.row, "\n".join(asked.block)
    language, flowing = language_of(row.text) or "en", isinstance(row, Reply)
    message = Message(row.message_id, address, row.subject, row.text, language=language, flowing=flowing)
    content = maker.send(message)
    with scratch_folder(services) as scratch:
        file = scratch / "letter.pdf"
        file.write_bytes(content or b"")
        try:
            return services.vault.keep_rendition(f"{asked.item.id}/{new_id()}", file)
        except StorageError as fault:
            raise MailroomError(f"The store cannot keep the letter now, and nothing was printed: {fault}") from fault


def _rendition(act: Act, kept: Kept, kind: str) -> Rendition:
    return Rendition(
        id=new_id(),
        item_id=act.item.id,
        kind=kind,
        sha256=kept.sha256,
        size=kept.size,
        key=kept.key,
        media_type="application/pdf",
        parent_sha256=act.item.originals[0].sha256,
        made_by=_MADE_BY,
        made_at=act.now,
    )


def _make_ready(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise MailroomError(f"{folder} cannot be made ({fault.strerror}). Name another folder.") from fault
    if not os.access(folder, os.W_OK):
        raise MailroomError(f"{folder} cannot be written. Name another folder.")


def give_out(sha256: str, key: str, target: Path, services: Services) -> None:
    """Write a letter that is kept to where it is printed from.

    Raises:
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read or the file not written now.
    """
    try:
        services.vault.verified_copy(sha256, target, key=key)
    except VaultBreach as fault:
        raise CustodyBreach(str(fault)) from fault
    except (StorageError, OSError) as fault:
        raise MailroomError(f"The letter is kept, but {target} was not written: {fault}. Print it again.") from fault
