"""Carries items out: originals, an index that spreadsheets open, and the custody of each item as JSON lines.

Before: somebody names items or days. After: a bag holds them, and that it was taken out stands in the chain of each.
What is held back for malware stays in, and so does what the store has lost; both are named, and the rest is whole.

    data/index.csv                          a line for each original
    data/originals/REF/REF-1-DIGEST.pdf     the bytes as received; the sender's own name for it stands in the index
    data/custody/REF.jsonl                  the chain of custody, an event a line
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.bags.bag import Bag, new_bag
from mailroom.desk.acting import Refused, refuse_unless_theirs_to_do
from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.export import harmless
from mailroom.domain.access import Task, Viewer
from mailroom.domain.items import COUNTED
from mailroom.domain.sla import local_date
from mailroom.evidence.chains import as_json, chains_of
from mailroom.evidence.item_data import original_name
from mailroom.records import custody
from mailroom.records.documents import index_of
from mailroom.records.ledger import EVER, Days
from mailroom.records.looks import EXPORTED
from mailroom.records.tables import Case, Item, Original
from mailroom.records.visibility import visible_to
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach

COLUMNS = (
    "reference", "received", "received_assumed", "channel", "sender", "sender_name", "sender_postcode", "letter_date",
    "case", "case_type", "team", "closed", "outcome", "state", "sensitivity", "path", "given_name",
    "media_type", "size", "sha256",
)  # fmt: skip
"""The columns of the index; `path` is that in `data`, empty for an original that is not in the bag."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: these, or those received on these days, and why they are taken out."""

    names: Sequence[str] = ()
    days: Days = EVER
    purpose: str = ""


@dataclass(slots=True)
class Exported:
    """What came of it: how many items and originals, and a sentence for each thing that is not in the bag."""

    items: int = 0
    originals: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Taken:
    """An item as it goes into the bag."""

    item: Item
    events: Sequence[dict[str, Any]]
    index: dict[str, str]


def export(
    wanted: Wanted, target: Path, viewer: Viewer, services: Services, tell: Callable[[int, int], None]
) -> Exported:
    """Write a bag with these items.

    Args:
        wanted: which.
        target: the folder of the bag, which is not there yet.
        viewer: who asks.
        services: the bundle.
        tell: told how many items are in, of how many.

    Raises:
        NotThere: one that is named is not there for this viewer.
        Refused: it is not theirs to take out.
        MailroomError: it cannot be written, or the store cannot be read now.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    ids = _ids(wanted, viewer, services)
    done = Exported()
    with new_bag(target) as bag, tempfile.TemporaryFile(dir=services.scratch) as index:
        _write_rows(index, [COLUMNS], mark=True)
        for number, item_id in enumerate(ids, start=1):
            taken = _take_out(item_id, wanted.purpose, viewer, services)
            _write_rows(index, list(_put_item(bag, taken, done, services)))
            tell(number, len(ids))
        index.seek(0)
        bag.put("index.csv", index)
        bag.close(_said_of_it(wanted, viewer, services))
    done.items = len(ids)
    return done


def _ids(wanted: Wanted, viewer: Viewer, services: Services) -> Sequence[str]:
    if not wanted.names and wanted.days == EVER:
        raise Refused("Name items, or the first and the last day of receipt.")
    with services.records.look() as session:
        if wanted.names:
            return list(dict.fromkeys(seen_by(session, name, viewer).id for name in wanted.names))
        on_the_ledger = (wanted.days.covers(Item.received_at), Item.state.in_(COUNTED), visible_to(viewer))
        ids = session.scalars(select(Item.id).where(*on_the_ledger).order_by(Item.received_at, Item.reference)).all()
    if not ids:
        raise NotThere("Nothing was received on these days.")
    return ids


def _take_out(item_id: str, purpose: str, viewer: Viewer, services: Services) -> _Taken:
    """Put it down in the item's chain before anything of it leaves, and return what is to be written."""
    with services.records.work() as session:
        item = seen_by(session, item_id, viewer, lock=True)
        details = {"purpose": purpose} if purpose else {}
        custody.record(session, item.id, EXPORTED, actor=viewer.name, at=services.now(), details=details)
        session.commit()
    with services.records.look() as session:
        item = seen_by(session, item_id, viewer)
        _ = (item.originals, item.case)
        return _Taken(item, list(_events(session, item, viewer)), index_of(item))


def _events(session: Session, item: Item, viewer: Viewer) -> Iterator[dict[str, Any]]:
    for chain in chains_of(session, item, None, viewer):
        told = as_json(chain, None)
        for event in told["events"]:
            yield {"chain": told["chain"], "role": told["role"], **{k: v for k, v in event.items() if k != "proof"}}


def _put_item(bag: Bag, taken: _Taken, done: Exported, services: Services) -> Iterator[Sequence[str]]:
    """Put an item's files into the bag; yield its lines of the index."""
    lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in taken.events)
    bag.put(f"custody/{taken.item.reference}.jsonl", io.BytesIO(lines.encode()))
    for number, original in enumerate(taken.item.originals, start=1):
        file = original_name(taken.item, number, original).partition("/")[2]
        path = f"originals/{taken.item.reference}/{file}"
        why_not = _put_original(bag, path, original, services)
        if why_not:
            done.left_out.append(f"{taken.item.reference}: {why_not}")
        done.originals += not why_not
        yield _row(taken, original, "" if why_not else path)


def _put_original(bag: Bag, path: str, original: Original, services: Services) -> str:
    """Put the checked bytes into the bag; return why they are not."""
    if original.quarantined:
        return f"the original {original.sha256} is held back for malware"
    try:
        content = services.vault.open(original.sha256, original.key)
    except VaultBreach as fault:
        return f"the original is not what was received: {fault}"
    except StorageError as fault:
        return f"the store cannot be read: {fault}"
    with content:
        bag.put(path, content)
    return ""


def _row(taken: _Taken, original: Original, path: str) -> Sequence[str]:
    item, index, case = taken.item, taken.index, taken.item.case
    return [
        harmless(str(cell if cell is not None else ""))
        for cell in (
            item.reference,
            local_date(item.received_at).isoformat(),
            "yes" if item.receipt_assumed else "no",
            item.channel,
            item.proven_sender,
            *(index.get(name) for name in ("sender_name", "sender_postcode", "letter_date")),
            *(_of_case(case) if case else [""] * 5),
            item.state,
            item.sensitivity,
            path,
            original.file_name,
            original.media_type,
            original.size,
            original.sha256,
        )
    ]


def _of_case(case: Case) -> Sequence[str | None]:
    closed = local_date(case.closed_at).isoformat() if case.closed_at else None
    return case.reference, case.case_type, case.team, closed, case.outcome


def _write_rows(file: IO[bytes], rows: Sequence[Sequence[str]], *, mark: bool = False) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    file.write(text.getvalue().encode("utf-8-sig" if mark else "utf-8"))


def _said_of_it(wanted: Wanted, viewer: Viewer, services: Services) -> dict[str, str]:
    council = services.settings.council
    return {
        "Source-Organization": council.name,
        "Contact-Email": council.email,
        "Bagging-Date": local_date(services.now()).isoformat(),
        "External-Description": "Items of a mailroom: originals as received, an index, and the custody of each",
        "Internal-Sender-Description": f"Taken out by {viewer.name}. {wanted.purpose}",
    }
