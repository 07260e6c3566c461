"""Puts a built release into the team's folder under a name of its own, and sees to those that it takes over from.

Before: `release.build` has made a folder that nobody sees, and the run holds the item's row. After: the newest release
lies there whole; of the earlier ones none is left that could be taken for it.

An earlier one that still is as we left it, and whose item the team has not accepted, has not been taken: it goes, and
the new one has its name. Any other was taken: it stays under its own name, as somebody may be reading in it, and gets a
marker that names its successor, which lies under the next number (`REF`, `REF.2`, `REF.3`). Both are done before the
successor appears, so that nobody finds the two side by side and takes in the old one last. Every step may be done
twice: what a run that died has left half done, the next one ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mailroom.journey.release import MAKING, MANIFEST, PERHAPS_BEFORE, manifest_text, sync, write

SUPERSEDED = "SUPERSEDED.txt"
"""The file in an earlier release that says which one has taken its place."""

_OF_OTHERS = frozenset({"supersedes", PERHAPS_BEFORE})
"""What a manifest says of other releases than its own."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier release of the same item to the same team.

    Attributes:
        folder: the name it had in the team's folder.
        still_there: whether it lies there yet, marked; otherwise it was taken away, by the team or by us.
        manifest_sha256: digest of its manifest, by which a team knows it again; None where that is gone.
    """

    folder: str
    still_there: bool
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a release lies, and what it takes over from, oldest first."""

    folder: Path
    supersedes: tuple[Earlier, ...]


def put_in_place(making: Path, reference: str, before: Iterable[str] = (), *, accepted: bool = False) -> Placed:
    """Give a folder that was built its final name, unless the newest holds the same; earlier ones go or are marked.

    Args:
        making: what `build` made, in the team's folder.
        reference: the item's.
        before: names in this folder of what was released with the handoff under way; what is gone, the team has taken.
        accepted: whether the team has accepted the item, and so may have used what lies there untouched.

    Raises:
        OSError: the folder cannot be written.
    """
    team = making.parent
    names = os.listdir(team)  # noqa: PTH208  # names alone, of the thousands that may lie there
    gone = _leftovers(team, names, reference, making)
    lying = _lying(team, names, reference)
    carried_off = {number for name in before if (number := _number(name, reference)) not in lying}
    kept = _same_again(making, lying, carried_off)
    target = kept or making.with_name(_name(reference, _next_number(lying, carried_off, accepted=accepted)))
    others = {number: team / _name(reference, number) for number in range(1, _number(target.name, reference))} | lying
    supersedes = [_see_to(place, target.name, accepted, gone) for _, place in sorted(others.items()) if place != kept]
    if kept:
        (target / SUPERSEDED).unlink(missing_ok=True)  # of a run that died and meant a successor that never came
        gone.append(making)
        supersedes = _noted(target)
    else:
        _name_earlier(making, supersedes)
        making.rename(target)
    sync(team)
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return Placed(target, tuple(supersedes))


def _same_again(making: Path, lying: Mapping[int, Path], carried_off: set[int]) -> Path | None:
    """Return the newest release where it lies there and holds the same already."""
    newest = lying.get(max([*lying, *carried_off], default=0))
    return newest if newest is not None and _told(newest) == _told(making) else None


def _next_number(lying: Mapping[int, Path], carried_off: set[int], *, accepted: bool) -> int:
    """Return the place after the last release that was taken."""
    taken = {number for number, place in lying.items() if accepted or not _as_we_left_it(place)} | carried_off
    return max(taken, default=0) + 1


def _noted(folder: Path) -> list[Earlier]:
    """Return what the manifest names as superseded: a run that died may have put it there and told nobody."""
    told = json.loads((folder / MANIFEST).read_bytes()).get("supersedes", [])
    return [Earlier(one["folder"], one["still_there"], one["manifest_sha256"]) for one in told]


def _leftovers(team: Path, names: Iterable[str], reference: str, making: Path) -> list[Path]:
    """Return what runs that have ended since left half built or half deleted."""
    ours = f".{reference}."
    return [team / name for name in names if name.startswith(ours) and name.endswith(MAKING) and name != making.name]


def _lying(team: Path, names: Iterable[str], reference: str) -> dict[int, Path]:
    ours = [name for name in names if name.startswith(reference)]
    return {number: team / name for name in ours if (number := _number(name, reference))}


def _number(name: str, reference: str) -> int:
    """Return which release of the item goes by this name; 0 where none does."""
    found = re.fullmatch(rf"{re.escape(reference)}(?:\.(\d{{1,6}}))?", name)
    return int(found[1] or 1) if found else 0


def _name(reference: str, number: int) -> str:
    return reference if number == 1 else f"{reference}.{number}"


def _told(folder: Path) -> dict[str, Any] | None:
    """Return what the manifest says of the content, or None where a team has taken it away or written over it."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return {key: value for key, value in told.items() if key not in _OF_OTHERS} if isinstance(told, dict) else None


def _see_to(folder: Path, successor: str, accepted: bool, gone: list[Path]) -> Earlier:
    """Mark an earlier release, or hide it for `gone` where nobody has taken it; say what has become of it."""
    digest = None
    with suppress(OSError):
        digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    if not folder.is_dir():
        return Earlier(folder.name, still_there=False, manifest_sha256=digest)
    try:
        if accepted or not _as_we_left_it(folder):
            _mark(folder, successor)
            return Earlier(folder.name, still_there=True, manifest_sha256=digest)
        hidden = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}{MAKING}")
        folder.rename(hidden)
        gone.append(hidden)
    except FileNotFoundError:  # the team has taken it away meanwhile
        pass
    return Earlier(folder.name, still_there=False, manifest_sha256=digest)


def _as_we_left_it(folder: Path) -> bool:
    """Return whether every file is there in its size and no other was added: what a team takes in leaves a trace."""
    try:
        ours = {file["name"]: file["size"] for file in (_told(folder) or {})["files"]}
    except (KeyError, TypeError):  # no manifest, or not ours any more
        return False
    there = {file.name: file.stat().st_size for file in folder.iterdir() if file.name not in {MANIFEST, SUPERSEDED}}
    return bool(there == ours)


def _mark(folder: Path, successor: str) -> None:
    """Write the marker, whole or not at all; one that names this successor already is left alone."""
    marker = folder / SUPERSEDED
    text = (
        f"Superseded by: {successor}\n"
        f"The item was corrected or decided anew after {folder.name} was released.\n"
        f"Use {successor}, beside this folder, in its place; its {MANIFEST} names every release that it supersedes.\n"
    ).encode()
    with suppress(FileNotFoundError):
        if marker.read_bytes() == text:
            return
    half = folder / f".{SUPERSEDED}"
    half.unlink(missing_ok=True)  # never through a link that somebody has put there
    write(half, text)
    half.replace(marker)
    sync(folder)


def _name_earlier(making: Path, supersedes: Sequence[Earlier]) -> None:
    told = json.loads((making / MANIFEST).read_bytes())
    write(making / MANIFEST, manifest_text({**told, "supersedes": [asdict(earlier) for earlier in supersedes]}))
    sync(making)
