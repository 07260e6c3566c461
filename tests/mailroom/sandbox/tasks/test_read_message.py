from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.read_message import read_message

Read = Callable[[bytes], dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_bytes(raw: bytes) -> dict[str, Any]:
        file = tmp_path / "mail"
        file.write_bytes(raw)
        return read_message(file, tmp_path, {})

    return read_bytes


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Siân Tŷ-Gwyn <sian@example.org>"
    message["To"] = "Council <post@council.example>"
    message["Subject"] = "Missed bins at Tŷ Gwyn, £40"
    message["Date"] = "Mon, 05 Jan 2026 09:00:00 +0000"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Annwyl Syr,\n\nthe bins at Tŷ Gwyn were missed.\n")
    return message


def test_sender_subject_and_text_are_read(read: Read) -> None:
    found = read(letter().as_bytes())
    assert found == {
        "sender": {"name": "Siân Tŷ-Gwyn", "address": "sian@example.org"},
        "to": {"name": "Council", "address": "post@council.example"},
        "subject": "Missed bins at Tŷ Gwyn, £40",
        "date": "Mon, 05 Jan 2026 09:00:00 +0000",
        "message_id": "<1@example.org>",
        "answers": [],
        "bounced": None,
        "authentication": {},
        "forwarded": None,
        "text": "Annwyl Syr,\n\nthe bins at Tŷ Gwyn were missed.",
        "text_cut": False,
        "formatted": None,
        "attachments": [],
        "flags": [],
        "pages": 1,
        "obstacle": None,
    }


def test_plain_text_is_preferred_to_html_and_html_is_reduced_where_there_is_no_other(read: Read) -> None:
    both = letter()
    both.add_alternative("<p>HTML</p>", subtype="html")
    only_html = letter()
    only_html.set_content("<style>p{}</style><p>Dear <b>Sir</b>,</p><p>Tŷ &pound;40</p>", subtype="html")
    assert read(both.as_bytes())["text"].startswith("Annwyl Syr")
    assert read(only_html.as_bytes())["text"] == "Dear Sir,\n\nTŷ £40"


def test_a_mail_is_kept_as_it_was_formatted_where_it_has_html(tmp_path: Path) -> None:
    message = letter()
    message.add_alternative("<p>the <b onclick=no()>bins</b></p>", subtype="html")
    source = tmp_path / "mail.eml"
    source.write_bytes(message.as_bytes())
    made = read_message(source, tmp_path, {})["formatted"]
    assert made["made_by"].startswith("nh3 ")
    assert "<body>\n<p>the <b>bins</b></p>" in (tmp_path / made["file"]).read_text()
    source.write_bytes(letter().as_bytes())
    assert read_message(source, tmp_path, {})["formatted"] is None


def test_attachments_are_listed_and_their_names_are_but_data(read: Read) -> None:
    message = letter()
    message.add_attachment(
        b"%PDF-1.4", maintype="application", subtype="pdf", filename="../../etc/cron.d/x\u202efdp.exe"
    )
    message.add_attachment("a note", filename="ŵ.txt")
    message.add_attachment(letter())
    found = read(message.as_bytes())
    assert found["attachments"] == [
        {"name": "../../etc/cron.d/xfdp.exe", "media_type": "application/pdf", "size": 8},
        {"name": "ŵ.txt", "media_type": "text/plain", "size": 7},
        {"name": "Missed bins at Tŷ Gwyn, £40", "media_type": "message/rfc822", "size": None},
    ]
    assert found["text"].startswith("Annwyl Syr")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        (b"=?utf-8?B?VMW3IEd3eW4=?=", "Tŷ Gwyn"),
        (b"=?utf-8?q?T=C5=B7_Gwyn?=", "Tŷ Gwyn"),
        (b"=?UTF-8?B?VMU=?=\r\n =?utf-8?B?tyBHd3lu?=", "Tŷ Gwyn"),
        (b"about =?iso-8859-1?q?=A340?= and more", "about £40 and more"),
        (b"=?utf-8?B?not base64!?=", "=?utf-8?B?not base64!?="),
        (b"=?no-such-charset?q?plain?=", "plain"),
        (b"=?utf-8?q?Hello=0D=0ABcc:_victim@example.net?=", "Hello Bcc: victim@example.net"),
        (b"folded\r\n\tonce", "folded once"),
        (b"\xa340 in latin-1", "£40 in latin-1"),
        ("Tŷ in bare UTF-8".encode(), "Tŷ in bare UTF-8"),
        (b"nul\x00 and \x1b[31mred", "nul and [31mred"),
    ],
)
def test_a_subject_is_decoded_to_one_line(read: Read, subject: bytes, shown: str) -> None:
    assert read(b"Subject: " + subject + b"\r\n\r\nx\r\n")["subject"] == shown


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        (b"jo@example.org", "", "jo@example.org"),
        (b'"Resident, Jo" <jo@example.org>', "Resident, Jo", "jo@example.org"),
        (b"=?utf-8?q?Si=C3=A2n?= <s@example.org>, b@example.org", "Siân", "s@example.org"),
        (b"(" * 4000, "(" * 4000, ""),
        (b"x" * 4000 + b"@example.org", "", ""),
        (b"", "", ""),
    ],
)
def test_the_sender_is_the_first_mailbox(read: Read, sender: bytes, name: str, address: str) -> None:
    assert read(b"From: " + sender + b"\r\n\r\nx\r\n")["sender"] == {"name": name, "address": address}


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        (b"Auto-Submitted: auto-replied", ["automatic", "replied"]),
        (b"Auto-Submitted: no; because=asked", []),
        (b"Auto-Submitted: notified", ["automatic"]),
        (b"Auto-Submitted: Auto-Generated (rejected); type=x", ["automatic"]),
        (b"Auto-Submitted: (by hand) no", []),
        (b"Auto-Submitted: no\r\nAuto-Submitted: auto-replied", ["automatic", "replied"]),
        (b"Auto-Submitted:", []),
        (b"Precedence: Bulk", ["bulk"]),
        (b"Precedence: junk", ["bulk"]),
        (b"Precedence: list (all of you)", ["bulk"]),
        (b"Precedence: first-class", []),
        (b"Precedence: normal\r\nPrecedence: bulk", ["bulk"]),
        (b"List-Id: <news.example.org>", ["list"]),
        (b"List-Unsubscribe: <https://example.org>", ["list"]),
        (b"LIST-POST: NO", ["list"]),
        (b"Listening: yes", []),
        (b"Return-Path: <>", ["null_sender"]),
        (b"Content-Type: multipart/report; boundary=b", ["report"]),
        (b"\r\n".join([b"Received: from a by b"] * 51), ["loop"]),
        (b"\r\n".join([b"Received: from a by b"] * 50), []),
        (b"Content-Type: application/ms-tnef", ["winmail"]),
        (b"Content-Type: application/pgp-signature", ["signed"]),
        (b"Content-Type: application/pkcs7-mime", ["encrypted"]),
    ],
)
def test_the_way_a_mail_was_sent_is_flagged(read: Read, header: bytes, flags: list[str]) -> None:
    assert read(b"Subject: x\r\n" + header + b"\r\n\r\nx\r\n")["flags"] == flags


@pytest.mark.parametrize(
    "raw",
    [
        b'Subject: x\nContent-Type: multipart/encrypted; boundary="b"\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n',
        b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
    ],
)
def test_an_encrypted_mail_keeps_its_subject_and_says_that_it_cannot_be_read(read: Read, raw: bytes) -> None:
    found = read(raw)
    assert found["subject"] == "x"
    assert found["obstacle"]["cause"] == Cause.ENCRYPTED


def test_a_mail_with_a_subject_alone_is_a_message_but_one_with_nothing_is_not(read: Read) -> None:
    assert read(b"Subject: please ring me\n\n")["obstacle"] is None
    assert read(b"From: jo@example.org\n\n\n")["obstacle"]["cause"] == Cause.EMPTY


@pytest.mark.parametrize(
    "raw",
    [
        b"no header at all",
        b'Content-Type: multipart/mixed; boundary="b"\n\nno part at all',
        b"Content-Type: multipart/mixed\n\n--b\n\nno boundary\n--b--",
        b"Content-Type: text/plain; charset=idna\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"Content-Disposition: attachment; filename*0*=undefined''%41; filename*99999999999=x\n\nx",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"\x00\xff" * 500,
    ],
)
def test_a_malformed_mail_is_read_as_far_as_it_goes(read: Read, raw: bytes) -> None:
    assert read(raw)["pages"] == 1


def test_a_part_without_its_boundary_is_shown_as_the_text_it_is(read: Read) -> None:
    assert "no part at all" in read(b'Content-Type: multipart/mixed; boundary="b"\n\nno part at all')["text"]


def test_a_very_long_text_is_cut_and_says_so(read: Read) -> None:
    found = read(b"Subject: x\n\n" + b"0123456789\n" * 100_000)
    assert (len(found["text"]), found["text_cut"]) == (1_000_000, True)


def test_a_mail_beyond_the_limits_is_refused_before_it_is_parsed(read: Read) -> None:
    with pytest.raises(TaskRefused, match="header"):
        read(b"Subject: " + b"=?utf-8?q?x?= " * 20_000 + b"\n\nx")
