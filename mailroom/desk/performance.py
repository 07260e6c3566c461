"""The one-day promise in figures: what came in, where it stands, what has a case within one working day, what has not.

Captured in the sense of the promise means: has a case, exceptions included. The figure is given with the cut-off rule
and without it, because mail that comes a minute after the cut-off otherwise has until the day after next. Figures count
everything; what names an item is shown to those who may see it, and only counted for all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from mailroom.desk.item_view import cause_in_words
from mailroom.desk.mail_ways import MailWay, mail_ways
from mailroom.domain.access import Standing, Viewer, may_see
from mailroom.domain.figures import Figures, share, total
from mailroom.domain.promise import Span
from mailroom.records.alarms import alarms_raised
from mailroom.records.figures import captures
from mailroom.records.incomplete import incomplete_files
from mailroom.records.kept_objects import count_waiting
from mailroom.records.late import Late, Why, late_items
from mailroom.records.ledger import Days, lines
from mailroom.records.spans import days_of_receipt
from mailroom.records.tables import Alarm, IncompleteSource, Item
from mailroom.services import Services

_UNSEEN = Standing(sensitivity=None, settled=False, team=None)
"""How a file stands that is not taken in yet: nobody has looked at it."""

_CAME_LATE = "It reached the mailroom after its day of receipt."
_STOOD_STILL = "It has stood still in the mailroom."
_NO_DAY = "No working days are known for its date of receipt."

_Row = TypeVar("_Row")


def status(viewer: Viewer, services: Services, days: Days) -> dict[str, Any]:
    """Return the ledger by channel, the one-day figure, the ways of mail, unfinished files at the ways in, and alarms.

    Figures count everything; what names an item or a file is listed only where it is the viewer's to see, and
    `not_shown` counts the rest.
    """
    now = services.now()
    with services.records.look() as session:
        cut = spans_of(session, days, services)
        figures = total(captures(session, cut, now).values())
        late = late_items(session, cut, now, viewer)
        unfinished, alarms = incomplete_files(session), alarms_raised(session)
        told_files = _only(unfinished, lambda _file: may_see(viewer, _UNSEEN))
        told_alarms = _only(alarms, lambda alarm: _may_read(alarm, viewer, session))
        return {
            "channels": lines(session, days),
            "one_working_day": {**promise(figures), "late": late_lines(late, cut)},
            "waiting_for_store": count_waiting(session),
            "mail": [_way_in_figures(way) for way in mail_ways(services)],
            "incomplete": [_unfinished(file) for file in told_files],
            "alarms": [{"subject": alarm.subject, "sentence": alarm.sentence} for alarm in told_alarms],
            "not_shown": {
                "late": figures.late - len(late),
                "incomplete": len(unfinished) - len(told_files),
                "alarms": len(alarms) - len(told_alarms),
            },
        }


def _way_in_figures(way: MailWay) -> dict[str, Any]:
    """Return what a way of mail is like now; what is wrong with it stands among the alarms."""
    looked_at, last = (moment and moment.isoformat() for moment in (way.looked_at, way.last_mail))
    return {"way": way.name, "looked_at": looked_at, "waiting": way.waiting, "last_mail": last}


def spans_of(session: Session, days: Days, services: Services) -> list[Span]:
    """Return the spans of all days in these on which something may have been received."""
    return services.promises.spans_of(days_of_receipt(session, days))


def promise(figures: Figures) -> dict[str, Any]:
    """Return the one-day figure: how many were captured in time, of how many that are due."""
    return {
        "number": figures.in_time,
        "of": figures.due,
        "share": share(figures.in_time, figures.due),
        "number_without_cut_off": figures.in_time_without_cut_off,
    }


def late_lines(late: Iterable[Late], cut: Iterable[Span]) -> list[dict[str, Any]]:
    """Return the late items with the sentence that says why."""
    unknown = {span.day: span.unknown for span in cut if span.unknown}
    return [_late(line, unknown) for line in late]


def reason_in_words(why: Why) -> str:
    """Return why items are late in a sentence that names none of them."""
    if not why.known:
        return _NO_DAY
    needs = cause_in_words(why.cause)
    return _CAME_LATE if why.came_late else f"It needs a person: {needs}." if needs else _STOOD_STILL


def _late(line: Late, unknown: Mapping[date, str | None]) -> dict[str, Any]:
    item = line.item
    reason = unknown.get(line.day) or (_CAME_LATE if line.why.came_late else item.problem or _STOOD_STILL)
    received_at = item.received_at.isoformat()
    return {"reference": item.reference, "channel": item.channel, "received_at": received_at, "reason": reason}


def _only(rows: Iterable[_Row], may: Callable[[_Row], bool]) -> list[_Row]:
    return [row for row in rows if may(row)]


def _may_read(alarm: Alarm, viewer: Viewer, session: Session) -> bool:
    """An alarm about one item names it, in its subject after the colon and in its sentence."""
    item = session.get(Item, alarm.subject.partition(":")[2])
    return item is None or may_see(viewer, Standing(item.sensitivity, item.settled, item.team))


def _unfinished(file: IncompleteSource) -> dict[str, str]:
    return {"path": file.path, "channel": file.channel, "sentence": file.sentence}
