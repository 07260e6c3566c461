"""What an item is taken for, who may see it from then on, and which index data it carries."""

from __future__ import annotations

import io
import itertools
import math
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from database_server import ON_SQLITE
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from classifiers.classifier import Evidence, Verdict
from mailroom.desk.correcting import correct
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Hints, Receipt
from mailroom.journey.travel import advance
from mailroom.records.documents import index_of
from mailroom.records.finding import find, lines_of
from mailroom.records.items import start_again
from mailroom.records.tables import Counter, Item
from mailroom.records.wanted import Wanted
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
POST_ROOM = Viewer("p", frozenset({Role.POST_ROOM}))
NAMED = Viewer("n", frozenset({Role.POST_ROOM}), named_for_limited=True)
AT_RISK = b"Dear Sir\n\nThe child next door is left alone at night and has bruises. I am worried for her.\n\nJo Bell\n"


def ids_found(session: Session, words: str, viewer: Viewer) -> list[str]:
    found = find(session, Wanted(words), viewer)
    return [line["id"] for line in lines_of(session, found, found.keys)]


def test_a_clear_request_is_settled_with_reasons_and_suggestions(
    deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, until="open_case")
    decision = item.documents[0].decisions[-1]
    assert (decision.case_type, decision.settled, decision.statutory) == ("foi", True, "foi")
    assert decision.confidence >= 0.8
    assert decision.reasons
    assert decision.suggestions[0]["case_type"] == "foi"
    assert (item.settled, item.team, item.sensitivity) == (True, decision.team, "normal")


def test_index_data_are_found_in_typed_text(deliver: Deliver, travel: Travel, foi_letter: str) -> None:
    item = travel(deliver(foi_letter.encode()).item_id, until="open_case")
    index = index_of(item)
    assert (index["sender_postcode"], index["letter_date"]) == ("HD2 3AB", "2026-11-14")
    assert {field.page for field in item.documents[0].fields} == {1}
    assert all(field.box is None for field in item.documents[0].fields)


def test_index_data_read_from_paper_carry_their_box(
    deliver: Deliver, travel: Travel, scan_of: Callable[[str], bytes], foi_letter: str
) -> None:
    item = travel(deliver(scan_of(foi_letter)).item_id, until="open_case")
    field = next(field for field in item.documents[0].fields if field.name == "sender_postcode")
    assert field.value == "HD2 3AB"
    assert field.box is not None
    left, top, right, bottom = field.box
    street = next(field for field in item.documents[0].fields if field.name == "sender_address")
    assert (street.value, street.page) == ("12 Hill Road, Harrowdale", 1)
    assert street.box is not None
    assert (street.box[1] < top, street.box[3] >= bottom) == (True, True)
    assert 0 < left < right <= 1654
    assert 0 < top < bottom <= 2339


class _Looking:
    """The real classifier, which first asks whether anybody reads the records: a reader keeps the log from its end."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.readers: list[int] = []

    def classify(self, evidence: Evidence) -> Verdict:
        with self._services.records.work() as session:
            session.add(Counter(series="written meanwhile", value=1))
            session.commit()
        with sqlite3.connect(self._services.settings.data / "mailroom.sqlite", timeout=0) as other:
            self.readers.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        other.close()
        return self._services.classifier.classify(evidence)


@ON_SQLITE
def test_no_view_of_the_records_is_open_while_a_letter_is_sorted(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    looking = _Looking(services)
    item = travel(deliver(foi_letter.encode()).item_id, until="open_case", using=replace(services, classifier=looking))
    assert item.settled
    assert looking.readers == [0]


def test_what_nothing_points_to_goes_to_a_person(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"Dear Sir\n\nThank you for the other day.\n").item_id)
    assert (item.state, item.cause, item.settled, item.team) == ("exception", "unsure", False, None)


def test_a_page_without_words_goes_to_a_person(
    deliver: Deliver, travel: Travel, scan_of: Callable[[str], bytes]
) -> None:
    item = travel(deliver(scan_of("")).item_id)
    assert (item.state, item.cause) == ("exception", "no_text")
    assert item.case is not None


def scribbled_under(scan: bytes) -> bytes:
    """The same page with ten lines below its print that nobody can read."""
    with Image.open(io.BytesIO(scan)) as page:
        draw = ImageDraw.Draw(page)
        for line, word in itertools.product(range(10), range(8)):
            left, middle = 180 + 165 * word, 1400 + 70 * line
            bends = [
                (left + x, middle + 17 * math.sin(x / 6) * math.cos((line + word + 2) * x / 40)) for x in range(130)
            ]
            draw.line(bends, fill=0, width=3)
        buffer = io.BytesIO()
        page.save(buffer, "PNG", dpi=(200, 200))
    return buffer.getvalue()


def test_a_clear_request_with_lines_that_could_not_be_read_goes_to_a_person(
    deliver: Deliver, travel: Travel, scan_of: Callable[[str], bytes], foi_letter: str
) -> None:
    item = travel(deliver(scribbled_under(scan_of(foi_letter))).item_id)
    assert (item.state, item.cause, item.settled) == ("exception", "unread", False)
    assert item.problem is not None
    assert "page 1 could not be read" in item.problem
    assert item.documents[0].pages[0].unread > 0.15


def test_somebody_at_risk_makes_the_item_limited_even_when_nothing_is_settled(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(AT_RISK).item_id)
    assert item.sensitivity == "limited"
    assert item.state == "exception" or item.documents[0].decisions[-1].case_type.startswith("safeguarding")


def test_words_can_be_searched_from_the_moment_the_sensitivity_is_known_and_not_before(
    services: Services, deliver: Deliver, travel: Travel
) -> None:
    item_id = travel(deliver(AT_RISK).item_id, until="classify").id
    with services.records.look() as session:
        assert len(ids_found(session, "bruises", NAMED)) == 0
    advance(item_id, 1, services)
    with services.records.look() as session:
        assert len(ids_found(session, "bruises", NAMED)) == 1
        assert len(ids_found(session, "bruises", POST_ROOM)) == 0


def test_an_attachment_that_nobody_opened_keeps_a_message_from_being_settled(
    deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    mail = (
        "From: mary@example.org\r\nTo: us@example.org\r\nSubject: Freedom of information request\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{foi_letter}\r\n"
        '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\n%PDF-\r\n'
        "--b--\r\n"
    )
    item = travel(deliver(mail.encode(), channel=Channel.EMAIL).item_id)
    assert (item.state, item.cause) == ("exception", "attachments")
    assert "'a.pdf' is a PDF document that is damaged. Ask the sender to send it again." in (item.problem or "")


def test_a_hint_of_a_limited_type_makes_the_item_limited(deliver: Deliver, travel: Travel, foi_letter: str) -> None:
    item = travel(deliver(foi_letter.encode(), hints=Hints(case_type="safeguarding_child")).item_id)
    assert (item.sensitivity, item.settled, item.cause) == ("limited", False, "unsure")


def test_sorting_again_keeps_the_older_decision_below_the_new_one(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    with services.records.work() as session:
        start_again(session.get_one(Item, item.id), "classify", services.now())
        session.commit()
    again = travel(item.id)
    assert len(again.documents[0].decisions) == 2
    with services.records.look() as session:
        assert len(ids_found(session, "refuse contracts", POST_ROOM)) == 1


@pytest.mark.parametrize("hostile", ["\f" * 500, "\u202e\u2066abc" * 50, '" OR 1=1 -- NEAR(', "word " * 20_000])
def test_any_text_gets_through(deliver: Deliver, travel: Travel, hostile: str) -> None:
    item = travel(deliver(hostile.encode()).item_id)
    assert item.state in ("exception", "captured")
    assert item.cause != "stopped_the_reader"


def test_what_a_person_typed_stands_when_the_item_is_sorted_again(
    deliver: Deliver, travel: Travel, services: Services, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode()).item_id)
    assert index_of(item)["sender_address"] == "12 Hill Road, Harrowdale"
    correct(item.id, "sender_address", "Flat 2, 12 Hill Road, Harrowdale", POST_ROOM, services)
    with services.records.work() as session:
        start_again(session.get_one(Item, item.id), "classify", services.now())
        session.commit()
    index = index_of(travel(item.id))
    assert index["sender_address"] == "Flat 2, 12 Hill Road, Harrowdale"
    assert index["sender_postcode"] == "HD2 3AB"


def a_mail(text: bytes) -> bytes:
    head = b'From: "Mary O\'Bell" <Mary@bell.example>\r\nSubject: Blocked gully in Quarry View\r\n'
    return head + b"Message-ID: <A1.7@mua.bell.example>\r\n\r\n" + text


MARKS = (
    "blocked gully quarry view",
    "Mary@bell.example",
    "bounce@bell.example",
    "<A1.7@mua.bell.example>",
    "A1.7@mua.bell.example",
    "mary o'bell",
)


@pytest.mark.parametrize("query", MARKS)
def test_a_mail_is_found_by_its_subject_its_sender_and_its_message_id(
    deliver: Deliver, travel: Travel, services: Services, query: str
) -> None:
    mail = a_mail(b"Water stands there when it rains.\r\n")
    receipt = deliver(mail, channel=Channel.EMAIL, file_name="message.eml", proven_sender="bounce@bell.example")
    item = travel(receipt.item_id)
    with services.records.look() as session:
        assert ids_found(session, query, POST_ROOM) == [item.id]
        assert ids_found(session, f"{query}x", POST_ROOM) == []


@pytest.mark.parametrize("query", MARKS)
def test_the_marks_of_a_mail_that_may_concern_somebody_at_risk_are_found_by_those_named_for_it_alone(
    deliver: Deliver, travel: Travel, services: Services, query: str
) -> None:
    mail = a_mail(AT_RISK)
    receipt = deliver(mail, channel=Channel.EMAIL, file_name="message.eml", proven_sender="bounce@bell.example")
    item = travel(receipt.item_id)
    assert item.sensitivity == "limited"
    with services.records.look() as session:
        assert ids_found(session, query, NAMED) == [item.id]
        assert ids_found(session, query, POST_ROOM) == []
        assert len(ids_found(session, query, POST_ROOM)) == 0


def test_what_a_person_settles_is_still_found_by_its_subject(
    deliver: Deliver, travel: Travel, services: Services, settle: Callable[[str, str], None]
) -> None:
    item = travel(deliver(a_mail(b"Hello.\r\n"), channel=Channel.EMAIL, file_name="message.eml").item_id)
    assert not item.settled
    settle(item.id, "council_tax_single_person_discount")
    with services.records.look() as session:
        assert ids_found(session, "gully", POST_ROOM) == [item.id]
