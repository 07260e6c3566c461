"""Nothing of what was painted over is left in a redacted copy: not as words, pixels, bytes or an earlier state."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from sample_letters import DISCOUNT, pdf_of
from sqlalchemy import select

from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.redacting import Hidden, redact
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.records.custody import digest_of_details
from mailroom.records.item_pages import pages_of, words_on
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Rendition
from mailroom.services import Services

SECRETS = (b"Pemberton", b"Quarry", b"71204455")


@pytest.fixture
def letter(deliver: Callable[..., Receipt], go_on: Callable[[str], Item]) -> Item:
    """A printed letter of one page with names in it."""
    return go_on(deliver(pdf_of(DISCOUNT.decode()), file_name="pemberton.pdf").item_id)


def page_of(services: Services, item: Item) -> tuple[int, list[list[Any]]]:
    """The width of the one page, and its words."""
    with services.records.look() as session:
        (page,) = pages_of(session, item.id)
        return page.width, list(words_on(session, [page.id])[page.id])


def test_no_word_pixel_or_byte_of_what_was_hidden_is_left(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path, events: Callable[[str], list[str]]
) -> None:
    width, read = page_of(services, letter)
    assert any("Pemberton" in word[0] for word in read)
    copy = tmp_path / "copy.pdf"
    hidden = Hidden(words=["Pemberton", "Quarry View", "71204455"], reason="for the applicant")
    done = redact(letter.reference, hidden, copy, clerk, services)
    assert "places on 1 page painted over." in done.sentence
    text = subprocess.run(["pdftotext", str(copy), "-"], capture_output=True, check=True).stdout
    assert text.strip() == b""
    raw = copy.read_bytes()
    assert (raw.count(b"%%EOF"), raw.count(b"startxref")) == (1, 1)
    assert [secret for secret in SECRETS for content in contents(copy, raw) if secret in content] == []
    with pikepdf.open(copy) as pdf:
        assert "/Metadata" not in pdf.Root
        assert "/Font" not in pdf.pages[0].Resources or not len(pdf.pages[0].Resources.Font)
        assert {str(key) for key in pdf.docinfo} <= {"/Producer", "/CreationDate"}
    picture = picture_in(copy, tmp_path)
    for word in read:
        if any(secret.decode() in word[0] for secret in SECRETS):
            assert darkest_and_lightest(picture, word, picture.width / width) == (0, 0), word
    assert events(letter.id)[-1] == "redacted"
    assert services.vault.open(letter.originals[0].sha256).close() is None


def contents(file: Path, raw: bytes) -> list[bytes]:
    """The bytes of the file, and those of each of its streams as they are without compression."""
    with pikepdf.open(file) as pdf:
        streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        return [raw, *(one.read_raw_bytes() for one in streams), *(unpacked(one.read_raw_bytes()) for one in streams)]


def unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


def picture_in(copy: Path, folder: Path) -> Image.Image:
    subprocess.run(["pdfimages", "-all", str(copy), str(folder / "picture")], check=True)
    (file,) = folder.glob("picture*")
    with Image.open(file) as opened:
        assert opened.getexif() == {}
        return opened.convert("L")


def darkest_and_lightest(picture: Image.Image, word: list[Any], scale: float) -> tuple[int, int]:
    """How dark and light the middle of a word is, where JPEG smears nothing in from outside."""
    left, top, right, bottom = (edge * scale for edge in word[2:6])
    low, high = picture.crop((int(left) + 1, int(top) + 1, int(right) - 1, int(bottom) - 1)).getextrema()
    return (int(low) // 16, int(high) // 16)  # type: ignore[arg-type]


def test_a_box_hides_what_it_covers_and_nothing_else(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path
) -> None:
    redact(letter.id, Hidden([1], ["0,0,600,400"], reason="why"), tmp_path / "copy.pdf", clerk, services)
    picture = picture_in(tmp_path / "copy.pdf", tmp_path)
    scale = picture.width / page_of(services, letter)[0]
    assert picture.crop((0, 0, int(590 * scale), int(390 * scale))).getextrema()[1] <= 16  # type: ignore[operator]
    assert picture.crop((int(700 * scale), 0, picture.width, picture.height)).getextrema()[1] > 200  # type: ignore[operator]


def test_it_is_kept_beside_the_original_and_can_be_told_who_made_it_what_for(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path
) -> None:
    redact(letter.id, Hidden([1], ["0,0,60,40"], reason="for the court"), tmp_path / "copy.pdf", clerk, services)
    with services.records.look() as session:
        made = session.scalars(
            select(Rendition).where(Rendition.item_id == letter.id, Rendition.kind == "redacted")
        ).one()
        event, detail = session.execute(
            select(CustodyEvent, CustodyDetail).join(CustodyDetail).where(CustodyEvent.kind == "redacted")
        ).one()
    assert (event.actor, detail.details["purpose"], detail.details["sha256"]) == ("kim", "for the court", made.sha256)
    assert digest_of_details(detail.salt, detail.details) == event.details_digest
    with services.vault.open(made.sha256, made.key) as kept:
        assert kept.read() == (tmp_path / "copy.pdf").read_bytes()


@pytest.mark.parametrize(
    ("hidden", "why"),
    [
        (Hidden(reason="why"), "Say what is to be painted over"),
        (Hidden(words=["Nobody"], reason="why"), "were not read on these pages"),
        (Hidden(boxes=["1,2,3,4"], reason="why"), "on which page is the box"),
        (Hidden([9], ["1,2,3,4"], reason="why"), "no picture of page 9"),
        (Hidden([1], ["99999,2,3,4"], reason="why"), "outside of page 1"),
        (Hidden([1], ["1,2,3,4"]), "Say why"),
    ],
)
def test_a_copy_that_would_hide_nothing_is_not_made(
    letter: Item, clerk: Viewer, services: Services, tmp_path: Path, hidden: Hidden, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        redact(letter.id, hidden, tmp_path / "copy.pdf", clerk, services)
    assert not (tmp_path / "copy.pdf").exists()


def test_what_is_not_theirs_to_see_is_not_theirs_to_copy(
    letter: Item, pat: Viewer, services: Services, tmp_path: Path
) -> None:
    with pytest.raises(NotThere):
        redact(letter.id, Hidden([1], ["1,2,3,4"], reason="why"), tmp_path / "copy.pdf", pat, services)
    manager = Viewer("mo", frozenset({Role.MANAGER}))
    with pytest.raises((NotThere, Refused)):
        redact(letter.id, Hidden([1], ["1,2,3,4"], reason="why"), tmp_path / "copy.pdf", manager, services)


def test_a_text_without_pictures_is_told(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services, tmp_path: Path
) -> None:
    item = go_on(deliver(DISCOUNT).item_id)
    with pytest.raises(Refused, match="has no page with a picture"):
        redact(item.id, Hidden(words=["Pemberton"], reason="why"), tmp_path / "copy.pdf", clerk, services)
