"""Splits an item that holds several letters: in one commit its parts take its place.

Before: somebody sees that a new letter begins on a page. After: each part has an extract of its own as its original and
starts its journey, with the receipt of the whole. The whole stays on record with the file as received: its case is
closed as `split`, because an auditor who asks after its reference must be led to all of the parts and not to one that
took its number over; its clocks are replaced, neither met nor missed, and run on in the cases of the parts.

The file of the whole opens only to those who may see every part: the whole becomes limited-access, and its words leave
the search index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mailroom.desk.acting import (
    Act,
    Done,
    Refused,
    acting,
    refuse_unless,
    refuse_unless_theirs_to_do,
    refuse_while_read,
)
from mailroom.desk.deciding import take_from_team
from mailroom.desk.post_room import refuse_if_accepted
from mailroom.domain.access import Task, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import MailroomError
from mailroom.domain.items import ItemState
from mailroom.journey import JOURNEY
from mailroom.journey.stage import fetch, scratch_folder
from mailroom.records import custody
from mailroom.records.acknowledgements import take_back
from mailroom.records.case_changes import replace
from mailroom.records.contacts import contacts_of
from mailroom.records.happenings import last_happenings
from mailroom.records.items import find_item
from mailroom.records.parts import Extract, add_part, parts_of, replace_item
from mailroom.records.search import withdraw_text
from mailroom.records.tables import Item, Original
from mailroom.sandbox.errors import ChildDied
from mailroom.services import Services
from storage.errors import StorageError

_CAN_BE_CUT = frozenset({"application/pdf", "image/tiff"})
Range = tuple[int, int]
"""First and last page of a part, both included, from 1."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be cut: the run of the item when it was looked at, its original, the pages of each part."""

    run: int
    original: Original
    ranges: tuple[Range, ...]


def split(
    name: str, first_pages: Sequence[int], viewer: Viewer, services: Services, *, expected_run: int | None = None
) -> Done:
    """Replace an item by parts that begin at these pages.

    Args:
        name: reference or id.
        first_pages: numbers of the pages, from 1, at which a new letter begins; page 1 may be left out.
        viewer: who says so.
        services: the bundle.
        expected_run: the run that the person had before their eyes.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to split, is no PDF or TIFF of several pages, has changed meanwhile, or cannot be cut.
        NeedsPerson: the file is locked or damaged, so that no pages can be taken out.
        CustodyBreach: the original is not what was received.
    """
    done = _split_before(name, first_pages, viewer, services)
    if done is not None:
        return done
    with acting(name, viewer, services, Task.SETTLE) as act:
        act.refuse_if_changed(expected_run)
        plan = _plan(act, first_pages)
    with scratch_folder(services) as folder:
        extracts = _cut(plan, folder, services)
    with acting(name, viewer, services, Task.SETTLE) as act:
        act.refuse_if_changed(plan.run)
        parts = [_add(act, extract, last=extract is extracts[-1]) for extract in extracts]
        _put_away(act, parts)
        references = [part.reference for part in parts]
        undone = "They open when they are read; join them again then if that was wrong."
        return act.done(f"{{}} is split into {len(parts)} items: {', '.join(references)}. {undone}", parts=references)


def _split_before(name: str, first_pages: Sequence[int], viewer: Viewer, services: Services) -> Done | None:
    """Return what came of it where this very person split it at these very pages before: the key was pressed twice.

    What they made they may be told of, also where the whole is not theirs to see any more.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        item = find_item(session, name)
        if item is None or item.state is not ItemState.SPLIT:
            return None
        by_them = any(one.kind == "split" and one.actor == viewer.name for one in last_happenings(session, item.id, 1))
        parts = parts_of(session, item.id)
        if not by_them or [first for _, first in parts] != sorted({1, *first_pages}):
            return None
        references = [reference for reference, _ in parts]
        return Done(item.id, item.reference, f"{item.reference} is split already.", {"parts": references})


def ranges_of(first_pages: Sequence[int], page_count: int) -> tuple[Range, ...]:
    """Return the pages of each part; pure.

    Raises:
        Refused: the pages are not there, or nothing would be split.
    """
    firsts = sorted({1, *first_pages})
    there = firsts[0] >= 1 and firsts[-1] <= page_count
    refuse_unless(there, f"It has pages 1 to {page_count}; name the pages at which a new letter begins.")
    refuse_unless(len(firsts) > 1, "Name a page after the first at which a new letter begins.")
    lasts = [following - 1 for following in firsts[1:]] + [page_count]
    return tuple(zip(firsts, lasts, strict=True))


def _plan(act: Act, first_pages: Sequence[int]) -> _Plan:
    item = act.item
    refuse_while_read(item)
    refuse_if_accepted(act)
    whole = len(item.documents) == 1 and item.documents[0].media_type in _CAN_BE_CUT
    refuse_unless(whole, f"{item.reference} cannot be cut: only an item of one PDF or TIFF file can.")
    messages = contacts_of(item.case) if item.case is not None and not item.is_contact else []
    alone = f"Messages were added to the case of {item.reference}. Settle those as new work first."
    refuse_unless(not messages, alone)
    return _Plan(item.run, item.originals[0], ranges_of(first_pages, item.documents[0].page_count))


def _cut(plan: _Plan, folder: Path, services: Services) -> list[Extract]:
    source = fetch(plan.original, folder, services)
    try:
        return [_extract(plan.original, source, first, last, folder, services) for first, last in plan.ranges]
    except ChildDied as death:
        raise Refused("The reader stopped while it cut this file. Scan the letters one by one instead.") from death
    except StorageError as fault:
        raise MailroomError(f"The store cannot keep the parts now, and nothing was changed: {fault}") from fault


def _extract(original: Original, source: Path, first: int, last: int, folder: Path, services: Services) -> Extract:
    asked = {"media_type": original.media_type, "first": first, "last": last}
    answer = services.sandbox.run("extract_pages", asked, source=source, scratch=folder)
    kept = services.vault.keep(folder / answer["file"])
    return Extract(first, last, kept.sha256, kept.size, kept.key)


def _add(act: Act, extract: Extract, *, last: bool) -> Item:
    prefix = act.services.settings.council.prefix
    part = add_part(act.session, act.item, extract, prefix=prefix, now=act.now, first_stage=JOURNEY[0])
    part.defect = act.item.defect if last else None  # what a scanner did not finish is missing at the end
    pages = {"first": extract.first_page, "last": extract.last_page}
    custody.record(
        act.session,
        part.id,
        "made_by_split",
        actor=act.viewer.name,
        at=act.now,
        original=extract.sha256,
        details={
            "part_of": act.item.reference,
            "extract_of": act.item.originals[0].sha256,
            "received_at": part.received_at.isoformat(),
            **pages,
        },
    )
    act.services.queue.enqueue(act.session, part.id, part.run)
    return part


def _put_away(act: Act, parts: Sequence[Item]) -> None:
    act.leave_case()
    take_from_team(act)
    take_back(act.session, act.item.id, "The item was split; each part has a message of its own.")
    withdraw_text(act.session, act.item)
    if act.item.case is not None:
        replace(act.item.case, "split", act.now)
    replace_item(act.item, ItemState.SPLIT, act.now)
    act.item.sensitivity, act.item.settled, act.item.team = Sensitivity.LIMITED, False, None
    act.log("split", parts=[part.reference for part in parts])
