"""Letters printed as one PDF, later dates confirmed by a second person, files taken in by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from sample_letters import DISCOUNT
from sqlalchemy import select
from visitors import SignIn, Visitor

from mailroom.desk.correcting import correct
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.records.documents import BY_A_PERSON
from mailroom.records.looks import last_opened
from mailroom.records.tables import Acknowledgement, FieldRow, Item
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.letter_reply import LetterReply
from mailroom.replies.relay import Relay
from mailroom.services import Services
from mailroom.web.routes.upload import plain_name

Server = Any


@pytest.fixture
def services(services: Services) -> Services:
    """With letters."""
    council = services.settings.council
    maker = LetterReply(council.name, council.address, council.telephone, services.now)
    return replace(services, replies={**services.replies, "letter": maker})


@pytest.fixture
def letters(
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    step: Callable[[timedelta], None],
) -> list[Item]:
    """Two letters that wait to be printed."""
    items = [travel(deliver(DISCOUNT + f"\n{n}\n".encode()).item_id) for n in range(2)]
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    return items


def test_a_letter_that_may_have_gone_out_before_says_so_and_is_not_ticked(
    signed_in: SignIn, letters: list[Item], services: Services
) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    for item in letters:
        fields = {"field": ["sender_name", "sender_address", "sender_postcode"]}
        fields["value"] = ["Jane Pemberton", "4 Quarry View, Harrowdale", "HD7 4QT"]
        kim.post(f"/items/{item.id}/fields", fields)
    with services.records.work() as session:
        session.query(FieldRow).update({"source": BY_A_PERSON})
        session.query(Acknowledgement).filter_by(item_id=letters[0].id).update({"maybe_twice": True})
        session.commit()
    rows = kim.get("/letters").text.split("<tr>")
    said = {item.id: next(row for row in rows if f"/items/{item.id}" in row) for item in letters}
    told = [("may have gone out before" in said[item.id], " checked>" in said[item.id]) for item in letters]
    assert told == [(True, False), (False, True)]


def test_letters_with_their_addresses_come_out_as_one_pdf(
    signed_in: SignIn, letters: list[Item], services: Services
) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    for item in letters:
        fields = {"field": ["sender_name", "sender_address", "sender_postcode"]}
        fields["value"] = ["Jane Pemberton", "4 Quarry View, Harrowdale", "HD7 4QT"]
        kim.post(f"/items/{item.id}/fields", fields)
    page = kim.get("/letters").text
    assert page.count("Jane Pemberton, 4 Quarry View, Harrowdale, HD7 4QT") == 2
    told = kim.post("/letters/print", {"chosen": [item.id for item in letters]})
    assert (told.url.path, "2 letters were printed." in told.text) == ("/letters", True)
    assert "No letter waits" in told.text
    assert "Jane Pemberton" not in told.text
    address = unescape(told.text.partition('href="/letters.pdf')[2].partition('"')[0])
    for _ in range(2):  # the printer jams
        printed = kim.get(f"/letters.pdf{address}")
        assert printed.headers["content-type"] == "application/pdf"
        with pikepdf.open(BytesIO(printed.content)) as pdf:
            assert len(pdf.pages) == 2
    assert list(services.scratch.iterdir()) == []


def test_a_message_that_the_mail_server_refused_says_so_where_its_letter_waits_and_on_its_pages(
    signed_in: SignIn,
    services: Services,
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    step: Callable[[timedelta], None],
    mail_server: Server,
) -> None:
    told = services.settings.acknowledge.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": mail_server.port})
    email = EmailReply(Relay("127.0.0.1", mail_server.port), told.sender)
    settings = services.settings.model_copy(update={"acknowledge": told})
    mailing = replace(services, settings=settings, replies={**services.replies, "email": email})
    mail_server.says["RCPT"] = "550 no such user"
    item = travel(deliver(DISCOUNT, proven_sender="jane@example.org").item_id, using=mailing)
    step(timedelta(minutes=11))
    send_acknowledgements(mailing)
    kim = signed_in("kim", Role.POST_ROOM)
    why = "The mail server refuses the sender&#39;s address for good (550). Write by post."
    for path in ("/letters", f"/items/{item.id}"):
        page = kim.get(path).text
        assert why in page, path
        assert "could not be told by mail" in page
    kim.post(f"/items/{item.id}/no-letter", {})
    assert "No letter waits to be printed." in kim.get("/letters").text
    sam = signed_in("sam", Role.BACK_OFFICE, teams=["revenues"])
    assert "Our message was refused by the mail server." in sam.get(f"/cases/{item.reference}").text


def was_seen_by(name: str, item: Item, services: Services) -> bool:
    with services.records.look() as session:
        return last_opened(session, item.id, name) is not None


def test_the_file_of_a_print_run_holds_what_was_printed_then_and_is_the_post_room_s(
    signed_in: SignIn, letters: list[Item], services: Services, step: Callable[[timedelta], None]
) -> None:
    kim, sam = signed_in("kim", Role.POST_ROOM), signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    for name, value in {"sender_address": "4 Quarry View, Harrowdale", "sender_name": "Jane Pemberton"}.items():
        correct(letters[0].id, name, value, Viewer("kim", frozenset({Role.POST_ROOM})), services)
    told = kim.post("/letters/print", {"chosen": [letters[0].id, "HD-26-999999-X"]})
    assert "1 letter was printed. 1 could not be: There is no item" in unescape(told.text)
    asked = {"printed": letters[0].reference, "since": (services.now() - timedelta(minutes=1)).isoformat()}
    assert not was_seen_by("kim", letters[0], services)
    assert kim.get("/letters.pdf", params=asked).status_code == 200
    assert was_seen_by("kim", letters[0], services)  # whoever has the file has seen what it says
    assert sam.get("/letters.pdf", params=asked).status_code == 403
    step(timedelta(minutes=5))
    later = kim.get("/letters.pdf", params={**asked, "since": services.now().isoformat()})
    assert (later.status_code, "None of these letters was printed then" in later.text) == (409, True)
    assert kim.get("/letters.pdf", params={**asked, "printed": letters[1].reference}).status_code == 409


def test_a_letter_without_an_address_says_what_is_missing_and_is_not_printed(
    signed_in: SignIn, letters: list[Item]
) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    kim.post(f"/items/{letters[0].id}/fields", {"field": ["sender_address"], "value": [""]})
    answer = kim.post("/letters/print", {"chosen": [letters[0].id]})
    assert (answer.status_code, "is not complete" in answer.text) == (409, True)
    assert kim.post("/letters/print").status_code == 409


def test_a_later_date_waits_for_somebody_else(
    signed_in: SignIn, deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services
) -> None:
    kim, lee = signed_in("kim", Role.POST_ROOM), signed_in("lee", Role.POST_ROOM)
    item = travel(deliver(DISCOUNT, received_at=services.now() - timedelta(days=4)).item_id)
    day = (services.now() - timedelta(days=1)).date().isoformat()
    shown = kim.get(f"/items/{item.id}/received?day={day}").text
    assert "Answered in full" in shown
    assert "until a second person confirms it" in shown
    told = kim.post(f"/items/{item.id}/received", {"day": day, "reason": "date stamp"}).text
    assert "waits for a second person" in told
    assert "somebody else must" in kim.get("/dates").text
    dates = lee.get("/dates").text
    assert "Answered in full" in dates
    number = dates.partition('action="/dates/')[2].partition("/")[0]
    assert "later date of receipt" in lee.post(f"/dates/{number}/confirm").text
    assert "No date waits" in lee.get("/dates").text


def test_files_are_taken_in_each_as_an_item_of_its_own(signed_in: SignIn, services: Services) -> None:
    kim = signed_in("kim", Role.POST_ROOM)
    files = [("files", (name, DISCOUNT, "text/plain")) for name in ("one.txt", "..\\..\\two.txt")]
    day = (services.now() - timedelta(days=1)).date().isoformat()
    page = kim.post("/upload", {"channel": "fax", "day": day}, files=files).text
    with services.records.look() as session:
        items = session.scalars(select(Item).order_by(Item.reference)).all()
    assert [(item.file_name, item.channel) for item in items] == [("one.txt", "fax"), ("two.txt", "fax")]
    assert all(item.reference in page for item in items)
    assert {item.received_at.date().isoformat() for item in items} == {day}
    assert list(services.scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("form", "files", "why"),
    [
        ({}, [], "Choose at least one file"),
        ({"channel": "pigeon"}, ["a.txt"], "no channel"),
        ({"day": "yesterday"}, ["a.txt"], "is no date"),
        ({"day": "2030-01-01"}, ["a.txt"], "still to come"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    form: dict[str, str], files: list[str], why: str, signed_in: SignIn
) -> None:
    kim: Visitor = signed_in("kim", Role.POST_ROOM)
    answer = kim.post("/upload", form, files=[("files", (name, b"x", "text/plain")) for name in files] or None)
    assert (answer.status_code, why in answer.text) == (409, True)


def test_only_the_post_room_takes_files_in_and_prints(signed_in: SignIn) -> None:
    sam = signed_in("sam", Role.BACK_OFFICE, teams=("revenues",))
    for path in ("/upload", "/letters", "/dates"):
        assert sam.get(path).status_code == 403


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\a.tif", "a.tif"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\u202e.pdf", "ab.pdf"),
        ("x" * 300 + ".pdf", "x" * 197 + ".pdf"),
    ],
)
def test_a_file_s_name_means_no_folder_and_nothing_hidden(written: str, name: str) -> None:
    assert plain_name(written) == name
