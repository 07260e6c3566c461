"""What an office program wrote is shown as LibreOffice prints it, where the council has it; else its words alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from office_files import saved_as
from sqlalchemy import select

from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Cause
from mailroom.records.renditions import SEARCHABLE
from mailroom.records.tables import Item, Rendition
from mailroom.sandbox.errors import TaskRefused
from mailroom.services import Services
from mailroom.settings import Office

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
LETTER = rb"{\rtf1\ansi Dear Sir\par My refuse bin was missed on Tuesday.\page On the second page.}"


@pytest.fixture(scope="module")
def old_letter() -> bytes:
    return saved_as("doc", LETTER, "rtf")


@pytest.fixture
def printing(services: Services) -> Services:
    office = Office(program="soffice")
    return replace(services, settings=services.settings.model_copy(update={"office": office}))


def made(services: Services, item: Item) -> set[tuple[str, int | None, str]]:
    with services.records.look() as session:
        found = session.scalars(select(Rendition).where(Rendition.item_id == item.id))
        return {(rendition.kind, rendition.page, rendition.parent_sha256) for rendition in found}


def test_a_letter_of_the_old_kind_is_read_in_print_and_its_pages_are_shown(
    printing: Services, deliver: Deliver, travel: Travel, old_letter: bytes
) -> None:
    item = travel(deliver(old_letter).item_id, until="classify", using=printing)
    (document,), original = item.documents, item.originals[0].sha256
    assert (document.media_type, document.page_count) == ("application/msword", 2)
    assert "refuse bin was missed on Tuesday" in document.pages[0].text
    assert any(word[0] == "Tuesday." and word[2] < word[4] for word in document.pages[0].words)
    assert "second page" in document.pages[1].text
    assert made(printing, item) == {("screen", 1, original), ("screen", 2, original), ("searchable", None, original)}
    with printing.records.look() as session:
        of_the_copy = select(Rendition.made_by).where(Rendition.item_id == item.id, Rendition.kind == SEARCHABLE)
        assert session.scalars(of_the_copy).one().startswith("LibreOffice")


def test_without_libreoffice_it_goes_to_a_person_and_newer_kinds_are_read_without_a_page(
    services: Services, deliver: Deliver, travel: Travel, old_letter: bytes
) -> None:
    old = travel(deliver(old_letter).item_id)
    assert old.cause == Cause.UNKNOWN_FORMAT
    assert (old.problem or "").startswith(
        "This is a Word document of the old kind (.doc), which the mailroom cannot read."
    )
    new = travel(deliver(LETTER).item_id, until="classify")
    assert "refuse bin was missed" in (new.documents[0].text or "")
    assert made(services, new) == set()


def test_what_cannot_be_printed_keeps_the_words_that_are_typed_in_it(
    printing: Services, answering: Callable[..., Services], deliver: Deliver, travel: Travel, old_letter: bytes
) -> None:
    refusing = replace(answering(print_pages=TaskRefused(Cause.DAMAGED, "no")), settings=printing.settings)
    new = travel(deliver(LETTER).item_id, until="classify", using=refusing)
    assert "refuse bin was missed" in (new.documents[0].text or "")
    assert [page.made_by for page in new.documents[0].pages] == ["as typed"]
    old = travel(deliver(old_letter).item_id, using=refusing)
    assert (old.cause, old.problem) == (Cause.DAMAGED, "no")


def test_what_is_attached_to_a_mail_is_printed_too(
    printing: Services, deliver: Deliver, travel: Travel, old_letter: bytes
) -> None:
    mail = (
        b"From: jo@example.org\r\nSubject: My bin\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: application/msword; name=letter.doc\r\nContent-Disposition: attachment\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(old_letter)
    )
    item = travel(deliver(mail).item_id, until="classify", using=printing)
    message, letter = item.documents
    assert (len(message.pages), len(letter.pages)) == (1, 2)
    assert "refuse bin was missed" in (letter.text or "")
