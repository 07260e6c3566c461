"""Makes the records of a large mailroom without carrying a single letter: what pages and searches are measured on.

Before: an empty database that is up to date. After: so many items over a year with all that hangs on them, as the
journey would have left them: a few late, a few open, most answered. The same number gives the same items every time.
Digests and hashes are made up: `verify` would find fault with them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.domain.references import make_reference, number_in
from mailroom.domain.sla import due_at
from mailroom.records.reindexing import begin_anew, go_on
from mailroom.records.session import Records
from mailroom.records.tables import Base
from mailroom.records.tables.items import NEVER
from mailroom.services import Services

_CHUNK = 2000
_DAYS = 365
_CHANNELS = {Channel.POST: 60, Channel.EMAIL: 22, Channel.EFORM: 10, Channel.FAX: 5, Channel.SMS: 3}
_NAMES = ("Pemberton", "Treharne", "Osgood", "Walsh", "Iqbal", "Novak", "Adeyemi", "Price", "Hughes", "Kaur")
_EVENTS = ("received", "unpacked", "read", "classified", "case_opened", "acknowledged", "handed_over", "accepted")
_WORDS_A_LETTER = 60
_RARE_WORDS = 20_000
_CLOSED_AFTER = timedelta(days=20)

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Mix:
    """The shares of the items that need a person, and of those that the machine has not come to yet."""

    exceptions: float = 0.03
    waiting: float = 0.004


USUAL = Mix()


@dataclass(frozen=True, slots=True)
class Made:
    """One item in the making: its number, chance, moment of receipt and where it goes."""

    number: int
    chance: random.Random
    received_at: datetime
    case_type: str
    team: str

    @property
    def id(self) -> str:
        """The item's id, which the ids of what hangs on it begin with."""
        return f"{self.number:032x}"


def fill(records: Records, services: Services, count: int, now: datetime, mix: Mix = USUAL) -> None:
    """Put `count` items into the records, received over the year before `now`."""
    types = [(key, service.team) for key, service in services.catalogue.services.items()]
    for first in range(1, count + 1, _CHUNK):
        rows: Rows = {}
        for number in range(first, min(first + _CHUNK, count + 1)):
            for table, row in _rows(_made(number, count, types, now), mix, services, now):
                rows.setdefault(table, []).append(row)
        _write(records, rows)
    begin_anew(records)
    for _ in go_on(records, lambda _: None):
        pass


def _made(number: int, count: int, types: Sequence[tuple[str, str]], now: datetime) -> Made:
    chance = random.Random(number)  # noqa: S311  # the same items every time, nothing secret
    day = now - timedelta(days=_DAYS * (count - number) / count)
    received_at = day.replace(hour=12, minute=0, second=0, microsecond=0) if chance.random() < 0.6 else day
    case_type, team = types[int(len(types) * chance.random() ** 2)]
    return Made(number, chance, min(received_at, now), case_type, team)


def _rows(made: Made, mix: Mix, services: Services, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    late, waits = made.chance.random() < 0.006, made.chance.random() < mix.waiting
    opened_at = made.received_at + (timedelta(days=6) if late else timedelta(minutes=2))
    captured_at = None if waits or opened_at > now else opened_at
    exception = made.chance.random() < mix.exceptions
    state = ItemState.WAITING if captured_at is None else ItemState.EXCEPTION if exception else ItemState.CAPTURED
    closed_at = _closed_at(made, now) if state is ItemState.CAPTURED else None
    clocks = list(_clocks(made, captured_at, closed_at, services)) if captured_at else []
    due = min((clock["due_at"] for clock in clocks if clock["met_at"] is None), default=NEVER)
    desk = made.team if state is ItemState.CAPTURED and not closed_at else None
    item, receipt = _item(made, state, captured_at, due, desk)
    yield from (item, receipt)
    yield from _contents(made, state, limited=item[1]["sensitivity"] == "limited")
    if captured_at is not None:
        yield "case_file", _case(made, captured_at, closed_at)
        yield from (("clock", clock) for clock in clocks)
        if state is ItemState.CAPTURED:
            yield from _sent_on(made, captured_at)


def _reference(made: Made) -> str:
    return make_reference("HD", 25, made.number)


def _item(
    made: Made, state: ItemState, captured_at: datetime | None, due: datetime, desk: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    channel = made.chance.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    settled, exception = state is ItemState.CAPTURED, state is ItemState.EXCEPTION
    yield (
        "item",
        {
            "id": made.id,
            "reference": _reference(made),
            "number": number_in(_reference(made)),
            "channel": channel,
            "file_name": f"scan{made.number}.pdf",
            "received_at": made.received_at,
            "receipt_assumed": False,
            "taken_at": made.received_at,
            "state": state,
            "next_stage": "read" if state is ItemState.WAITING else None,
            "run": 1,
            "child_deaths": 0,
            "service_deaths": 0,
            "attempts": 0,
            "changed_at": made.received_at,
            "cause": "unsure" if exception else None,
            "problem": "Two suggestions are close." if exception else None,
            "suggested": made.case_type if exception else None,
            "precedence": 1,
            "due_at": due,
            "desk": desk,
            "sensitivity": "limited" if made.chance.random() < 0.02 else "normal",
            "settled": settled,
            "team": made.team if settled else None,
            "case_id": made.id if captured_at else None,
            "captured_at": captured_at,
        },
    )
    receipt = {"id": made.number, "channel": channel, "source": made.id, "item_id": made.id}
    yield "receipt", {**receipt, "taken_at": made.received_at}


def _contents(made: Made, state: ItemState, *, limited: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    name = f"{made.chance.choice(_NAMES)} {made.chance.randrange(900)}"
    words = " ".join(f"w{int(_RARE_WORDS * made.chance.random() ** 6)}" for _ in range(_WORDS_A_LETTER))
    at, of_item = made.received_at, {"item_id": made.id, "ordinal": 1, "media_type": "application/pdf"}
    original = {"sha256": f"{made.number:064x}", "size": 200_000, "key": "k", "file_name": "a.pdf", "stored_at": at}
    yield "original", {"id": made.id, **of_item, **original}
    document = {"page_count": 2, "text": words, "confidence": 0.9, "headers": {}}
    yield "document", {"id": made.id, "original_id": made.id, **of_item, **document}
    for field, value in (
        ("sender_name", name),
        ("sender_postcode", f"HD{made.chance.randrange(1, 20)} {made.chance.randrange(1, 10)}AB"),
        ("letter_date", at.date().isoformat()),
        ("council_tax_account", f"7{made.chance.randrange(10**7):07d}"),
    ):
        row = {"document_id": made.id, "name": field, "value": value, "folded": value.lower(), "confidence": 0.9}
        yield "index_field", {**row, "source": "pattern"}
    yield "decision", _decision(made, state)
    search_text = {"number": number_in(_reference(made)), "item_id": made.id, "limited": limited}
    yield "search_text", {**search_text, "body": f"{name} {words}"}
    for position, kind in enumerate(_EVENTS, start=1):
        yield "custody_event", _event(made, position, kind)


def _decision(made: Made, state: ItemState) -> dict[str, Any]:
    how = {"sensitivity": "normal", "urgency": "normal", "confidence": 0.9, "decided_by": "rule", "actor": "machine"}
    sure = state is not ItemState.EXCEPTION
    suggestions = [] if sure else [{"case_type": made.case_type, "confidence": 0.5, "reasons": []}]
    what = {"document_id": made.id, "case_type": made.case_type, "team": made.team, "settled": sure}
    return {**what, **how, "reasons": [], "suggestions": suggestions, "decided_at": made.received_at}


def _event(made: Made, position: int, kind: str) -> dict[str, Any]:
    digest = f"{made.number * 100 + position:064x}"
    known = {"id": f"{made.number:020x}{position:04x}", "item_id": made.id, "position": position, "kind": kind}
    hashes = {"details_digest": digest, "previous": digest, "hash": digest}
    return {**known, **hashes, "actor": "machine:x", "at": made.received_at + timedelta(seconds=position)}


def _closed_at(made: Made, now: datetime) -> datetime | None:
    closed_at = made.received_at + _CLOSED_AFTER * made.chance.random()
    return closed_at if closed_at < now and made.chance.random() < 0.97 else None


def _case(made: Made, opened_at: datetime, closed_at: datetime | None) -> dict[str, Any]:
    case = {"id": made.id, "reference": _reference(made), "opened_for": made.id}
    owner = {"team": made.team, "owner": f"team:{made.team}", "case_type": made.case_type}
    end = {"closed_at": closed_at, "outcome": "answered"} if closed_at else {}
    return {**case, **owner, "opened_at": opened_at, **end}


def _clocks(
    made: Made, opened_at: datetime, closed_at: datetime | None, services: Services
) -> Iterator[dict[str, Any]]:
    for name in services.catalogue.services[made.case_type].clocks:
        due = due_at(services.catalogue.clocks[name], made.received_at, services.calendars)
        met_at = closed_at or (opened_at if name.endswith("_one_working_day") else None)
        clock = {"case_id": made.id, "name": name, "statutory": False, "started_at": made.received_at}
        yield {**clock, "due_at": due, "met_at": met_at}


def _sent_on(made: Made, opened_at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    told = opened_at + timedelta(minutes=10) if made.chance.random() < 0.8 else None
    way = {"way": "email" if told else "none", "state": "sent" if told else "withheld", "subject": "s", "text": "t"}
    message = {"not_before": opened_at, "message_id": made.id, "attempts": 1, "maybe_twice": False, "sent_at": told}
    yield "acknowledgement", {"id": made.id, "item_id": made.id, **way, **message}
    returned = made.chance.random() < 0.03
    answered = {"state": "returned" if returned else "accepted", "answered_at": opened_at + timedelta(hours=3)}
    yield (
        "handoff",
        {"id": made.id, "item_id": made.id, "number": 1, "team": made.team, "offered_at": opened_at, **answered},
    )
    if returned or made.chance.random() < 0.05:
        change = {"what": "case_type", "new": made.case_type, "reason": "", "actor": "kim", "made_at": opened_at}
        yield "correction", {"item_id": made.id, **change, "needs_second": False}


def _write(records: Records, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    tables = Base.metadata.tables
    with records.connection() as connection:
        for table in sorted(rows, key=_IN_ORDER.index):
            columns = {column.key for column in tables[table].columns if column.nullable}
            complete = [{**dict.fromkeys(columns), **row} for row in rows[table]]
            connection.execute(insert(tables[table]), complete)
        connection.commit()


_IN_ORDER = [table.name for table in Base.metadata.sorted_tables]
