"""Takes back what lies in the teams' release folders and has not been picked up.

Before: an item was handed over, or was about to be, and turns out not to be that team's to see; the wish to take it
back is a row, written in the commit that said so. After: no copy of it lies in any team's folder but one that was put
there since, and the row is gone. Done at once where a person asked for it, and by `duties/withdraw_releases.py` until
it is done. What a team's own system has taken in already can only be named.

Both this and `hand_over` hold the item's row while they touch the folders, so neither undoes the other's work.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from mailroom.domain.errors import Transient
from mailroom.journey.release import MAKING
from mailroom.records import custody
from mailroom.records.handoffs import withdrawal_of
from mailroom.records.tables import Item
from mailroom.services import Services


def withdraw_release(item_id: str, services: Services) -> int:
    """Delete the released copies of an item that are to be taken back; return how many there were.

    Raises:
        Transient: a copy cannot be deleted now; the sentence names the team's folder and not the item.
    """
    with services.records.work() as session:
        item = session.get_one(Item, item_id, with_for_update=True)
        wish = withdrawal_of(session, item_id)
        if wish is None:
            return 0
        spared = _root(services) / wish.spared if wish.spared else None
        copies = [copy for copy in copies_of(item.reference, services) if copy.parent != spared]
        delete(copies)
        session.delete(wish)
        if copies:
            details = {"copies": len(copies)}
            custody.record(
                session, item_id, "release_withdrawn", actor="machine:withdraw", at=services.now(), details=details
            )
        session.commit()
    return len(copies)


def copies_of(reference: str, services: Services) -> list[Path]:
    """Return what lies in the teams' folders of an item, half-built and earlier releases included.

    Raises:
        Transient: a team's folder cannot be looked into now.
    """
    folders = sorted({team.release.folder for team in services.catalogue.teams.values()})
    return [copy for folder in folders for copy in copies_in(_root(services) / folder, reference)]


def copies_in(folder: Path, reference: str) -> list[Path]:
    """Return what lies in one team's folder of an item.

    Raises:
        Transient: the folder cannot be looked into now.
    """
    ours = re.compile(rf"{re.escape(reference)}(\.\d+)?|\.{re.escape(reference)}\..*{re.escape(MAKING)}")
    try:
        return [place for place in sorted(folder.iterdir()) if ours.fullmatch(place.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as fault:
        raise Transient(
            f"The release folder {folder} cannot be looked into ({fault.strerror}). Make it readable; the mailroom "
            "goes on trying to take back what lies there."
        ) from fault


def delete(copies: Iterable[Path]) -> None:
    """Delete the copies, as many as can be.

    Raises:
        Transient: one of them cannot be deleted now.
    """
    stuck: list[tuple[Path, OSError]] = []
    for copy in copies:
        try:
            shutil.rmtree(copy)
        except FileNotFoundError:  # the team has picked it up meanwhile
            continue
        except OSError as fault:
            stuck.append((copy, fault))
    for copy, cause in stuck[:1]:
        raise Transient(
            f"A released copy in {copy.parent} cannot be deleted ({cause.strerror}). Make the folder writable; the "
            "mailroom goes on trying to take it back."
        ) from cause


def _root(services: Services) -> Path:
    return services.settings.data / services.settings.release.path
