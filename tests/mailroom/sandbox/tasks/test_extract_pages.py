import hashlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import tifftools
from pikepdf import Array, Dictionary, Name
from PIL import Image

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.extract_pages import extract_pages

_SECRET = b"the secret of page "


def scanned_batch(path: Path, pages: int) -> Path:
    """A batch as some scanners write it: every image in one resource dictionary that all pages share."""
    with pikepdf.new() as pdf:
        images = Dictionary()
        for number in range(1, pages + 1):
            image = pdf.make_stream(_SECRET + b"%d" % number, Type=Name.XObject, Subtype=Name.Image, Width=19, Height=1)
            image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
            images[f"/Image{number}"] = image
        shared = pdf.make_indirect(Dictionary(XObject=images))
        for number in range(1, pages + 1):
            page = pdf.add_blank_page(page_size=(595, 842)).obj
            page.Resources = shared
            page.Contents = pdf.make_stream(b"q 500 0 0 700 0 0 cm /Image%d Do Q" % number)
        pdf.save(path, compress_streams=False)
    return path


def form_over_two_pages(path: Path) -> Path:
    """A field whose boxes stand on two pages, and a link from the first to the second."""
    with pikepdf.new() as pdf:
        first, second = (pdf.add_blank_page(page_size=(595, 842)).obj for _ in range(2))
        field = pdf.make_indirect(Dictionary(T="name", V="the secret of page 2", Kids=Array()))
        for page in (first, second):
            box = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], Parent=field, P=page)
            page.Annots = Array([pdf.make_indirect(box)])
            field.Kids.append(page.Annots[0])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        second.Contents = pdf.make_stream(b"% the secret of page 2")
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], Dest=[second, Name.Fit])
        first.Annots.append(link)
        pdf.save(path, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path


def bitonal_tiff(path: Path, pages: int) -> Path:
    sheets = [Image.effect_noise((200, 100), 80 + number).convert("1") for number in range(pages)]
    sheets[0].save(path, "TIFF", save_all=True, append_images=sheets[1:], compression="group4", dpi=(300, 300))
    return path


def strips_of(path: Path) -> list[list[bytes]]:
    content, pages = path.read_bytes(), []
    for ifd in tifftools.read_tiff(path)["ifds"]:
        places, lengths = (ifd["tags"][tag]["data"] for tag in (273, 279))
        pages.append([content[place : place + length] for place, length in zip(places, lengths, strict=True)])
    return pages


def extract(source: Path, folder: Path, media_type: str, first: int, last: int) -> Path:
    arguments: dict[str, Any] = {"media_type": media_type, "first": first, "last": last}
    found = extract_pages(source, folder, arguments)
    assert found["pages"] == last - first + 1
    return folder / str(found["file"])


def test_pages_of_a_pdf_keep_their_image_streams_to_the_byte(tmp_path: Path) -> None:
    taken = extract(scanned_batch(tmp_path / "batch", 5), tmp_path, "application/pdf", 2, 3)
    with pikepdf.open(taken) as pdf:
        streams = [next(iter(page.get_images().values())).read_raw_bytes() for page in pdf.pages]
    assert streams == [_SECRET + b"2", _SECRET + b"3"]


def test_an_extract_holds_nothing_of_the_other_pages_even_where_they_share_their_resources(tmp_path: Path) -> None:
    taken = extract(scanned_batch(tmp_path / "batch", 5), tmp_path, "application/pdf", 4, 4)
    assert taken.read_bytes().count(_SECRET) == 1


def test_an_extract_does_not_follow_links_and_fields_to_other_pages(tmp_path: Path) -> None:
    source = form_over_two_pages(tmp_path / "form")
    assert source.read_bytes().count(b"the secret of page 2") == 2
    taken = extract(source, tmp_path, "application/pdf", 1, 1)
    assert b"secret" not in taken.read_bytes()


def test_pages_of_a_tiff_keep_their_strips_to_the_byte(tmp_path: Path) -> None:
    source = bitonal_tiff(tmp_path / "batch", 5)
    taken = extract(source, tmp_path, "image/tiff", 2, 4)
    assert strips_of(taken) == strips_of(source)[1:4]
    with Image.open(taken) as image:
        assert image.info["dpi"] == (300, 300)


@pytest.mark.parametrize("media_type", ["application/pdf", "image/tiff"])
def test_the_same_pages_give_the_same_bytes_each_time(tmp_path: Path, media_type: str) -> None:
    make = scanned_batch if media_type == "application/pdf" else bitonal_tiff
    source = make(tmp_path / "batch", 3)
    digests = {hashlib.sha256(extract(source, tmp_path, media_type, 1, 2).read_bytes()).hexdigest() for _ in range(2)}
    assert len(digests) == 1


@pytest.mark.parametrize("media_type", ["application/pdf", "image/tiff"])
def test_pages_that_are_not_there_are_refused(tmp_path: Path, media_type: str) -> None:
    make = scanned_batch if media_type == "application/pdf" else bitonal_tiff
    with pytest.raises(TaskRefused, match="has 3 pages, and page 4") as caught:
        extract(make(tmp_path / "batch", 3), tmp_path, media_type, 2, 4)
    assert caught.value.cause is Cause.INCOMPLETE


def test_a_locked_pdf_is_refused(tmp_path: Path) -> None:
    scanned_batch(tmp_path / "open", 1)
    with pikepdf.open(tmp_path / "open") as pdf:
        pdf.save(tmp_path / "locked", encryption=pikepdf.Encryption(user="u", owner="o"))
    with pytest.raises(TaskRefused) as caught:
        extract(tmp_path / "locked", tmp_path, "application/pdf", 1, 1)
    assert caught.value.cause is Cause.ENCRYPTED


@pytest.mark.parametrize(
    ("content", "media_type", "cause"),
    [
        (b"%PDF-1.7 and nothing more", "application/pdf", Cause.DAMAGED),
        (b"II*\x00\xff\xff\xff\x00", "image/tiff", Cause.DAMAGED),
        (b"", "image/tiff", Cause.DAMAGED),
        (b"\xff\xd8\xff", "image/jpeg", Cause.UNKNOWN_FORMAT),
    ],
)
def test_what_cannot_be_cut_is_refused(tmp_path: Path, content: bytes, media_type: str, cause: Cause) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(TaskRefused) as caught:
        extract(tmp_path / "file", tmp_path, media_type, 1, 1)
    assert caught.value.cause is cause


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1)])
def test_a_range_that_is_none_is_a_mistake_of_the_caller(tmp_path: Path, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        extract(bitonal_tiff(tmp_path / "batch", 2), tmp_path, "image/tiff", first, last)
