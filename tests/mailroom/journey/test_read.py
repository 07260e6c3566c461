"""Pages, words with boxes, the image for the screen and the searchable PDF, in one pass."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Cause
from mailroom.records.items import start_again
from mailroom.records.tables import Item, Rendition
from mailroom.sandbox.errors import TaskRefused
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
MAIL = b"From: jo@example.org\r\nTo: us@example.org\r\nSubject: Bins\r\n\r\nMy bin was missed.\r\n"
TYPED = "12 Hill Road\nHarrowdale\nHD2 3AB\n\nDear Sir\n\nMy refuse bin was missed on Tuesday.\n\nMary Bell"


def renditions(services: Services, item: Item) -> dict[tuple[str, int | None], Rendition]:
    with services.records.look() as session:
        found = session.scalars(select(Rendition).where(Rendition.item_id == item.id))
        return {(rendition.kind, rendition.page): rendition for rendition in found}


def content(services: Services, rendition: Rendition) -> bytes:
    with services.vault.open(rendition.sha256, key=rendition.key) as stream:
        return stream.read()


def test_a_scan_becomes_text_with_boxes_a_screen_image_and_a_searchable_pdf(
    services: Services, deliver: Deliver, travel: Travel, scan_of: Callable[[str], bytes]
) -> None:
    item = travel(deliver(scan_of(TYPED)).item_id, until="classify")
    (document,) = item.documents
    (page,) = document.pages
    assert "My refuse bin was missed on Tuesday" in (document.text or "")
    assert (page.width, page.height, page.dpi, page.blank, page.damaged) == (1654, 2339, 200, False, False)
    text, confidence, left, top, right, bottom, _line = next(word for word in page.words if word[0] == "refuse")
    assert text == "refuse"
    assert 0.5 < confidence <= 1
    assert 180 <= left < right < 1654
    assert 200 < top < bottom < 1000
    assert 0.8 < (document.confidence or 0) <= 1
    made = renditions(services, item)
    assert set(made) == {("screen", 1), ("searchable", None)}
    with Image.open(io.BytesIO(content(services, made["screen", 1]))) as screen:
        assert screen.format == "JPEG"
    pdf = pypdfium2.PdfDocument(content(services, made["searchable", None]))
    assert "refuse bin" in pdf[0].get_textpage().get_text_range()
    pdf.close()
    assert {rendition.parent_sha256 for rendition in made.values()} == {item.originals[0].sha256}
    assert all(rendition.made_by for rendition in made.values())


def test_each_page_of_a_pdf_is_read_in_its_place(
    services: Services, deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    item = travel(deliver(pdf_of("The first page", "The second page")).item_id, until="classify")
    (document,) = item.documents
    assert [page.number for page in document.pages] == [1, 2]
    first, second = (document.text or "").split("\f")
    assert ("first" in first, "second" in second) == (True, True)
    assert set(renditions(services, item)) == {("screen", 1), ("screen", 2), ("searchable", None)}
    with pikepdf.open(io.BytesIO(content(services, renditions(services, item)["searchable", None]))) as pdf:
        assert len(pdf.pages) == 2


def test_typed_text_is_read_as_it_stands_and_makes_no_rendition(
    services: Services, deliver: Deliver, travel: Travel
) -> None:
    item = travel(deliver("Dear Sir, caf\u00e9 \u00a35".encode()).item_id, until="classify")
    (page,) = item.documents[0].pages
    assert (page.text, page.confidence, page.words, page.made_by) == (
        "Dear Sir, caf\u00e9 \u00a35",
        1.0,
        [],
        "as typed",
    )
    assert renditions(services, item) == {}


def test_a_message_is_read_with_its_own_words_by_the_one_child_that_looks_into_it(
    services: Services, deliver: Deliver, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks, run = [], services.sandbox.run
    monkeypatch.setattr(services.sandbox, "run", lambda task, *a, **known: tasks.append(task) or run(task, *a, **known))
    item = travel(deliver(MAIL).item_id, until="classify")
    assert "My bin was missed." in (item.documents[0].text or "")
    assert tasks == ["look_inside"]
    assert [page.made_by for page in item.documents[0].pages] == ["as typed"]


@pytest.mark.parametrize("content", [MAIL, b"Dear Sir, my bin was missed."])
def test_what_was_typed_and_has_no_words_yet_is_looked_into_once_more(
    services: Services, deliver: Deliver, travel: Travel, content: bytes
) -> None:
    item_id = travel(deliver(content).item_id, until="classify").id
    with services.records.work() as session:
        item = session.get_one(Item, item_id)
        item.documents[0].text = item.documents[0].confidence = None
        start_again(item, "read", services.now())
        session.commit()
    item = travel(item_id, until="classify")
    assert "bin was missed" in (item.documents[0].text or "")
    assert len(item.documents[0].pages) == 1


def test_what_is_encrypted_is_so_still_when_it_is_read_once_more(
    services: Services, deliver: Deliver, travel: Travel
) -> None:
    sealed = b"From: jo@example.org\r\nSubject: x\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b--\r\n"
    first = travel(deliver(sealed).item_id)
    with services.records.work() as session:
        start_again(session.get_one(Item, first.id), "read", services.now())
        session.commit()
    again = travel(first.id)
    assert (again.state, again.cause, again.problem) == (first.state, "encrypted", first.problem)


def test_reading_again_replaces_pages_and_renditions(
    services: Services, deliver: Deliver, travel: Travel, pdf_of: Callable[..., bytes]
) -> None:
    item = travel(deliver(pdf_of("The first page")).item_id, until="classify")
    before = renditions(services, item)
    with services.records.work() as session:
        start_again(session.get_one(Item, item.id), "read", services.now())
        session.commit()
    item = travel(item.id, until="classify")
    after = renditions(services, item)
    assert set(after) == set(before)
    assert {r.id for r in after.values()}.isdisjoint(r.id for r in before.values())
    assert len(item.documents[0].pages) == 1


@pytest.mark.parametrize("task", ["read_page", "searchable"])
def test_a_page_that_cannot_be_read_leaves_nothing_half_written(
    services: Services,
    deliver: Deliver,
    travel: Travel,
    answering: Callable[..., Services],
    pdf_of: Callable[..., bytes],
    task: str,
) -> None:
    refused = TaskRefused(Cause.DAMAGED, "Page 1 is torn.")
    item = travel(deliver(pdf_of("The first page", "The second")).item_id, using=answering(**{task: refused}))
    assert (item.state, item.cause, item.problem) == ("exception", "damaged", "Page 1 is torn.")
    assert (item.documents[0].text, item.documents[0].pages) == (None, [])
    assert renditions(services, item) == {}
