"""What an original is found to be, and what becomes of one that cannot be opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest

from mailroom.domain.capture import Channel, Hints, Receipt
from mailroom.domain.errors import Cause, NeedsPerson
from mailroom.journey.travel import advance
from mailroom.records.items import start_again
from mailroom.records.tables import Item
from mailroom.sandbox.errors import TooSlow
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
MAIL = (
    b"From: Jo Bell <jo@example.org>\r\nTo: contact@harrowdale.example\r\nSubject: Missed bin\r\n"
    b"Date: Mon, 16 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nMy bin was missed.\r\n"
)


def test_each_kind_is_known_by_its_content_not_by_its_name(
    deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes], scan_of: Callable[[str], bytes]
) -> None:
    contents = {
        "application/pdf": (pdf_of("one", "two", "three"), 3),
        "image/png": (scan_of("one"), 1),
        "text/plain": (b"Dear Sir, one word.", 1),
        "message/rfc822": (MAIL, 1),
    }
    for media_type, (content, pages) in contents.items():
        item = travel(deliver(content, file_name="letter.exe").item_id, until="read")
        assert [(d.media_type, d.page_count) for d in item.documents] == [(media_type, pages)]
        assert item.originals[0].media_type == media_type


def test_the_head_of_a_message_is_kept_with_its_document(deliver: Deliver, travel: Travel) -> None:
    headers = travel(deliver(MAIL).item_id, until="classify").documents[0].headers
    assert (headers["subject"], headers["sender"]["address"], headers["message_id"]) == (
        "Missed bin",
        "jo@example.org",
        "<1@example.org>",
    )
    assert "text" not in headers


def locked_pdf(plain: bytes) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        pdf.save(buffer, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("letter.txt", "Dear Sir")
    return buffer.getvalue()


def test_what_cannot_be_opened_has_a_case_and_says_why(
    deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    hopeless = {
        Cause.EMPTY: b"",
        Cause.ENCRYPTED: locked_pdf(pdf_of("secret")),
        Cause.UNKNOWN_FORMAT: archive(),
        Cause.DAMAGED: b"%PDF-1.7\nthis is no PDF at all\n%%EOF",
    }
    for cause, content in hopeless.items():
        item = travel(deliver(content).item_id)
        assert (item.state, item.cause) == ("exception", cause)
        assert item.problem
        assert item.case is not None
        assert item.case.case_type == "unsorted"
        assert len(item.documents) == 1
        assert item.sensitivity == "normal"


def test_a_file_over_the_limit_is_kept_and_not_opened(services: Services, deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"x" * (1 << 20)).item_id, until="unpack")
    object.__setattr__(services.settings.limits, "megabytes", 0)
    item = travel(item.id)
    assert (item.state, item.cause) == ("exception", "too_large")
    assert "1 MB" in (item.problem or "")


def test_what_the_channel_knows_to_be_incomplete_goes_to_a_person_whatever_can_be_read(
    deliver: Deliver, travel: Travel
) -> None:
    item = travel(deliver(b"Dear Sir, my bin", defect="The scanner stopped half-way.").item_id)
    assert (item.state, item.cause) == ("exception", "incomplete")
    assert (item.problem or "").startswith("The scanner stopped half-way.")


def test_a_hint_of_a_limited_type_makes_an_unread_item_limited(deliver: Deliver, travel: Travel) -> None:
    item = travel(deliver(b"", hints=Hints(case_type="safeguarding_child")).item_id)
    assert (item.state, item.sensitivity) == ("exception", "limited")


def test_a_look_that_takes_too_long_gives_the_item_to_a_person(
    deliver: Deliver, travel: Travel, answering: Callable[..., Services]
) -> None:
    item = travel(deliver(b"Dear Sir").item_id, using=answering(look_inside=TooSlow(60)))
    assert (item.cause, [d.media_type for d in item.documents]) == ("too_slow", ["text/plain"])


def test_an_original_whose_very_beginning_is_too_much_is_of_unknown_kind(
    deliver: Deliver, travel: Travel, answering: Callable[..., Services]
) -> None:
    too_slow = answering(look_inside=TooSlow(60), identify=TooSlow(60))
    item = travel(deliver(b"Dear Sir").item_id, using=too_slow)
    assert (item.cause, [d.media_type for d in item.documents]) == ("too_slow", ["application/octet-stream"])


def test_unpacking_again_after_a_person_said_so_replaces_what_was_found(
    services: Services, deliver: Deliver, travel: Travel, answering: Callable[..., Services]
) -> None:
    need = NeedsPerson(Cause.DAMAGED, "Broken.")
    item_id = travel(deliver(b"Dear Sir, I make a formal complaint.").item_id, using=answering(look_inside=need)).id
    with services.records.work() as session:
        run = start_again(session.get_one(Item, item_id), "unpack", services.now())
        session.commit()
    assert advance(item_id, run, services)
    item = travel(item_id)
    assert [d.media_type for d in item.documents] == ["text/plain"]
    assert (item.state, item.cause, item.problem) == ("captured", None, None)


def test_a_whole_second_journey_keeps_one_case_and_one_reading(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    first = travel(deliver(foi_letter.encode()).item_id)
    with services.records.work() as session:
        start_again(session.get_one(Item, first.id), "unpack", services.now())
        session.commit()
    again = travel(first.id)
    assert (again.state, again.case_id) == ("captured", first.case_id)
    assert [len(document.pages) for document in again.documents] == [1]
    assert [len(document.decisions) for document in again.documents] == [1]


CHECKED = b"Authentication-Results: mx.harrowdale.example; spf=pass; dkim=fail\r\n" + MAIL


@pytest.fixture
def behind_mx(services: Services) -> Services:
    """The bundle of a mailroom that knows the mail server in front of it."""
    mail = services.settings.mail.model_copy(update={"authserv_id": "MX.harrowdale.example"})
    return replace(services, settings=services.settings.model_copy(update={"mail": mail}))


@pytest.mark.parametrize(("channel", "found"), [(Channel.EMAIL, {"spf": "pass", "dkim": "fail"}), (Channel.POST, {})])
def test_what_the_mail_server_in_front_says_is_kept_with_what_came_by_mail(
    deliver: Deliver, travel: Travel, behind_mx: Services, channel: Channel, found: dict[str, str]
) -> None:
    item = travel(deliver(CHECKED, channel=channel).item_id, until="classify", using=behind_mx)
    assert item.documents[0].headers["authentication"] == found
    assert item.proven_sender is None


def test_what_is_attached_has_no_word_of_our_mail_server(deliver: Deliver, travel: Travel, behind_mx: Services) -> None:
    carrying = (
        b"From: Jo <jo@example.org>\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + CHECKED + b"\r\n--b--\r\n"
    )
    item = travel(deliver(carrying, channel=Channel.EMAIL).item_id, until="classify", using=behind_mx)
    assert [document.headers["authentication"] for document in item.documents] == [{}, {}]
