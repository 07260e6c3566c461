"""How it stands with all that is kept: copied, walked over, whole, none waiting; for `check`, `scrub` and Health.

Before: `second_copy.py`, `scrub.py`, `mend.py` and `hand_on.py` do their work. After: a sentence of each says what is
done, or what is not and whose turn it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mailroom.domain.errors import MailroomError
from mailroom.domain.sla import LONDON
from mailroom.records.damages import all_damage, holders, not_mended
from mailroom.records.kept_objects import count_objects
from mailroom.records.walks import NOTHING, the_walk
from mailroom.services import Services

_SOON = timedelta(hours=1)
_TOO_LONG = timedelta(days=100)
_MOST_NAMED = 100
_NEVER = "No walk over all has ended yet."


def copies_in_words(services: Services) -> str:
    """Say how many objects have a second copy.

    Raises:
        MailroomError: some should have had one for an hour.
    """
    if not services.vault.copies.doubled:
        return "There is no second copy of anything: second_copy.store names no store."
    with services.records.look() as session:
        counts = count_objects(session)
    if not counts.not_copied or counts.not_copied_since is None:
        return f"Everything that is kept has a second copy: {objects(counts.objects)}."
    since = _moment(counts.not_copied_since)
    told = f"Without a second copy yet: {counts.not_copied} of {objects(counts.objects)}, the oldest since {since}."
    if counts.not_copied_since < services.now() - _SOON:
        raise MailroomError(f"{told} They are copied while the service runs; see its alarms.")
    return told


def walk_in_words(services: Services) -> str:
    """Say when all that is kept was last found whole.

    Raises:
        MailroomError: something is damaged, strange, or was not looked at for too long.
    """
    with services.records.look() as session:
        walk, damaged = the_walk(session), not_mended(session)
        counts = count_objects(session)
    if damaged:
        raise MailroomError(f"{len(damaged)} copies are not what was kept: `mailroom scrub` names them.")
    if walk.strangers_counted or walk.overlaid:
        raise MailroomError(
            f"{walk.strangers_counted} objects lie in the store that no record knows, and something newer was put over "
            f"{len(walk.overlaid)}: `mailroom scrub` names them."
        )
    last = f"The last walk over all ended on {_moment(walk.ended_at)}." if walk.ended_at else _NEVER
    now_at = (
        "" if walk.looking_for == NOTHING else f" Of the next, {walk.checked} of {objects(counts.objects)} are done."
    )
    if walk.ended_at and walk.ended_at < services.now() - _TOO_LONG:
        raise MailroomError(f"{last}{now_at} Give it more time: scrub.minutes.")
    return f"{last}{now_at}"


def spool_in_words(services: Services) -> str:
    """Say whether anything waits for the store to be there again.

    Raises:
        MailroomError: something waits.
    """
    with services.records.look() as session:
        counts = count_objects(session)
    if not counts.waiting or counts.waiting_since is None:
        return "Nothing waits for the store of originals."
    much = f"{objects(counts.waiting)} ({counts.waiting_bytes / (1 << 20):.1f} MB)"
    raise MailroomError(
        f"Waiting for the store of originals: {much}, the oldest since {_moment(counts.waiting_since)}. All is "
        "handed on by itself once it takes them."
    )


def all_in_figures(services: Services) -> dict[str, Any]:
    """Return how it stands with all that is kept, for scripts."""
    with services.records.look() as session:
        walk, counts = the_walk(session), count_objects(session)
        damage = [
            {
                "key": row.key,
                "sha256": row.sha256,
                "copy": row.copy,
                "wrong": "missing" if row.found is None else "other bytes",
                "items": [item.reference for item in holders(session, row.key, row.sha256)],
                "found_at": row.found_at.isoformat(),
                "mended_at": row.mended_at.isoformat() if row.mended_at else None,
                "set_aside": row.set_aside,
                "why_not_mended": row.why_not,
            }
            for row in all_damage(session, _MOST_NAMED)
        ]
        standing = len(not_mended(session))
    return {
        "objects": counts.objects,
        "checked": walk.checked,
        "whole": walk.looking_for == NOTHING,
        "last_whole_walk_ended_at": walk.ended_at.isoformat() if walk.ended_at else None,
        "not_mended": standing,
        "damage": damage,
        "unknown": walk.strangers_counted,
        "unknown_keys": walk.strangers,
        "overlaid_keys": walk.overlaid,
        "not_copied": counts.not_copied if services.vault.copies.doubled else None,
        "waiting_for_store": counts.waiting,
    }


def objects(number: int) -> str:
    """Return how many objects there are in words."""
    return f"{number} object{'' if number == 1 else 's'}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%d %B %Y at %H:%M}"
