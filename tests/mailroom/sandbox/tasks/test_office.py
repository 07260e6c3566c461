"""Office documents are read as the text that stands in them, in its order, and bombs among them are not."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from office_files import excel, open_document, package, slides, word, word_part

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.bounded_text import MOST_CHARACTERS
from mailroom.sandbox.tasks.look_inside import look_inside
from mailroom.sandbox.tasks.read_text import read_text
from mailroom.sandbox.tasks.take_out import file_of, take_out


def read(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "file"
    file.write_bytes(content)
    text: str = read_text(file, tmp_path, {})["text"]
    return text


def looked(tmp_path: Path, content: bytes) -> dict[str, Any]:
    file = tmp_path / "file"
    file.write_bytes(content)
    return look_inside(file, tmp_path, {})


PARAGRAPHS = (
    "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Dear</w:t></w:r><w:r><w:t xml:space='preserve'> Sir</w:t>"
    "<w:tab/><w:t>now</w:t><w:br/><w:t>then</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Lee</w:t></w:r></w:p></w:tc>"
    "</w:tr><w:tr><w:tc><w:p><w:r><w:t>Age</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    "<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>end</w:t></w:r></w:p>"
)


def test_a_word_document_is_read_in_its_order_without_what_was_deleted(tmp_path: Path) -> None:
    assert read(tmp_path, word(PARAGRAPHS)).splitlines() == ["Dear Sir\tnow", "then", "Name\tLee", "Age", "end"]


def test_letterheads_and_notes_belong_to_it_once(tmp_path: Path) -> None:
    parts = {"header1": word_part("Lee &amp; Co"), "header2": word_part("Lee &amp; Co"), "footnotes": word_part("note")}
    assert read(tmp_path, word("letter", **parts)).splitlines() == ["Lee & Co", "letter", "note"]


def test_a_document_with_macros_is_read_and_they_are_not(tmp_path: Path) -> None:
    members = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": "<d><p><t>words</t></p></d>",
        "word/vbaProject.bin": b"AutoOpen",
    }
    assert read(tmp_path, package(members)) == "words"


def test_a_workbook_is_read_row_by_row_with_dates_as_dates(tmp_path: Path) -> None:
    content = excel(
        '<row><c t="s"><v>0</v></c><c t="s" s="0"><v>1</v></c></row>'
        '<row><c s="1"><v>46342</v></c><c s="2"><v>46342.604166667</v></c><c><v>0.30000000000000004</v></c></row>'
        '<row><c t="inlineStr"><is><t>in line</t></is></c><c t="b"><v>1</v></c>'
        '<c t="str"><f>A1&amp;B1</f><v>ab</v></c></row>'
        '<row><c s="9"><v>12</v></c><c t="s"><v>77</v></c><c t="e"><v>#REF!</v></c><c/></row>',
        texts="<si><t>Paid </t></si><si><r><t>on</t></r><r><t> day</t></r><rPh><t>x</t></rPh></si>",
        styles='<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yy hh:mm"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>',
        name="Payments",
    )
    assert read(tmp_path, content).splitlines() == [
        "Payments",
        "Paid \ton day",
        "16/11/2026\t16/11/2026 14:30\t0.3",
        "in line\tTRUE\tab",
        "12\t\t#REF!",
    ]


@pytest.mark.parametrize("value", ["1e308", "nan", "-1", "9" * 400, "x"])
def test_a_date_that_is_none_is_shown_as_the_number_that_it_is(tmp_path: Path, value: str) -> None:
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    assert "/" not in read(tmp_path, excel(f'<row><c s="0"><v>{value}</v></c></row>', styles=styles))


def test_slides_come_by_their_numbers(tmp_path: Path) -> None:
    texts = [f"slide {number}" for number in range(1, 12)]
    assert read(tmp_path, slides(*texts)).splitlines() == texts


def test_an_open_document_text_is_read(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>Head</text:h>"
        "<text:p>a<text:s text:c='3'/>b<text:tab/><text:span>c</text:span><text:line-break/>d</text:p>"
        "<text:p>x<text:s text:c='999999999999'/>y</text:p>"
    )
    assert read(tmp_path, open_document("text", body)).splitlines() == ["Head", "a   b\tc", "d", "x y"]


def test_an_open_document_spreadsheet_is_read(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell.format('a')}{cell.format('b')}</table:table-row>"
    body = f'<table:table table:name="Bins">{row}{row}</table:table>'
    assert read(tmp_path, open_document("spreadsheet", body)).splitlines() == ["Bins", "a\tb", "a\tb"]


def test_a_locked_open_document_is_named_as_one(tmp_path: Path) -> None:
    locked = open_document("text", "<p>x</p>", manifest="<file-entry><encryption-data/></file-entry>")
    found = looked(tmp_path, locked)
    assert (found["words"], found["obstacle"]["cause"]) == ("an OpenDocument text", Cause.ENCRYPTED)


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d><p><t>&b;</t></p></d>'
FILE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d><p><t>&a;</t></p></d>'
ROOT = {"[Content_Types].xml": "<Types/>"}


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (package({**ROOT, "word/document.xml": BOMB}), Cause.DAMAGED),
        (package({**ROOT, "word/document.xml": FILE}), Cause.DAMAGED),
        (package({**ROOT, "word/document.xml": "<d><p><t>cut off"}), Cause.DAMAGED),
        (package({**ROOT, "word/document.xml": "<d>" * 100_000 + "</d>" * 100_000}), Cause.TOO_LARGE),
        (package({**ROOT, "word/document.xml": b"<d>" + b" " * (12 << 20) + b"</d>"}), Cause.TOO_LARGE),
        (package({**ROOT, "word/document.xml": f"<d><t>{'x' * (MOST_CHARACTERS + 1)}</t></d>"}), Cause.TOO_LARGE),
        (package({**ROOT, **{f"word/{number}": "" for number in range(5001)}}), Cause.TOO_LARGE),
        (excel('<row><c t="s"><v>0</v></c></row>' * 2100, texts=f"<si><t>{'x' * 1000}</t></si>"), Cause.TOO_LARGE),
        (package({**ROOT, "xl/workbook.bin": b"\x83\x01"}), Cause.UNKNOWN_FORMAT),
        (word("letter")[:-30], Cause.DAMAGED),
    ],
)
def test_what_is_no_document_that_can_be_read_says_why(tmp_path: Path, content: bytes, cause: Cause) -> None:
    assert looked(tmp_path, content)["obstacle"]["cause"] == cause
    with pytest.raises(TaskRefused):
        read(tmp_path, content)


def test_a_document_without_words_is_named_as_one_unless_it_holds_pictures(tmp_path: Path) -> None:
    assert looked(tmp_path, word("<w:p/>"))["obstacle"]["cause"] == Cause.NO_TEXT
    scan = looked(tmp_path, package({**ROOT, "word/document.xml": "<d/>", "word/media/image1.jpeg": bytes(60_000)}))
    assert (scan["obstacle"], scan["held"], scan["pages"]) == (None, ["image1.jpeg"], 1)


def test_what_a_document_holds_comes_out_of_it_without_its_logos_and_macros(tmp_path: Path) -> None:
    members = {
        **ROOT,
        "word/document.xml": "<d><p><t>x</t></p></d>",
        "word/media/logo.png": bytes(9000),
        "word/media/image1.JPG": b"scan" * 20_000,
        "word/embeddings/sheet.xlsx": b"inner",
        "word/vbaProject.bin": bytes(90_000),
    }
    file, scratch = tmp_path / "whole", tmp_path / "scratch"
    file.write_bytes(package(members))
    scratch.mkdir()
    found = take_out(file, scratch, {"most_files": 10, "most_bytes": 1 << 20})
    assert found == {"names": ["image1.JPG", "sheet.xlsx"], "left": []}
    assert [(scratch / file_of(number)).read_bytes()[:5] for number in (1, 2)] == [b"scans", b"inner"]


def test_an_archive_with_a_folder_of_that_name_is_an_archive(tmp_path: Path) -> None:
    assert looked(tmp_path, package({"word/letter.txt": "a"}))["media_type"] == "application/zip"


def test_an_office_document_is_known_wherever_its_members_stand(tmp_path: Path) -> None:
    members = {"a": bytes(100_000), "word/document.xml": "<d><p><t>x</t></p></d>", **ROOT}
    assert looked(tmp_path, package(members, zipfile.ZIP_STORED))["words"] == "a Word document"


def test_rtf_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Dear \'a3{\b Sir}\par end}") == "Dear £Sir\nend"


@pytest.mark.parametrize("content", [rb"{\rtf1 \u99999999999999 x}", rb"{\rtf1 {\pict\bin x}}", rb"{\rtf1"])
def test_a_damaged_rtf_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    assert looked(tmp_path, content)["obstacle"]["cause"] in {Cause.DAMAGED, Cause.NO_TEXT}


def test_a_web_page_is_read_as_its_words(tmp_path: Path) -> None:
    assert read(tmp_path, b"<!DOCTYPE html><title>x</title><p>Dear Sir</p><script>y</script>") == "Dear Sir"
