"""The contract of every way in: nothing is let go before the door has it, and nothing comes in twice.

A channel joins by a class in `ways_in.py` and its name in `WAYS_IN`: how things get to its source, and how one round
of it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from postfix_in_front import Postfix, postfix
from ways_in import FolderWayIn, MailboxWayIn, MailWayIn, WayIn

from mailroom.channels.smtp_settings import Protocol as Spoken
from mailroom.domain.capture import Capture, Deliver, Receipt
from mailroom.domain.errors import Transient

WAYS_IN = ("folder", "mailbox", "smtp", "lmtp")


class Killed(BaseException):
    """The process is gone."""


class Door:
    """Accepts by source identity, as the real one does; can be told to fail before or after it has accepted."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.captures: list[Capture] = []
        self.before: Callable[[bytes], object] = lambda _content: None
        self.after: Callable[[bytes], object] = lambda _content: None
        self.letter_in: Callable[[bytes], bytes] = lambda captured: captured

    def deliver(self, capture: Capture) -> Receipt:
        content = self.letter_in(capture.spooled.read_bytes())
        self.captures.append(capture)
        self.before(content)
        known = capture.source in self.items
        self.items[capture.source] = content
        capture.spooled.unlink()
        self.after(content)
        return Receipt(capture.source, f"HD-26-{len(self.items):06d}", redelivered=known)

    def contents(self) -> list[bytes]:
        return sorted(self.items.values())


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture(scope="session")
def in_front(closed_ports: Callable[[int], list[int]]) -> Iterator[Callable[[Spoken], Postfix]]:
    """Gives a mail server in front that speaks this with us; one for all tests."""
    with ExitStack() as running:

        @cache
        def start(spoken: Spoken) -> Postfix:
            return running.enter_context(postfix(*closed_ports(3), spoken))

        yield start


@pytest.fixture(params=WAYS_IN)
def way_in(request: pytest.FixtureRequest, tmp_path: Path, door: Door) -> WayIn:
    way = _way_in(request.param, request.getfixturevalue, tmp_path, door.deliver)
    door.letter_in = way.letter_in
    return way


def _way_in(name: str, given: Callable[[str], Any], place: Path, deliver: Deliver) -> WayIn:
    if name == "folder":
        return FolderWayIn(place, deliver)
    if name == "mailbox":
        return MailboxWayIn(place, deliver, given("records"), given("mailbox_server"))
    spoken = Spoken(name)
    return MailWayIn(place, deliver, given("in_front")(spoken), spoken)


def fail_with(fault: BaseException) -> Callable[[bytes], object]:
    def fail(_content: bytes) -> object:
        raise fault

    return fail


def test_what_arrives_is_handed_in_once_byte_for_byte(way_in: WayIn, door: Door) -> None:
    way_in.put(b"a letter\r\n\x01\xff")  # no NUL: mail servers may not hand one on (RFC 3501 section 9)
    way_in.run()
    way_in.run()
    assert door.contents() == [b"a letter\r\n\x01\xff"]
    assert len(door.captures) == 1
    assert way_in.waiting() == 0


def test_a_capture_says_when_and_by_which_way_it_was_received(way_in: WayIn, door: Door) -> None:
    way_in.put(b"a letter")
    way_in.run()
    assert door.captures[0].received_at.tzinfo is not None
    assert door.captures[0].received_at <= datetime.now(UTC)
    assert door.captures[0].defect is None
    assert door.captures[0].way == way_in.way


def test_the_source_keeps_it_until_the_door_has_answered(way_in: WayIn, door: Door) -> None:
    lying_there: list[int] = []
    door.after = lambda _content: lying_there.append(way_in.waiting())
    way_in.put(b"a letter")
    way_in.run()
    assert lying_there == [1]
    assert way_in.waiting() == 0


@pytest.mark.parametrize("fault", [Transient("no room"), OSError(5, "broken"), RuntimeError("not foreseen")])
def test_what_the_door_does_not_take_stays_and_is_tried_again(way_in: WayIn, door: Door, fault: Exception) -> None:
    way_in.put(b"a letter")
    door.before = fail_with(fault)
    way_in.run()
    assert door.items == {}
    assert way_in.waiting() == 1
    door.before = lambda _content: None
    way_in.run()
    assert door.contents() == [b"a letter"]
    assert way_in.waiting() == 0


def test_one_thing_the_door_does_not_take_holds_up_no_other(way_in: WayIn, door: Door) -> None:
    def refuse_the_second(content: bytes) -> None:
        if content == b"letter 2":
            raise Transient("not this one")

    door.before = refuse_the_second
    for number in range(1, 6):
        way_in.put(b"letter %d" % number)
    way_in.run()
    assert door.contents() == [b"letter 1", b"letter 3", b"letter 4", b"letter 5"]
    assert way_in.waiting() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_the_door_neither_loses_nor_doubles(way_in: WayIn, door: Door, moment: str) -> None:
    way_in.put(b"a letter")
    setattr(door, moment, fail_with(Killed()))
    with pytest.raises(Killed):
        way_in.run()
    assert way_in.waiting() == 1
    setattr(door, moment, lambda _content: None)
    way_in.restart()
    way_in.run()
    assert door.contents() == [b"a letter"]
    assert way_in.waiting() == 0


def test_equal_bytes_that_arrive_twice_are_two_deliveries(way_in: WayIn, door: Door) -> None:
    way_in.put(b"the same letter")
    way_in.put(b"the same letter")
    way_in.run()
    assert door.contents() == [b"the same letter"] * 2
