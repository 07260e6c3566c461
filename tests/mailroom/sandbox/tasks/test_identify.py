import io
import zipfile
from pathlib import Path

import pytest
from outlook_files import compound_file

from mailroom.domain.errors import Cause
from mailroom.sandbox.tasks.identify import identify

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, "content")
    return content.getvalue()


def old_office(*names: str) -> bytes:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(70_000)
    return header + b"".join(name.encode("utf-16-le") + bytes(64) for name in names)


def old_word(flags: int) -> bytes:
    return compound_file({"WordDocument": bytes(10) + flags.to_bytes(2, "little") + bytes(5000)})


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x00\x00from a bad gateway\r\n%PDF-1.4\n", "application/pdf"),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
        (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        (b"Dear Sir,\n\nthe bins were missed again.\n", "text/plain"),
        (b"BM Motors, 4 High Street\nDear Sir,\n", "text/plain"),
        (b"MZ Holdings Ltd\nDear Sir,\n", "text/plain"),
        ("\ufeffDear Sir".encode("utf-16-le"), "text/plain"),
        (b"Subject: bins\n\nA memo with one line that looks like a header.\n", "text/plain"),
        (b"From: a@example.org\r\nTo: b@example.org\r\n\r\nHello\r\n", "message/rfc822"),
        (b"Received: from a by b;\r\n Mon, 5 Jan 2026 09:00:00 +0000\r\n\r\nHello\r\n", "message/rfc822"),
        (b"MIME-Version: 1.0\r\nX-Other: 1\r\n\r\n%PDF-1.4 in an attachment", "message/rfc822"),
        (b"<!DOCTYPE html><html><p>Hello", "text/html"),
        (archive("[Content_Types].xml", "word/document.xml"), _DOCX),
        (archive("letter.pdf"), "application/zip"),
        (old_office("Root Entry", "WordDocument"), "application/msword"),
        (old_office("Root Entry", "__properties_version1.0"), "application/vnd.ms-outlook"),
        (old_office("EncryptionInfo", "EncryptedPackage"), "application/x-encrypted-office"),
        (old_office("Something"), "application/x-ole-storage"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        (b"\x85\x02\x0c\x03\x5b\x80\x28\x02\x1b\xa9\xad\xb3", "application/pgp-encrypted"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQIM\n", "application/pgp-encrypted"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nhQIM\n", "application/pgp-keys"),
        (bytes.fromhex("3082010006092a864886f70d010703a0820000") + bytes(99), "application/pkcs7-mime"),
        (bytes.fromhex("308006092a864886f70d010702a080") + bytes(99), "application/pkcs7-signed"),
        (old_word(flags=0x0000), "application/msword"),
        (old_word(flags=0x0100), "application/x-encrypted-office"),
        (compound_file({"Workbook": b"\x09\x08\x02\x00ab\x0a\x00\x00\x00"}), "application/vnd.ms-excel"),
        (compound_file({"Workbook": b"\x09\x08\x02\x00ab\x2f\x00\x00\x00"}), "application/x-encrypted-office"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "text/calendar"),
        (b"\x78\x9f\x3e\x22\x01\x00", "application/vnd.ms-tnef"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "application/vnd.microsoft.portable-executable"),
        (bytes(range(256)) * 10, "application/octet-stream"),
        (b"", "application/x-empty"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_content(tmp_path: Path, content: bytes, media_type: str) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(content)
    found = identify(file, tmp_path, {})
    assert (found["media_type"], found["size"]) == (media_type, len(content))


@pytest.mark.parametrize(
    ("content", "cause", "words"),
    [
        (b"", Cause.EMPTY, "empty"),
        (old_office("WordDocument"), Cause.UNKNOWN_FORMAT, "This is a Word document"),
        (old_office("EncryptedPackage"), Cause.ENCRYPTED, "locked with a password"),
        (b"\x01\x02\x03\x04", Cause.UNKNOWN_FORMAT, "a file of unknown kind"),
    ],
)
def test_what_cannot_be_read_comes_with_a_sentence_for_a_clerk(
    tmp_path: Path, content: bytes, cause: Cause, words: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    obstacle = identify(file, tmp_path, {})["obstacle"]
    assert obstacle["cause"] == cause
    assert words in obstacle["sentence"]


def test_what_can_be_read_has_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"%PDF-1.4")
    assert identify(file, tmp_path, {})["obstacle"] is None
