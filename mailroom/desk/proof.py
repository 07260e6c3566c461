"""Proving an original: the bytes checked now, the history as sentences, who has seen it; and the purpose before all.

Before: an auditor has found an item. After: they have what stands up: what came, when, by which way, that it is
unchanged, and who had it in their hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailroom.desk.acting import refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import log_look, purpose_in_force, seen_by
from mailroom.desk.history import PURPOSES, Line, history
from mailroom.desk.item_view import view
from mailroom.desk.legal_hold import Hold, hold_on
from mailroom.domain.access import Task, Viewer
from mailroom.domain.purpose import Purpose
from mailroom.records import custody
from mailroom.records.alarms import raise_alarm
from mailroom.records.looks import LOOKS, STATED, VIEWED
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


@dataclass(frozen=True, slots=True)
class Checked:
    """One original and what checking it gave, just now.

    Attributes:
        sha256: the digest it was kept under.
        size: bytes.
        file_name: the sender's name for it.
        pages: first and last page of the file it is an extract of; None where it is a whole file.
        extract_of: digest of that file, or of the message that it was taken out of.
        unchanged: True; False where it is gone or has other bytes; None where the store cannot be read now.
        sentence: what was found, for people.
        quarantined: why it is held back; None where it is not.
    """

    sha256: str
    size: int
    file_name: str
    pages: tuple[int, int] | None
    extract_of: str | None
    unchanged: bool | None
    sentence: str
    quarantined: str | None


@dataclass(slots=True)
class Seen:
    """Who has had the item before them: how often they looked, what for, how often they did something with it."""

    who: str
    last: datetime
    looked: int = 0
    did: int = 0
    purposes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proof:
    """What an auditor is shown of an item.

    Attributes:
        shown: everything on record, as `item_view.view` tells it.
        purpose: what it is opened for, in words.
        originals: each checked now.
        history: earliest first.
        seen_by: people, who had it first before the others.
        hold: the legal hold that it is under, or None.
    """

    shown: Mapping[str, Any]
    purpose: str
    originals: Sequence[Checked]
    history: Sequence[Line]
    seen_by: Sequence[Seen]
    hold: Hold | None = None

    @property
    def unchanged(self) -> bool:
        """Whether every original is what was received."""
        return all(original.unchanged for original in self.originals)


def state_purpose(name: str, purpose: str, viewer: Viewer, services: Services) -> str:
    """Put down what the auditor opens the item for, before anything of it is shown; returns its id.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to prove, or there is no such purpose.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    refuse_unless(purpose in list(Purpose), f"There is no purpose {purpose!r}. Choose one of those on the page.")
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        custody.record(
            session, item.id, STATED, actor=viewer.name, at=services.now(), details={"purpose": Purpose(purpose)}
        )
        session.commit()
        return item.id


def may_open(name: str, viewer: Viewer, services: Services) -> tuple[str, str, bool]:
    """Return the item's id and reference, and whether a purpose is in force so that it can be opened.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        return item.id, item.reference, purpose_in_force(session, item, viewer, services) is not None


def prove(name: str, viewer: Viewer, services: Services) -> Proof:
    """Check the item's originals now and return them with its history; the look is logged before.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        purpose = purpose_in_force(session, item, viewer, services)
        log_look(session, item, VIEWED, viewer, purpose, services)
        session.commit()
    with services.records.look() as session:
        item = seen_by(session, item.id, viewer)
        shown, originals = view(session, item, viewer, services), list(item.originals)
        lines, hold = history(session, item.id, shown["custody"], services), hold_on(session, item.id)
    checked = [_check(item, original, services) for original in originals]
    return Proof(shown, PURPOSES.get(purpose or "", purpose or ""), checked, lines, people(lines), hold)


def people(lines: Iterable[Line]) -> list[Seen]:
    """Return who had the item before them, by its history; pure."""
    found: dict[str, Seen] = {}
    for line in lines:
        if line.who is None:
            continue
        seen = found.setdefault(line.who, Seen(line.who, line.at))
        seen.last = line.at
        seen.looked += line.kind in LOOKS
        seen.did += line.kind not in (*LOOKS, STATED)
        if line.kind in LOOKS and line.why and line.why not in seen.purposes:
            seen.purposes.append(line.why)
    return list(found.values())


def _check(item: Item, original: Original, services: Services) -> Checked:
    """Read the original and digest it; what is not as received is alarmed at once."""
    try:
        services.vault.open(original.sha256, original.key).close()
        unchanged, sentence = True, "unchanged"
    except VaultBreach as fault:
        unchanged, sentence = False, f"not what was received: {fault}"
        _alarm(item, sentence, services)
    except (StorageError, OSError) as fault:
        unchanged, sentence = None, f"not checked, the store cannot be read now: {fault}"
    first, last = original.first_page, original.last_page
    pages = (first, last) if first is not None and last is not None else None
    told = (original.sha256, original.size, original.file_name, pages, original.extract_of)
    return Checked(*told, unchanged, sentence, original.quarantined)


def _alarm(item: Item, sentence: str, services: Services) -> None:
    with services.records.work() as session:
        subject = f"custody:{item.id}"
        raise_alarm(session, subject, f"Item {item.id}: its original is {sentence}.", services.now())
        session.commit()
