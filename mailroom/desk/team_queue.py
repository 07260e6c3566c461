"""A team's queue, page by page: what comes back this morning on top, then what is due first.

Before: an officer begins their day, or has finished a case and looks for the next. After: they act on one of the lines
(`back_office.py` and its neighbours). The keys of a line are a contract: scripts rely on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless
from mailroom.desk.naming import team_named
from mailroom.desk.promises import promises
from mailroom.desk.queue_line import from_whom, line_of, sender_in
from mailroom.domain.access import SEES_EVERY_TEAM, Role, Viewer
from mailroom.domain.catalogue import Team
from mailroom.domain.sla import LONDON, local_date
from mailroom.records.queue_lines import NO_HEAD, clocks_to_meet, heads_of, names_of, without_words
from mailroom.records.replies import newest_states
from mailroom.records.team_lines import Moment, Show, counts, how_many, lines
from mailroom.services import Services

PAGE = 50
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class QueuePage:
    """What a team sees of its queue.

    Attributes:
        team: whose.
        show: which part of it.
        page: number of this page, from 1.
        pages: how many there are; 1 where there is nothing.
        lines: the items on this page.
        counts: how much there is in the other parts.
    """

    team: Team
    show: Show
    page: int
    pages: int
    lines: Sequence[Mapping[str, Any]]
    counts: Mapping[Show, int]


def queue_page(team: str, viewer: Viewer, services: Services, show: Show = Show.OPEN, page: int = 1) -> QueuePage:
    """Return one page of the team's queue; a page beyond the last is the last.

    Raises:
        Refused: there is no such team, or the viewer does not work there.
    """
    found, at = refuse_strangers(team, viewer, services), moment_of(services.now())
    with services.records.look() as session:
        known = counts(session, found.key, viewer, at)
        total = known[show] if show in known else how_many(session, found.key, viewer, show, at)
        pages = max(1, -(-total // PAGE))
        number = min(max(page, 1), pages)
        rows = lines(session, found.key, viewer, show, at, offset=(number - 1) * PAGE, most=PAGE)
        return QueuePage(found, show, number, pages, _told(session, rows, services), known)


def teams_of(viewer: Viewer, services: Services) -> list[QueuePage]:
    """Return the teams whose queue the viewer may see, by name, each with its counts and no lines."""
    at, teams = moment_of(services.now()), services.catalogue.teams.values()
    with services.records.look() as session:
        return [
            QueuePage(team, Show.OPEN, 1, 1, (), counts(session, team.key, viewer, at))
            for team in sorted(teams, key=lambda team: team.name)
            if _works_with(team.key, viewer)
        ]


def whole_queue(team: str, viewer: Viewer, services: Services, show: Show = Show.OPEN) -> list[dict[str, Any]]:
    """Return all of it, for scripts.

    Raises:
        Refused: there is no such team, or the viewer does not work there.
    """
    key = refuse_strangers(team, viewer, services).key
    at = moment_of(services.now())
    found: list[dict[str, Any]] = []
    with services.records.look() as session:
        while rows := lines(session, key, viewer, show, at, offset=len(found), most=_AT_ONCE):
            found += _told(session, rows, services)
    return found


def moment_of(now: datetime) -> Moment:
    """Return the time of day as queues need it; pure."""
    today = local_date(now)
    return Moment(now, today, datetime.combine(today + timedelta(days=1), time(0), LONDON))


def refuse_strangers(team: str, viewer: Viewer, services: Services) -> Team:
    """Return the team whose queue the viewer wants to see.

    Raises:
        Refused: there is no such team, or the viewer does not work there.
    """
    found = team_named(team, services)
    refuse_unless(_works_with(found.key, viewer), f"Only those who work in {found.name} may see its queue.")
    return found


def _works_with(team: str, viewer: Viewer) -> bool:
    works_there = Role.BACK_OFFICE in viewer.roles and team in viewer.teams
    return works_there or bool(viewer.roles & SEES_EVERY_TEAM)


def _told(session: Session, rows: Sequence[Mapping[str, Any]], services: Services) -> list[dict[str, Any]]:
    ids, cases = [row["id"] for row in rows], [row["case_id"] for row in rows]
    names, clocks = names_of(session, ids), clocks_to_meet(session, cases)
    unread, replies, heads = without_words(session, ids), newest_states(session, ids), heads_of(session, ids)
    return [
        {
            **_line(row, services),
            "from": from_whom(sender_in(row, names[row["id"]]), heads.get(row["id"], NO_HEAD).sender),
            "subject": heads.get(row["id"], NO_HEAD).subject,
            "clock": next((name for name, _ in clocks.get(row["case_id"], ())), None),
            "promises": promises(clocks.get(row["case_id"], ()), services.catalogue.clocks),
            "without_words": unread.get(row["id"], 0),
            "reply": replies.get(row["id"]),
        }
        for row in rows
    ]


def _line(row: Mapping[str, Any], services: Services) -> dict[str, Any]:
    back = row["brought_forward_to"]
    return {
        **line_of(row, services),
        "state": row["state"],
        "message_in": row["case_reference"] if row["opened_for"] != row["id"] else None,
        "comes_back": back.isoformat() if back else None,
        "why_back": row["brought_forward_why"],
        "closed_at": row["closed_at"].isoformat() if row["closed_at"] else None,
        "outcome": row["outcome"],
    }
