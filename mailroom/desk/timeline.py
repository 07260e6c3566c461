"""The story of a case in the order of time: what happened to it, what was noted, what went out, which clocks it has.

Before: an officer opens a case. After: they know where it stands without asking anybody. Made from the records and the
chain of custody; only of items that the viewer may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.desk.audit import seen_by
from mailroom.desk.sentences import sentence_of
from mailroom.domain.access import Standing, Viewer, may_see
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import PROMISED_REPLY, running_clocks
from mailroom.records.replies import replies_of
from mailroom.records.tables import Case, CaseNote, Clock, CustodyDetail, CustodyEvent, Handoff, Item, Reply
from mailroom.services import Services

_PEOPLE_ARE_NOT = ("machine:", "channel:")
_ON_CHANGE = frozenset({"case_opened", "handed_over"})
"""Events that every run repeats: they are told only where they say something else than the last time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, or will be due.

    Attributes:
        at: when.
        kind: the custody event, `note`, `clock_met`, `clock_running` or `clock_late`.
        who: account name; None for the machine.
        sentence: what a person reads.
        text: the words that belong to it: of a note, of a message as it went out, of a reason.
    """

    at: datetime
    kind: str
    who: str | None
    sentence: str
    text: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for pages and scripts."""
        return {
            "at": self.at.isoformat(),
            "kind": self.kind,
            "who": self.who,
            "sentence": self.sentence,
            "text": self.text,
        }


def timeline(name: str, viewer: Viewer, services: Services) -> list[Entry]:
    """Return the story of the item's case, earliest first; what is still due comes last.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        items = [one for one in (item.case.items if item.case else [item]) if may_see(viewer, _standing(one))]
        found = [entry for one in items for entry in _of_item(session, one, services)]
        found += _of_case(session, item.case, services) if item.case else []
    return sorted(found, key=lambda entry: entry.at)


def _standing(item: Item) -> Standing:
    return Standing(item.sensitivity, item.settled, item.team)


def _of_item(session: Session, item: Item, services: Services) -> Iterator[Entry]:
    texts = _texts(session, item)
    last_told: dict[str, tuple[str, Any]] = {}
    for event, details in _events(session, item):
        sentence = sentence_of(event.kind, details, services)
        if sentence is None or (event.kind in _ON_CHANGE and last_told.get(event.kind) == _said(sentence, details)):
            continue
        last_told[event.kind] = _said(sentence, details)
        if event.kind == "received" and item.is_contact:
            sentence = f"Message {item.reference}: {sentence[:1].lower()}{sentence[1:]}"
        at = item.received_at if event.kind == "received" else event.at
        text = texts.get((event.kind, details.get("number")))
        yield Entry(at, event.kind, _who(event.actor), sentence, text)


def _said(sentence: str, details: Mapping[str, Any]) -> tuple[str, Any]:
    return sentence, details.get("number")


def _events(session: Session, item: Item) -> list[tuple[CustodyEvent, Mapping[str, Any]]]:
    query = select(CustodyEvent, CustodyDetail.details)
    query = query.outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    rows = session.execute(query.where(CustodyEvent.item_id == item.id).order_by(CustodyEvent.position))
    return [(event, details) for event, details in rows if details is not None]


def _texts(session: Session, item: Item) -> dict[tuple[str, int | None], str]:
    """Return the words that belong to events, by kind and number: events themselves never hold any."""
    told = acknowledgement_of(session, item.id)
    texts: dict[tuple[str, int | None], str] = {("acknowledged", None): _as_sent(told)} if told else {}
    if told and told.reason:
        texts["acknowledgement_refused", None] = told.reason
    for reply in replies_of(session, item.id):
        texts["replied", reply.number] = _as_sent(reply)
        texts["reply_written", reply.number] = _as_sent(reply)
        texts["question_sent", reply.number] = _as_sent(reply)
    returns = [row for row in _handoffs(session, item) if row.state == "returned"]
    for count, row in enumerate(returns, start=1):
        texts["returned", row.number] = row.reason or "" if count == 1 else f"{row.reason or ''} (return {count})"
    return texts


def _as_sent(message: Any) -> str:  # noqa: ANN401  # either kind of message
    return f"{message.subject}\n\n{message.text}"


def _handoffs(session: Session, item: Item) -> Sequence[Handoff]:
    return session.scalars(select(Handoff).where(Handoff.item_id == item.id).order_by(Handoff.number)).all()


def _of_case(session: Session, case: Case, services: Services) -> Iterator[Entry]:
    notes = select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.id)
    for note in session.scalars(notes):
        yield Entry(note.written_at, "note", note.author, "Note.", note.text)
    for reply in session.scalars(select(Reply).where(Reply.case_id == case.id, Reply.state.in_(_STUCK))):
        yield Entry(reply.not_before, "reply_stuck", None, _STUCK[reply.state].format(reply.number), reply.reason)
    for clock in running_clocks(case):
        yield _of_clock(clock, services)


_STUCK = {
    "failed": "Reply {} could not be sent.",
    "withheld": "Reply {} was withheld.",
    "to_print": "Reply {} waits to be printed and posted.",
}


def _of_clock(clock: Clock, services: Services) -> Entry:
    rule = services.catalogue.clocks.get(clock.name)
    title = rule.title if rule else "Promised answer given" if clock.name == PROMISED_REPLY else clock.name
    if clock.met_at is not None:
        late = " (late)" if clock.met_at > clock.due_at else ""
        return Entry(clock.met_at, "clock_met", None, f"Done{late}: {title}.")
    if clock.due_at < services.now():
        return Entry(clock.due_at, "clock_late", None, f"Overdue: {title}.")
    return Entry(clock.due_at, "clock_running", None, f"Due: {title}.")


def _who(actor: str) -> str | None:
    return None if actor.startswith(_PEOPLE_ARE_NOT) else actor
