"""Whole files are complete, and no cut through one goes unnoticed; made by real writers, judged by bytes alone."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image

from mailroom.channels.complete import jpeg
from mailroom.channels.complete.judge import completeness
from mailroom.channels.complete.verdict import Wholeness


def picture(mode: str = "L") -> Image.Image:
    """Return a page with something of every grey on it, so that no writer can store it as next to nothing."""
    return Image.radial_gradient("L").resize((200, 300)).convert(mode)


def image(form: str, mode: str = "L", **options: object) -> bytes:
    stream = io.BytesIO()
    picture(mode).save(stream, form, **options)
    return stream.getvalue()


def letter() -> bytes:
    pdf = FPDF()
    for number in range(20):
        pdf.add_page()
        pdf.set_font("helvetica")
        pdf.cell(text=f"Page {number}: my drain is blocked. " * 3)
    return bytes(pdf.output())


def linearized() -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        pdf.save(stream, linearize=True)
    return stream.getvalue()


def with_a_cross_reference_stream() -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        pdf.save(stream, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return stream.getvalue()


def plain_text_inside() -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        pdf.save(stream, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all)
    return stream.getvalue()


def with_an_update() -> bytes:
    before = letter() + b"\n"
    note = b"900 0 obj\n(a note)\nendobj\n"
    table = f"xref\n900 1\n{len(before):010d} 00000 n \ntrailer\n<</Size 901/Root 1 0 R>>\n"
    return before + note + f"{table}startxref\n{len(before) + len(note)}\n%%EOF\n".encode()


def archive(comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("word/document.xml", "<w:t>drain</w:t>" * 500)
        zipped.writestr("[Content_Types].xml", "<Types/>")
        zipped.comment = comment
    return stream.getvalue()


def pages() -> list[Image.Image]:
    return [picture("1") for _ in range(3)]


WHOLE: dict[str, Callable[[], bytes]] = {
    "pdf": letter,
    "linearized pdf": linearized,
    "pdf with a cross-reference stream": with_a_cross_reference_stream,
    "updated pdf": with_an_update,
    "g4 tiff": lambda: image("TIFF", "1", compression="group4"),
    "tiff of three pages": lambda: image("TIFF", "1", compression="group4", save_all=True, append_images=pages()),
    "uncompressed tiff": lambda: image("TIFF"),
    "lzw big tiff": lambda: image("TIFF", compression="tiff_lzw", big_tiff=True),
    "big-endian tiff": lambda: big_endian_tiff(b"\x01" * 2000),
    "jpeg": lambda: image("JPEG"),
    "progressive jpeg": lambda: image("JPEG", "RGB", progressive=True),
    "jpeg with a thumbnail": lambda: image("JPEG", exif=exif_with_a_thumbnail()),
    "png": lambda: image("PNG"),
    "zip": archive,
    "zip with a comment": lambda: archive(b"from the office printer"),
}


def big_endian_tiff(strip: bytes, length: int | None = None, following: int = 0, compression: int = 4) -> bytes:
    """Return a one-strip TIFF: header, directory of five entries, strip."""
    strip_at = 8 + 2 + 5 * 12 + 4
    wide = strip_at.to_bytes(4)
    count = (len(strip) if length is None else length).to_bytes(4)
    entries = [(256, b"\0\0\0\x10"), (257, b"\0\0\0\x10"), (259, compression.to_bytes(4)), (273, wide), (279, count)]
    directory = b"".join(tag.to_bytes(2) + b"\0\x04" + b"\0\0\0\x01" + value for tag, value in entries)
    return b"MM\0*\0\0\0\x08" + b"\0\x05" + directory + following.to_bytes(4) + strip


def exif_with_a_thumbnail() -> bytes:
    return b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\0\0\0\0\0" + image("JPEG")[:20_000]


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[bytes], Wholeness]:
    def judge(content: bytes) -> Wholeness:
        path = tmp_path / "scan"
        path.write_bytes(content)
        verdict = completeness(path)
        assert bool(verdict.sentence) == (verdict.wholeness is Wholeness.INCOMPLETE)
        return verdict.wholeness

    return judge


Judged = Callable[[bytes], Wholeness]


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_file_is_complete(judged: Judged, kind: str) -> None:
    assert judged(WHOLE[kind]()) is Wholeness.COMPLETE


@pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind != "updated pdf"])
def test_a_truncated_file_is_not_complete(judged: Judged, kind: str) -> None:
    # line ends after a PDF and the byte that makes a TIFF even belong to nothing
    content = WHOLE[kind]().rstrip(b"\r\n\0" if "tiff" in kind else b"\r\n")
    cuts = {*range(1, len(content), max(1, len(content) // 150)), *range(len(content) - 12, len(content))}
    assert {cut: judged(content[:cut]) for cut in cuts if judged(content[:cut]) is not Wholeness.INCOMPLETE} == {}


def test_a_pdf_cut_inside_an_update_is_not_complete(judged: Judged) -> None:
    content = with_an_update().rstrip()
    update_at = len(letter()) + 20
    assert {judged(content[:cut]) for cut in range(update_at, len(content))} == {Wholeness.INCOMPLETE}


@pytest.mark.parametrize("kind", ["pdf", "linearized pdf", "g4 tiff", "jpeg", "png", "zip"])
def test_a_file_whose_space_is_reserved_but_not_yet_written_is_not_complete(judged: Judged, kind: str) -> None:
    content = WHOLE[kind]()
    for part in (0.0, 0.3, 0.6):
        written = int(len(content) * part)
        assert judged(content[:written] + bytes(len(content) - written)) is Wholeness.INCOMPLETE


@pytest.mark.parametrize("padding", [b"\0" * 600, b"\r\n", b"\n<!-- sent by the portal -->\n"])
@pytest.mark.parametrize("kind", ["pdf", "jpeg", "png", "g4 tiff", "zip"])
def test_what_follows_the_end_does_not_make_a_file_incomplete(judged: Judged, kind: str, padding: bytes) -> None:
    content = WHOLE[kind]() + padding
    assert judged(content) is Wholeness.COMPLETE


@pytest.mark.parametrize("before", [b"\r\n", b"\xef\xbb\xbf", b"\x1b%-12345X@PJL\r\n"])
def test_a_pdf_may_begin_a_little_late(judged: Judged, before: bytes) -> None:
    assert judged(before + letter()) is Wholeness.COMPLETE
    assert judged((before + letter())[:-200]) is Wholeness.INCOMPLETE


def test_a_pdf_with_changed_line_ends_is_complete_though_its_pointers_are_off(judged: Judged) -> None:
    assert judged(plain_text_inside().replace(b"\n", b"\r\n")) is Wholeness.COMPLETE


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@example.org\r\nSubject: drain\r\n\r\nIt is blocked.\r\n",
        b"From: a@example.org\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4 not at the start",
        "It is blocked, says Zoë.".encode(),
        b"GIF89a" + bytes(range(256)),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ],
    ids=["mail", "mail with a pdf in it", "text", "gif", "old office"],
)
def test_a_format_without_a_known_end_is_unknown(judged: Judged, content: bytes) -> None:
    assert judged(content) is Wholeness.UNKNOWN


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (bytes(5000), "nothing has been written"), (b"%PD", "first 3 bytes"), (b"II*\0", "list of pages")],
)
def test_the_sentence_says_what_is_missing(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "scan").write_bytes(content)
    verdict = completeness(tmp_path / "scan")
    assert verdict.wholeness is Wholeness.INCOMPLETE
    assert words in verdict.sentence


def test_a_tiff_whose_pages_run_in_a_circle_is_damaged_but_complete(judged: Judged) -> None:
    assert judged(big_endian_tiff(b"\x01" * 100, following=8)) is Wholeness.COMPLETE


def test_a_tiff_whose_next_page_is_announced_but_not_there_is_not_complete(judged: Judged) -> None:
    assert judged(big_endian_tiff(b"\x01" * 100, following=100_000)) is Wholeness.INCOMPLETE


def test_a_tiff_that_does_not_say_how_long_its_picture_is_cannot_be_judged(judged: Judged) -> None:
    assert judged(big_endian_tiff(b"\x01" * 100, length=0)) is Wholeness.UNKNOWN


def test_a_tiff_that_claims_millions_of_pieces_costs_no_memory(judged: Judged) -> None:
    entry = (273).to_bytes(2, "little") + b"\x04\0" + (0xFFFFFFF0).to_bytes(4, "little") + b"\x08\0\0\0"
    content = b"II*\0\x08\0\0\0" + b"\x01\0" + entry + bytes(4)
    assert judged(content) is Wholeness.UNKNOWN


def test_a_tiff_whose_space_is_reserved_behind_its_directory_is_not_complete(judged: Judged) -> None:
    assert judged(big_endian_tiff(b"\1" * 800 + bytes(600), compression=4)) is Wholeness.INCOMPLETE
    assert judged(big_endian_tiff(b"\1" * 800 + bytes(600), compression=1)) is Wholeness.COMPLETE


def test_a_linearized_pdf_cut_after_its_first_end_is_not_complete(tmp_path: Path) -> None:
    content = linearized()
    first_end = content.index(b"%%EOF") + 6
    (tmp_path / "scan").write_bytes(content[:first_end])
    assert completeness(tmp_path / "scan").sentence.startswith(f"The PDF says that it has {len(content)} bytes")
    (tmp_path / "scan").write_bytes(content[:first_end] + bytes(len(content) - first_end))
    assert completeness(tmp_path / "scan").wholeness is Wholeness.INCOMPLETE


def test_a_marker_on_the_border_of_two_readings_is_found(judged: Judged, monkeypatch: pytest.MonkeyPatch) -> None:
    content = image("JPEG")
    for chunk in range(2, 24):
        monkeypatch.setattr(jpeg, "_CHUNK_BYTES", chunk)
        assert judged(content) is Wholeness.COMPLETE


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8" + b"\xff\x01" * 2_000_000,
        b"\xff\xd8" + b"\xff\xda\0\2" * 2_000_000,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0junk\0\0\0\0" * 400_000,
        b"II*\0\x08\0\0\0" + b"\xff\xff" * 2_000_000,
        b"MM\0*\0\0\0\x08" + b"".join(b"\0\0" + (8 + 6 * n).to_bytes(4) for n in range(1, 100_000)),
    ],
    ids=["jpeg of markers", "jpeg of scans", "png", "tiff", "tiff of empty pages"],
)
def test_a_file_made_to_be_long_to_judge_is_not(judged: Judged, content: bytes) -> None:
    start = time.process_time()
    assert judged(content) is not Wholeness.COMPLETE
    assert time.process_time() - start < 3


def test_a_huge_file_is_judged_by_its_ends(tmp_path: Path) -> None:
    path = tmp_path / "scan"
    with path.open("wb") as stream:
        stream.write(b"%PDF-1.7\n")
        stream.seek(20 << 30)
        stream.write(b"xref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n%d\n%%%%EOF\n" % (20 << 30))
    assert completeness(path).wholeness is Wholeness.COMPLETE
