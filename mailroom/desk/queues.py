"""What waits for the post room: all that needs a person, and what it was handed as any team.

Before: somebody begins their day, or has finished an item and looks for the next. After: they act on one of the lines
(`post_room.py`). A queue never holds more than its viewer may see. The keys are a contract: scripts
rely on them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless
from mailroom.desk.item_view import cause_in_words, title_of
from mailroom.desk.queue_line import from_whom, line_of, sender_in
from mailroom.desk.team_queue import refuse_strangers
from mailroom.domain.access import Viewer
from mailroom.domain.errors import Cause
from mailroom.domain.sla import LONDON, local_date
from mailroom.journey.question import question_templates
from mailroom.records.post_room_queue import (
    Alike,
    Counts,
    Waiting,
    count_alike,
    count_waiting,
    still_waiting,
    taken_by,
    waiting_page,
)
from mailroom.records.queue_lines import (
    NO_HEAD,
    Head,
    clocks_to_meet,
    first_suggestions,
    heads_of,
    names_of,
    without_words,
)
from mailroom.records.replies import last_gone
from mailroom.records.tables import Referral
from mailroom.records.taking import given_on
from mailroom.services import Services

_NO_EXCEPTION = {"urgent": False, "cause": None, "cause_in_words": None, "problem": None, "suggestion": None}


def waiting(
    viewer: Viewer,
    services: Services,
    *,
    page: int = 1,
    size: int | None = None,
    cause: str | None = None,
    suggested: str | None = None,
) -> list[dict[str, Any]]:
    """Return what waits for the post room: exceptions of every cause, and what was handed to it as to any team.

    Marked as urgent comes first, then what is due first.

    Args:
        viewer: who asks.
        services: the bundle.
        page: which page, from 1.
        size: lines on a page; None for everything at once.
        cause: only exceptions with this cause.
        suggested: only those for which this case type is suggested first; "" for those for which none is.

    Raises:
        Refused: the viewer does not work there, or there is no such cause.
    """
    team = _post_room_for(viewer, services)
    refuse_unless(cause is None or cause in set(Cause), f"There is no cause {cause!r}.")
    alike = Alike(Cause(cause) if cause else None, suggested)
    first = (page - 1) * (size or 0)
    idle_since = idle_before(services)
    with services.records.look() as session:
        lines = waiting_page(session, team, viewer, alike=alike, idle_since=idle_since, first=first, most=size)
        return _told(session, lines, services)


def who_has_them(ids: Collection[str], viewer: Viewer, services: Services) -> dict[str, str | None]:
    """Return who has which of these items before them, of those that still wait for the post room.

    Raises:
        Refused: the viewer does not work there.
    """
    team = _post_room_for(viewer, services)
    with services.records.look() as session:
        waits = still_waiting(session, team, viewer, ids)
        held = taken_by(session, waits, idle_before(services))
    return {item: held[item].account if item in held else None for item in waits}


def count(viewer: Viewer, services: Services) -> Counts:
    """Return how much waits for the post room, how much of it is due today and how much is late.

    Raises:
        Refused: the viewer does not work there.
    """
    team, now = _post_room_for(viewer, services), services.now()
    midnight = datetime.combine(local_date(now) + timedelta(days=1), time(), LONDON)
    with services.records.look() as session:
        return count_waiting(session, team, viewer, now, midnight)


def groups(viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return which exceptions are alike, by cause and first suggestion, and how many there are, most first.

    Raises:
        Refused: the viewer does not work there.
    """
    _post_room_for(viewer, services)
    with services.records.look() as session:
        found = count_alike(session, viewer)
    return [
        {
            "cause": cause,
            "cause_in_words": cause_in_words(cause),
            "suggested": suggested,
            "title": title_of(suggested, services) if suggested else None,
            "count": number,
        }
        for cause, suggested, number in found
    ]


def idle_before(services: Services) -> datetime:
    """Return the moment from which on somebody must have been active to have an item still."""
    return services.now() - timedelta(minutes=services.settings.desk.idle_minutes)


def _post_room_for(viewer: Viewer, services: Services) -> str:
    team = services.catalogue.post_room
    refuse_strangers(team, viewer, services)
    return team


def _told(session: Session, lines: Sequence[Waiting], services: Services) -> list[dict[str, Any]]:
    ids, cases = [line.item["id"] for line in lines], [line.item["case_id"] for line in lines]
    names, clocks, unread = names_of(session, ids), clocks_to_meet(session, cases), without_words(session, ids)
    suggestions, given, heads = first_suggestions(session, ids), given_on(session, ids), heads_of(session, ids)
    asked = last_gone(session, ids, question_templates(services))
    return [
        {
            **line_of(line.item, services),
            **_of_the_sender(sender_in(line.item, names[item_id]), heads.get(item_id, NO_HEAD)),
            "clock": next((name for name, _ in clocks.get(line.item["case_id"], ())), None),
            "without_words": unread.get(item_id, 0),
            "sender_asked_at": asked[item_id].isoformat() if item_id in asked else None,
            **(_exception(line.item, suggestions.get(item_id), services) if line.handed is None else _NO_EXCEPTION),
            "state": line.handed or line.item["state"],
            "taken_by": line.taken.account if line.taken else None,
            **_given(given.get(item_id)),
        }
        for item_id, line in zip(ids, lines, strict=True)
    ]


def _of_the_sender(sender: Mapping[str, str | None], head: Head) -> dict[str, Any]:
    return {
        "from": from_whom(sender, head.sender),
        "subject": head.subject,
        "from_known": bool(sender["name"] or sender["address"] or sender["email"]),
    }


def _given(referral: Referral | None) -> dict[str, str | None]:
    """Return who gave the item away, not knowing what it is, and to whom; None where nobody, or nobody named."""
    return {
        "given_by": referral.account if referral else None,
        "given_to": referral.colleague if referral else None,
    }


def _exception(row: Mapping[str, Any], suggested: Mapping[str, Any] | None, services: Services) -> dict[str, Any]:
    return {
        "urgent": row["precedence"] == 0,
        "cause": row["cause"],
        "cause_in_words": cause_in_words(row["cause"]),
        "problem": row["problem"],
        "suggestion": {**suggested, "title": title_of(suggested["case_type"], services)} if suggested else None,
    }
