r"""What the names inside a hot folder say: which files are nobody's post, and what subfolders tell of the others.

A pattern such as `{date}/{team}` reads the subfolders from the outermost on. `{date}` is a date of delivery as
`2026-11-20`, `{team}` and `{case_type}` are hints; anything else must stand there as written. Reading stops at the
first folder that does not fit, so a misspelt date is never taken for a team.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from zoneinfo import ZoneInfo

from mailroom.domain.capture import Hints
from mailroom.domain.errors import Misconfigured

TAKEN = "taken"
_LONDON = ZoneInfo("Europe/London")
_PLACES = {"{date}", "{team}", "{case_type}"}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", "~")
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What path and time of a file say about its arrival.

    Attributes:
        received_at: moment of receipt (aware).
        assumed: True where the file's own time stands in for a date of delivery.
        hints: team and case type, where folders name them.
    """

    received_at: datetime
    assumed: bool
    hints: Hints


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that names something unknown.

    Raises:
        Misconfigured: a part in braces is not `{date}`, `{team}` or `{case_type}`.
    """
    for part in PurePath(pattern).parts:
        if ("{" in part or "}" in part) and part not in _PLACES:
            raise Misconfigured(f"The pattern of a folder has {part!r}; it may have {', '.join(sorted(_PLACES))}.")


def is_left_alone(relative: PurePath) -> bool:
    """Return whether a path inside the hot folder is not to be taken in: taken, hidden, temporary or the system's."""
    if relative.parts[0] == TAKEN or any(part.startswith(".") for part in relative.parts):
        return True
    name = relative.name.lower()
    return name.startswith("~") or name.endswith(_TEMPORARY_ENDINGS) or name in _OF_THE_SYSTEM


def arrival_of(relative: PurePath, modified: float, pattern: str, now: datetime) -> Arrival:
    """Read date of delivery and hints from the path.

    A delivery is dated 12:00 in London: clocks count whole days, and noon is the same day in UTC. A date after today
    is a slip and is not believed. Where no date is given, the file's own time stands in, never later than now.

    Args:
        relative: path inside the hot folder.
        modified: time of last change of the file, in seconds since 1970.
        pattern: see the head of this module.
        now: the present moment (aware).
    """
    said = _said_by_folders(relative, pattern)
    hints = Hints(team=said.get("{team}"), case_type=said.get("{case_type}"))
    day = _date_in(said.get("{date}", ""))
    if day is None or day > now.astimezone(_LONDON).date():
        moment = datetime.fromtimestamp(min(max(modified, 0.0), now.timestamp()), UTC)
        return Arrival(moment, assumed=True, hints=hints)
    return Arrival(datetime.combine(day, time(12), _LONDON), assumed=False, hints=hints)


def readable(path: PurePath) -> str:
    r"""Return the path as text that any database stores: bytes that are no UTF-8 are written out as `\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _said_by_folders(relative: PurePath, pattern: str) -> dict[str, str]:
    said = {}
    for place, folder in zip(PurePath(pattern).parts, relative.parent.parts, strict=False):
        if place == "{date}" and _date_in(folder) is None:
            break
        if place not in _PLACES and place != folder:
            break
        said[place] = readable(PurePath(folder))
    return said


def _date_in(text: str) -> date | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
