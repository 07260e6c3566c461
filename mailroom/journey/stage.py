"""What every stage does at its two ends: look at the item it was given, and write down that it is done.

The look notes the run; the close claims the row for that very run and stage, so that a worker overtaken in between
changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from mailroom.domain.errors import CustodyBreach, Superseded, Transient
from mailroom.domain.quarantine import refuse_quarantined
from mailroom.records import custody
from mailroom.records.items import claim, item_with
from mailroom.records.locking import lock_cases_of
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


@dataclass(frozen=True, slots=True)
class Turn:
    """One stage's turn with one item: which stage, which run."""

    item_id: str
    stage: str
    run: int


_ALONE = item_with()


@contextmanager
def opening(
    item_id: str, stage: str, services: Services, query: Select[Item] = _ALONE
) -> Iterator[tuple[Turn, Item, Session]]:
    """Give a reading view of the item at the start of its stage.

    Args:
        item_id: which item.
        stage: which stage.
        services: the bundle.
        query: of `item_with`, where the stage looks at more than the item's own row.

    Raises:
        Superseded: the item is not at this stage.
    """
    with services.records.look() as session:
        item = session.scalars(query, {"item_id": item_id}).unique().one_or_none()
        if item is None or item.next_stage != stage:
            raise Superseded(f"item {item_id} is not at {stage}")
        yield Turn(item_id, stage, item.run), item, session


@contextmanager
def closing(turn: Turn, services: Services, *, whole_case: bool = False) -> Iterator[tuple[Item, Session]]:
    """Give the claimed row in a writing unit of work that is committed when the block ends without an error.

    Args:
        turn: whose turn it is.
        services: the bundle.
        whole_case: whether other items in its case may be changed, too.

    Raises:
        Superseded: another run or worker is further on; nothing is written.
    """
    with services.records.work() as session:
        if whole_case:
            lock_cases_of(session, turn.item_id)
        item = claim(session, turn.item_id, turn.stage, turn.run)
        yield item, session
        session.commit()


def note(
    session: Session,
    turn: Turn,
    kind: str,
    services: Services,
    *,
    original: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add the stage's event to the item's chain of custody."""
    custody.record(
        session,
        turn.item_id,
        kind,
        actor=f"machine:{turn.stage}",
        at=services.now(),
        original=original,
        details=details,
    )


@contextmanager
def scratch_folder(services: Services) -> Iterator[Path]:
    """Give an empty folder on the vault's disk that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=services.scratch) as folder:
        yield Path(folder)


def fetch(original: Original, folder: Path, services: Services) -> Path:
    """Return a checked copy of the original in the folder.

    Raises:
        NeedsPerson: it is in quarantine.
        CustodyBreach: it is missing or is not what was received.
        Transient: the store cannot be read now.
    """
    refuse_quarantined(original.quarantined)
    with _of_the_vault():
        return services.vault.verified_copy(original.sha256, folder / "original", key=original.key)


def open_checked(original: Original, services: Services) -> IO[bytes]:
    """Return the checked bytes of the original, also of one in quarantine; the caller closes it and parses nothing.

    Raises:
        CustodyBreach: it is missing or is not what was received.
        Transient: the store cannot be read now.
    """
    with _of_the_vault():
        return services.vault.open(original.sha256, key=original.key)


@contextmanager
def _of_the_vault() -> Iterator[None]:
    try:
        yield
    except VaultBreach as fault:
        raise CustodyBreach(str(fault)) from fault
    except StorageError as fault:
        raise Transient(f"The store cannot be read now: {fault}") from fault
