"""What an officer keeps in mind of a case: notes, and a date on which it comes back.

Before: the case is open. After: the next officer reads what was done; what was brought forward is out of sight until
its morning and then on top, while its clock runs on. Events hold that a note was made, never its words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless
from mailroom.desk.in_hand import open_case_of, refuse_unless_theirs
from mailroom.domain.access import Task, Viewer
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.sla import local_date
from mailroom.records import custody
from mailroom.records.cases import next_due
from mailroom.records.tables import Case, CaseNote, Item
from mailroom.services import Services

_MOST = 10_000
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def write_note(name: str, text: str, viewer: Viewer, services: Services) -> Done:
    """Note something on the case of an item; a date that had come is done with by it.

    Raises:
        NotThere: no such item for this viewer.
        Refused: the viewer does not work with it, it has no case yet, or the note is empty or too long.
    """
    words = plain_words(text)
    refuse_unless(bool(words), "Write what is to be noted.")
    refuse_unless(len(words) <= _MOST, f"A note has at most {_MOST} characters; this one has {len(words)}.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = _noted_case(act)
        _add_note(act, case, words)
        done_with_today(act, case)
        act.log("noted")
        return act.done("The note stands with {}.")


def bring_forward(name: str, day: date | None, why: str, viewer: Viewer, services: Services) -> Done:
    """Put the case out of sight until the morning of a day; with no day, bring it back at once. Its clock runs on.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs, the case is closed, the day has come or gone, or no reason is given.
    """
    reason = plain_words(why)
    refuse_unless(day is None or bool(reason), "Say what you wait for: whoever has it that morning reads it.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = open_case_of(act)
        if day is None:
            case.brought_forward_to = case.brought_forward_why = None
            act.log("brought_back")
            return act.done("{} is in the queue again.")
        refuse_unless(day > local_date(act.now), "Name a day after today.")
        case.brought_forward_to, case.brought_forward_why = day, reason
        _add_note(act, case, f"Brought forward to {day.day} {day:%B %Y}: {reason}")
        act.log("brought_forward", to=day.isoformat())
        return act.done(f"{{}} comes back on {day:%A} {day.day} {day:%B %Y}.{_too_late(case, day)}", to=day.isoformat())


def _too_late(case: Case, day: date) -> str:
    """Return a sentence after a space where a deadline of the case ends before that day; empty where none does."""
    clock = next_due(case)
    if clock is None or local_date(clock.due_at) >= day:
        return ""
    return f" Its next deadline ends before that, on {day_in_words(clock.due_at, 'en')}."


def done_with_today(act: Act, case: Case) -> None:
    """Let a case that came back this morning fall into its place by clock: somebody has done something with it."""
    if case.brought_forward_to is not None and case.brought_forward_to <= local_date(act.now):
        case.brought_forward_to = case.brought_forward_why = None


def give_back_cases(session: Session, officer: str, *, works_in: Collection[str] = (), actor: str, at: datetime) -> int:
    """Let the open cases of an officer fall back to the teams that they work in no more, in the caller's unit of work.

    Args:
        session: the unit of work.
        officer: account name.
        works_in: teams whose cases they keep; none where they leave or do other work.
        actor: who changes what they do.
        at: when.

    Returns:
        How many cases there were; the administrator sees no more of them than that.
    """
    open_cases = Case.owner == officer, Case.closed_at.is_(None), Case.team.not_in(works_in)
    theirs = select(Case.id).where(*open_cases)
    # Items before cases, as every act locks them; the second look sees what an act has changed meanwhile.
    session.execute(select(Item.id).where(Item.case_id.in_(theirs)).order_by(Item.id).with_for_update())
    owned = session.scalars(select(Case).where(Case.id.in_(theirs)).order_by(Case.id).with_for_update()).all()
    for case in owned:
        case.owner = f"team:{case.team}"
        for item_id in session.scalars(select(Item.id).where(Item.case_id == case.id)):
            custody.record(session, item_id, "fell_back", actor=actor, at=at, details={"team": case.team})
    return len(owned)


def plain_words(text: str) -> str:
    """Return what somebody typed without what only a terminal or a screen would act on; line breaks stay."""
    lines = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in lines.split("\n")).strip()


def _noted_case(act: Act) -> Case:
    case = act.item.case
    if case is None:
        raise Refused(f"{act.item.reference} has no case yet. Try again in a moment.")
    refuse_unless_theirs(act.viewer, act.services.catalogue.teams[act.item.team or case.team])
    return case


def _add_note(act: Act, case: Case, text: str) -> None:
    note = CaseNote(case_id=case.id, item_id=act.item.id, author=act.viewer.name, written_at=act.now, text=text)
    act.session.add(note)
    act.session.flush()
