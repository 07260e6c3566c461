"""A formatted mail as it was meant to be seen: drawn once, kept, on record, and never in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.desk.audit import NotThere
from mailroom.desk.drawing import drawn_message, lit_on, sheet_shown
from mailroom.desk.item_page import open_item
from mailroom.desk.post_room import mark_sensitive, settle
from mailroom.desk.retrying import retry
from mailroom.desk.undoing import undo_decision
from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.items import ItemState
from mailroom.records.happenings import happened_since
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Rendition
from mailroom.sandbox.errors import ChildDied, TooSlow
from mailroom.services import Services

Deliver = Callable[..., Receipt]
GoOn = Callable[[str], Item]
HTML = (
    b"From: Peter Fenwick <peter@example.org>\r\nSubject: My bill\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Dear Council</p><p>I should like a <b>refund</b> of my council tax, and a discount or exemption.</p>"
)
PLAIN = b"From: Peter Fenwick <peter@example.org>\r\nSubject: My bill\r\n\r\nA refund, or a discount or exemption?\r\n"


class _Sandbox:
    """The real one, but that what draws answers so, and that every call is counted."""

    def __init__(self, real: Any, answer: object = None) -> None:  # noqa: ANN401
        self.real, self.answer, self.drawn = real, answer, 0

    def ready(self) -> bool:
        return bool(self.real.ready())

    def run(self, task: str, arguments: Mapping[str, Any], *, source: Path, scratch: Path) -> Any:  # noqa: ANN401
        if task == "draw_message":
            self.drawn += 1
            if isinstance(self.answer, Exception):
                raise self.answer
            if self.answer is not None:
                return dict(self.answer)  # type: ignore[call-overload]
        return self.real.run(task, arguments, source=source, scratch=scratch)


def drawing_with(services: Services, answer: object = None) -> tuple[Services, _Sandbox]:
    sandbox = _Sandbox(services.sandbox, answer)
    return replace(services, sandbox=sandbox), sandbox


@pytest.fixture
def mail(deliver: Deliver, go_on: GoOn) -> Item:
    item = go_on(deliver(HTML, channel=Channel.EMAIL, file_name="mail.eml").item_id)
    assert item.state == "exception"
    return item


def made(services: Services, item: Item) -> list[tuple[str, int | None, str]]:
    with services.records.look() as session:
        found = session.scalars(select(Rendition).where(Rendition.item_id == item.id).order_by(Rendition.kind))
        return [(one.kind, one.page, one.media_type) for one in found]


def events(services: Services, item: Item) -> list[tuple[str, str, Any]]:
    query = select(CustodyEvent.kind, CustodyEvent.actor, CustodyDetail.details)
    query = query.join(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    with services.records.look() as session:
        rows = session.execute(query.where(CustodyEvent.item_id == item.id, CustodyEvent.kind.like("%drawn")))
        return [(row.kind, row.actor, row.details) for row in rows]


def test_nothing_is_drawn_before_somebody_looks(mail: Item, services: Services) -> None:
    assert made(services, mail) == [("formatted", 1, "text/html")]


def test_it_is_drawn_once_kept_and_on_record(mail: Item, clerk: Viewer, services: Services) -> None:
    counting, sandbox = drawing_with(services)
    first = drawn_message(mail.reference, 1, clerk, counting)
    assert drawn_message(mail.id, 1, clerk, counting) == first
    assert sandbox.drawn == 1
    assert [word[0] for word in first.words[:4]] == ["Dear", "Council", "I", "should"]
    assert (first.sheets[0][0], len(first.sheets), first.problem) == (0, 1, "")
    assert first.height == first.sheets[0][2] > first.width
    with sheet_shown(mail.id, 1, 1, clerk, services) as sheet:
        assert sheet.read(3) == b"\xff\xd8\xff"
    assert made(services, mail) == [
        ("drawing", None, "application/json"),
        ("formatted", 1, "text/html"),
        ("sheet", 1, "image/jpeg"),
    ]
    assert events(services, mail) == [("drawn", "machine:draw", {"sheets": 1, "cut": False})]


def test_the_look_is_on_record(mail: Item, clerk: Viewer, services: Services) -> None:
    drawn_message(mail.id, 1, clerk, services)
    looked = select(CustodyEvent.kind).where(CustodyEvent.item_id == mail.id, CustodyEvent.actor == clerk.name)
    with services.records.look() as session:
        assert session.scalars(looked).all() == ["viewed"]


def test_what_a_suggestion_rests_on_is_lit_where_it_stands(mail: Item, clerk: Viewer, services: Services) -> None:
    found, drawn = open_item(mail.id, clerk, services), drawn_message(mail.id, 1, clerk, services)
    assert not any(reason.boxes for one in found.suggestions for reason in one.reasons)
    lit = [reason for one in lit_on(drawn, found, 1).suggestions for reason in one.reasons if reason.boxes]
    (refund,) = [word for word in drawn.words if word[0] == "refund"]
    assert any(
        left <= refund[2] and top <= refund[3] and refund[4] <= right and refund[5] <= bottom
        for reason in lit
        for left, top, right, bottom in reason.boxes
    )


@pytest.mark.parametrize("fault", [TooSlow(3), ChildDied("it was ended by signal 11")])
def test_what_cannot_be_drawn_is_no_exception_and_is_not_tried_again(
    mail: Item, clerk: Viewer, services: Services, fault: Exception
) -> None:
    failing, sandbox = drawing_with(services, fault)
    for _ in range(2):
        drawn = drawn_message(mail.id, 1, clerk, failing)
        assert drawn.problem
        assert drawn.sheets == ()
    assert sandbox.drawn == 1
    ((kind, _, details),) = events(services, mail)
    assert kind == "not_drawn"
    assert details == {"cause": "too_slow" if isinstance(fault, TooSlow) else None}
    with services.records.look() as session:
        item = session.get_one(Item, mail.id)
        assert (item.state, item.run, item.problem) == (mail.state, mail.run, mail.problem)


def test_a_machine_that_cannot_draw_says_so_and_draws_once_it_can(
    mail: Item, clerk: Viewer, services: Services
) -> None:
    unready, _ = drawing_with(services, {"ready": False})
    assert "Health" in drawn_message(mail.id, 1, clerk, unready).problem
    assert events(services, mail) == []
    assert drawn_message(mail.id, 1, clerk, services).sheets


def test_a_mail_that_is_read_anew_is_drawn_anew(mail: Item, clerk: Viewer, services: Services, go_on: GoOn) -> None:
    drawn_message(mail.id, 1, clerk, services)
    retry(mail.id, clerk, services, "unpack")
    go_on(mail.id)
    assert made(services, mail) == [("formatted", 1, "text/html")]
    assert drawn_message(mail.id, 1, clerk, services).sheets
    assert len(events(services, mail)) == 2


def test_what_was_not_formatted_has_no_drawing(
    deliver: Deliver, go_on: GoOn, clerk: Viewer, services: Services
) -> None:
    item = go_on(deliver(PLAIN, channel=Channel.EMAIL, file_name="mail.eml").item_id)
    for ask in (drawn_message, lambda *asked: sheet_shown(asked[0], 1, *asked[1:])):
        with pytest.raises(NotThere, match="was not formatted"):
            ask(item.id, 1, clerk, services)


def test_who_may_not_see_the_item_is_told_that_there_is_none(
    mail: Item, clerk: Viewer, named: Viewer, services: Services
) -> None:
    drawn_message(mail.id, 1, clerk, services)
    mark_sensitive(mail.id, named, services, reason="somebody is at risk")
    with pytest.raises(NotThere):
        drawn_message(mail.id, 1, clerk, services)
    with pytest.raises(NotThere):
        sheet_shown(mail.id, 1, 1, clerk, services)
    assert drawn_message(mail.id, 1, named, services).sheets


def test_a_drawing_is_no_change_that_somebody_is_told_of_or_that_stops_an_undo(
    mail: Item, clerk: Viewer, named: Viewer, services: Services, go_on: GoOn
) -> None:
    open_item(mail.id, named, services)
    settle(mail.id, "council_tax_refund", clerk, services)
    go_on(mail.id)
    drawn_message(mail.id, 1, clerk, services)
    with services.records.look() as session:
        assert "drawn" not in [one.kind for one in happened_since(session, mail.id, named.name)]
    undo_decision(mail.id, clerk, services)
    with services.records.look() as session:
        assert session.get_one(Item, mail.id).state is ItemState.EXCEPTION
