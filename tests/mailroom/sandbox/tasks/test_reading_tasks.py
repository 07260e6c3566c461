"""The three tasks that read pages, together, in children of one warm parent with its engine open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import ChildDied, TaskRefused, TooMuchMemory, TooSlow
from mailroom.sandbox.limits import GIGABYTE, PARSING, READING, Limits
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks.read_page import page_from_json, page_to_json

_FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages of a fax: one with words, one blank."""
    sheet = Image.new("L", (1240, 1754), 255)
    ImageDraw.Draw(sheet).text((150, 200), "The bins were missed\nat Gower Road", 0, ImageFont.truetype(_FONT, 48))
    path = tmp_path_factory.mktemp("letter") / "letter"
    pages = [sheet.convert("1"), Image.new("1", sheet.size, 1)]
    pages[0].save(path, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(150, 150))
    return path


def test_a_letter_goes_from_its_outline_to_a_copy_that_can_be_searched(
    sandbox: Sandbox, letter: Path, tmp_path: Path
) -> None:
    found = sandbox.run("look_inside", {}, source=letter, scratch=tmp_path, limits=PARSING)
    assert (found["media_type"], found["words"], found["pages"]) == ("image/tiff", "a TIFF image", 2)
    assert (found["headers"], found["obstacle"]) == ({}, None)
    pages = [
        sandbox.run("read_page", {"number": number}, source=letter, scratch=tmp_path, limits=READING)
        for number in (1, 2)
    ]
    assert pages[0]["text"].split() == ["The", "bins", "were", "missed", "at", "Gower", "Road"]
    assert [page["blank"] for page in pages] == [False, True]
    assert all((tmp_path / page["screen"]).read_bytes().startswith(b"\xff\xd8") for page in pages)
    without_words: list[dict[str, Any]] = [{**page, "words": []} for page in pages]
    copy = sandbox.run("searchable", {"pages": without_words}, source=letter, scratch=tmp_path, limits=PARSING)
    with pypdfium2.PdfDocument(tmp_path / copy["file"]) as pdf:
        text = pdf[0].get_textpage().get_text_range()
        assert len(pdf) == 2
    assert "bins were missed" in text


def test_a_word_keeps_its_place_on_the_way_through_json(sandbox: Sandbox, letter: Path, tmp_path: Path) -> None:
    page = sandbox.run("read_page", {"number": 1}, source=letter, scratch=tmp_path, limits=READING)
    reading = page_from_json(page, tmp_path)
    first = reading.words[0]
    assert (first.text, first.line) == ("The", 0)
    left, top, right, bottom = (side / reading.dpi for side in first.box)
    assert 0.9 < left < right < 1.8
    assert 1.2 < top < bottom < 1.8
    assert page_to_json(reading) == page


@pytest.mark.parametrize(
    ("content", "media_type", "cause"),
    [
        (b"%PDF-1.7 and nothing more", "application/pdf", Cause.DAMAGED),
        (b"GIF89a", "image/gif", Cause.UNKNOWN_FORMAT),
        (b"II*\0 and nothing more", "image/tiff", Cause.DAMAGED),
        (b"", "application/x-empty", Cause.EMPTY),
    ],
)
def test_what_cannot_be_opened_is_named_with_what_stands_in_the_way(
    sandbox: Sandbox, tmp_path: Path, content: bytes, media_type: str, cause: Cause
) -> None:
    (tmp_path / "file").write_bytes(content)
    found = sandbox.run("look_inside", {}, source=tmp_path / "file", scratch=tmp_path, limits=PARSING)
    assert (found["media_type"], found["pages"], found["obstacle"]["cause"]) == (media_type, 0, cause)
    assert found["obstacle"]["sentence"]


def test_a_document_of_more_pages_than_the_mailroom_allows_is_not_read(
    sandbox: Sandbox, letter: Path, tmp_path: Path
) -> None:
    found = sandbox.run("look_inside", {"most_pages": 1}, source=letter, scratch=tmp_path, limits=PARSING)
    assert found["obstacle"]["cause"] == Cause.TOO_LARGE


def test_a_page_of_more_pixels_than_the_mailroom_allows_is_refused(
    sandbox: Sandbox, letter: Path, tmp_path: Path
) -> None:
    arguments = {"number": 1, "most_pixels": 1_000_000}
    with pytest.raises(TaskRefused) as caught:
        sandbox.run("read_page", arguments, source=letter, scratch=tmp_path, limits=READING)
    assert caught.value.cause is Cause.TOO_LARGE


def test_the_only_page_brings_its_searchable_copy_with_it(sandbox: Sandbox, letter: Path, tmp_path: Path) -> None:
    with Image.open(letter) as fax:
        fax.save(tmp_path / "one-page", "TIFF", dpi=(150, 150))
    arguments = {"number": 1, "only": True}
    page = sandbox.run("read_page", arguments, source=tmp_path / "one-page", scratch=tmp_path, limits=READING)
    with pypdfium2.PdfDocument(tmp_path / page["searchable"]) as pdf:
        assert "bins were missed" in pdf[0].get_textpage().get_text_range()
        assert len(pdf) == 1


def test_a_page_that_is_not_there_is_refused(sandbox: Sandbox, letter: Path, tmp_path: Path) -> None:
    with pytest.raises(TaskRefused) as caught:
        sandbox.run("read_page", {"number": 3}, source=letter, scratch=tmp_path, limits=READING)
    assert caught.value.cause is Cause.INCOMPLETE


def test_a_locked_pdf_is_known_as_such(sandbox: Sandbox, tmp_path: Path) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "locked", encryption=pikepdf.Encryption(user="u", owner="o"))
    found = sandbox.run("look_inside", {}, source=tmp_path / "locked", scratch=tmp_path, limits=PARSING)
    assert (found["media_type"], found["obstacle"]["cause"]) == ("application/pdf", Cause.ENCRYPTED)


def test_a_form_within_forms_that_would_fill_any_memory_costs_its_child_alone(sandbox: Sandbox, tmp_path: Path) -> None:
    """Twelve forms, each drawing the next ten times: a trillion drawings from three kilobytes."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842)).obj
        form = pdf.make_stream(
            b"0 0 10 10 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 99, 99]
        )
        for _ in range(12):
            resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
            form = pdf.make_stream(
                b"/F Do " * 10, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 99, 99]
            )
            form.Resources = resources
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        page.Contents = pdf.make_stream(b"/F Do")
        pdf.save(tmp_path / "bomb")
    parent = sandbox.parent_pid
    with pytest.raises((TooSlow, TooMuchMemory, ChildDied)):
        sandbox.run(
            "read_page",
            {"number": 1},
            source=tmp_path / "bomb",
            scratch=tmp_path,
            limits=Limits(address_space=2 * GIGABYTE, wall_seconds=10),
        )
    assert (sandbox.parent_pid, sandbox.restarts) == (parent, 0)
