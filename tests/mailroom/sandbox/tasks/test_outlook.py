"""What Outlook makes is read as the mail that it would be: head, text, attachments, messages within messages."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from outlook_files import (
    attribute,
    compound_file,
    mapi_properties,
    message_folder,
    outlook_message,
    winmail,
)

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.identify import identify
from mailroom.sandbox.tasks.read_message import read_message
from mailroom.sandbox.tasks.rtf_text import unpack_rtf
from mailroom.sandbox.tasks.take_out import file_of, take_out

SUBJECT, BODY, HTML, RTF, SENT = 0x0037, 0x1000, 0x1013, 0x1009, 0x0039
NAME, ADDRESS = 0x0042, 0x5D02
FILE, LONG_NAME, TYPE, CONTENT_ID = 0x3701, 0x3707, 0x370E, 0x3712
NINE = int((datetime(2026, 11, 16, 9, 0, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
LETTER = {SUBJECT: "Y bins £", NAME: "Siân Lee", ADDRESS: "sian@client.example", SENT: NINE, BODY: "Dear Sir\r\n"}
PACKED_RTF = bytes.fromhex(  # the example of [MS-OXRTFCP] section 3.1.1.1
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
PDF = b"%PDF-1.7\n" + bytes(5000)


def read(tmp_path: Path, content: bytes) -> dict[str, Any]:
    file = tmp_path / "file"
    file.write_bytes(content)
    return read_message(file, tmp_path, {})


def taken(tmp_path: Path, content: bytes) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    file, scratch = tmp_path / "whole", tmp_path / "scratch"
    file.write_bytes(content)
    scratch.mkdir(exist_ok=True)
    answer = take_out(file, scratch, {"most_files": 10, "most_bytes": 1 << 20})
    names = answer["names"]
    return {name: (scratch / file_of(at)).read_bytes() for at, name in enumerate(names, start=1)}, answer["left"]


def test_a_message_says_who_wrote_what_when_and_to_whom(tmp_path: Path) -> None:
    found = read(tmp_path, outlook_message(LETTER, recipient={0x3001: "The Council", 0x39FE: "us@council.example"}))
    assert identify(tmp_path / "file", tmp_path, {})["media_type"] == "application/vnd.ms-outlook"
    assert found["sender"] == {"name": "Siân Lee", "address": "sian@client.example"}
    assert found["to"] == {"name": "The Council", "address": "us@council.example"}
    assert (found["subject"], found["text"]) == ("Y bins £", "Dear Sir")
    assert (found["date"], found["obstacle"]) == ("Mon, 16 Nov 2026 09:00:00 +0000", None)


def test_a_message_names_those_before_it(tmp_path: Path) -> None:
    ids = {0x1035: "<3@client.example>", 0x1039: f"<{'1' * 90}@council.example>", 0x1042: "<2@council.example>"}
    found = read(tmp_path, outlook_message({**LETTER, **ids}))
    assert found["message_id"] == "<3@client.example>"
    assert found["answers"] == [f"<{'1' * 90}@council.example>", "<2@council.example>"]


def test_an_address_of_the_exchange_server_is_none(tmp_path: Path) -> None:
    found = read(tmp_path, outlook_message({**LETTER, ADDRESS: "/O=COUNCIL/CN=SIAN"}))
    assert found["sender"] == {"name": "Siân Lee", "address": ""}


def test_a_name_cannot_bring_headers_of_its_own(tmp_path: Path) -> None:
    found = read(
        tmp_path, outlook_message({**LETTER, NAME: 'A"\r\nAuto-Submitted: yes\r\n', SUBJECT: "a\r\nList-Id: b"})
    )
    assert (found["flags"], found["subject"]) == ([], "a List-Id: b")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({HTML: b"<p>Dear Sir</p><p>Gr\xfc\xdfe</p>"}, "Dear Sir\n\nGrüße"),
        ({HTML: "<p>h\u00e9</p>".encode(), 0x3FDE: 65001}, "h\u00e9"),
        ({RTF: PACKED_RTF}, "hello world"),
        ({RTF: PACKED_RTF[:8]}, "(The text of this message is damaged and could not be read.)"),
    ],
)
def test_the_text_is_found_in_whatever_form_it_is_kept(tmp_path: Path, body: dict[int, Any], text: str) -> None:
    assert read(tmp_path, outlook_message({SUBJECT: "A", **body}))["text"].strip() == text


def test_attachments_come_out_as_they_were(tmp_path: Path) -> None:
    logo = {FILE: b"\x89PNG" + bytes(900), LONG_NAME: "logo.png", TYPE: "image/png", CONTENT_ID: "logo@1"}
    plan = {FILE: PDF, LONG_NAME: "../plän.pdf", TYPE: "multipart/nonsense"}
    files, left = taken(tmp_path, outlook_message(LETTER, [plan, logo, {LONG_NAME: "link.docx"}]))
    assert (files, left) == ({"../plän.pdf": PDF}, [("link.docx", Cause.EMPTY)])


def test_a_message_within_is_a_mail_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    inner = message_folder({SUBJECT: "Inner", BODY: "I forward this."}, [{FILE: PDF, LONG_NAME: "a.pdf"}], head=24)
    files, _ = taken(tmp_path, outer := outlook_message(LETTER, [{FILE: inner, LONG_NAME: "Inner"}]))
    assert taken(tmp_path, outer)[0] == files
    found = read(tmp_path, files["Inner"])
    assert (found["subject"], found["text"]) == ("Inner", "I forward this.")
    assert taken(tmp_path, files["Inner"])[0] == {"a.pdf": PDF}


def test_what_is_locked_with_a_password_in_a_message_does_not_make_the_message_locked(tmp_path: Path) -> None:
    locked = compound_file({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y"})
    message = outlook_message(LETTER, [{FILE: locked, LONG_NAME: "a.docx"}])
    assert read(tmp_path, message)["subject"] == "Y bins £"
    file = tmp_path / "locked"
    file.write_bytes(locked)
    assert identify(file, tmp_path, {})["obstacle"]["cause"] == Cause.ENCRYPTED


def test_a_damaged_message_is_refused_in_words(tmp_path: Path) -> None:
    message = bytearray(outlook_message({**LETTER, BODY: "x" * 5000}))
    entry = message.index(f"__substg1.0_{BODY:04X}001F".encode("utf-16-le"))
    message[entry + 116 : entry + 120] = b"\xf0\xff\x00\x00"  # it begins far behind the end of the file
    with pytest.raises(TaskRefused, match="damaged") as caught:
        read(tmp_path, bytes(message))
    assert caught.value.cause is Cause.DAMAGED


def test_streams_that_share_their_bytes_count_each_time(tmp_path: Path) -> None:
    large, small = {FILE: bytes(6 << 20), LONG_NAME: "a"}, {FILE: bytes(5000), LONG_NAME: "b"}
    message = bytearray(outlook_message(LETTER, [large, *[small] * 9]))
    name = f"__substg1.0_{FILE:04X}0102".encode("utf-16-le")
    first = message.index(name)
    place = first
    while (place := message.find(name, place + 1)) > 0:
        message[place + 116 : place + 124] = message[first + 116 : first + 124]  # where it begins and how long it is
    with pytest.raises(TaskRefused, match="more than 50 MB") as caught:
        read(tmp_path, bytes(message))
    assert caught.value.cause is Cause.TOO_LARGE


def test_packed_rtf_unpacks_to_what_it_was() -> None:
    assert unpack_rtf(PACKED_RTF) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    runs = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")  # section 3.1.1.2
    assert unpack_rtf(runs) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_winmail_gives_its_attachments_and_its_text(tmp_path: Path) -> None:
    packed = winmail({BODY: "The text of it.", SUBJECT: "S"}, [("plän.pdf", PDF), ("b.txt", b"two")])
    assert taken(tmp_path, packed) == ({"plän.pdf": PDF, "b.txt": b"two"}, [])
    assert read(tmp_path, packed)["text"] == "The text of it."


def test_a_mail_without_text_has_that_of_its_winmail(tmp_path: Path) -> None:
    mail = b"Subject: A\r\nMIME-Version: 1.0\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n"
    packed = winmail({BODY: "Please refund me."}, [("a.pdf", PDF)])
    found = read(tmp_path, mail + packed)
    assert (found["text"], [one["name"] for one in found["attachments"]]) == ("Please refund me.", ["winmail.dat"])
    assert taken(tmp_path, mail + packed)[0] == {"winmail.dat": packed}


def test_a_mail_with_text_keeps_its_own(tmp_path: Path) -> None:
    head = "Subject: A\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nMine.\r\n--c\r\n"
    part = b"Content-Type: application/ms-tnef\r\n\r\n" + winmail({BODY: "Other."}) + b"\r\n--c--\r\n"
    assert read(tmp_path, head.encode() + part)["text"] == "Mine."


def test_a_message_within_a_winmail_is_a_mail(tmp_path: Path) -> None:
    inside = bytes.fromhex("0703020000000000c000000000000046") + winmail({SUBJECT: "Inner", BODY: "Hello."})
    packed = winmail() + attribute(2, 0x00069002, bytes(14))
    packed += attribute(2, 0x00069005, mapi_properties({FILE: inside, LONG_NAME: "Inner"}))
    files, _ = taken(tmp_path, packed)
    found = read(tmp_path, files["Inner"])
    assert (found["subject"], found["text"]) == ("Inner", "Hello.")


@pytest.mark.parametrize("at", range(6, 400, 7))
def test_a_winmail_that_ends_anywhere_or_lies_about_a_length_is_read_as_far_as_it_goes(tmp_path: Path, at: int) -> None:
    whole = winmail({BODY: "The text.", SENT: NINE}, [("a.txt", b"x" * 100), ("b.txt", b"y" * 100)])
    for content in (whole[:at], whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :]):
        with suppress(TaskRefused):
            assert len(taken(tmp_path, content)[0]) <= 2


def test_a_winmail_of_nothing_but_attributes_takes_time_by_their_number_only(tmp_path: Path) -> None:
    assert taken(tmp_path, winmail() + attribute(1, 0x00078008, b"x") * 200_000) == ({}, [])
