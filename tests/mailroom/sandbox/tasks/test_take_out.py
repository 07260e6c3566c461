"""What is attached comes out as it was before it was encoded, whatever its name; what dresses a mail stays in it."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest

from mailroom.sandbox.tasks.take_out import file_of, is_dress, take_out

SMALL, LARGE = "A" * 4000, "A" * 40_000


def part(head: str, body: str = SMALL) -> str:
    return f"--cut\r\n{head}\r\n\r\n{body}\r\n"


def run(tmp_path: Path, *parts: str) -> tuple[list[str], list[tuple[str, str]], list[bytes]]:
    """Names, what was left, and the files."""
    source, scratch = tmp_path / "mail", tmp_path / "scratch"
    scratch.mkdir()
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n"
    source.write_bytes((head + "".join(parts) + "--cut--\r\n").encode())
    answer = take_out(source, scratch, {})
    files = [(scratch / file_of(number)).read_bytes() for number in range(1, len(answer["names"]) + 1)]
    assert len(list(scratch.iterdir())) == len(files)
    return answer["names"], answer["left"], files


def test_bytes_names_and_order_are_those_of_the_mail(tmp_path: Path) -> None:
    names, left, files = run(
        tmp_path,
        part("Content-Type: text/plain", "The text of the mail."),
        part('Content-Type: text/plain; name="../../etc/passwd"', "first"),
        part("Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64", "iVBORw0KGgo="),
        part("Content-Type: message/rfc822", "Subject: Inner\r\nFrom: a@b.example\r\n\r\nFrom here it goes on."),
    )
    assert (names, left) == (["../../etc/passwd", "a.png", "Inner"], [])
    assert files[0] == b"first"
    assert files[1] == b"\x89PNG\r\n\x1a\n"
    assert message_from_bytes(files[2]).get_payload() == "From here it goes on."


def test_nothing_is_left_out_without_being_counted(tmp_path: Path) -> None:
    names, left, _ = run(
        tmp_path,
        part("Content-Type: application/pdf; name=empty.pdf", ""),
        part("Content-Type: message/rfc822; name=hollow.eml", ""),
        part("Content-Type: application/pdf; name=full.pdf"),
    )
    assert (len(names) + len(left), "full.pdf" in names) == (3, True)
    assert ("empty.pdf", "empty") in left


@pytest.mark.parametrize(
    ("head", "body", "dress"),
    [
        ("Content-Type: image/png\r\nContent-ID: <logo>", SMALL, True),
        ("Content-Type: image/png\r\nContent-Disposition: inline", SMALL, True),
        ("Content-Type: image/png\r\nContent-ID: <hole>", LARGE, False),
        ("Content-Type: image/png\r\nContent-ID: <a>\r\nContent-Disposition: attachment", SMALL, False),
        ("Content-Type: image/png; name=a.png", SMALL, False),
        ("Content-Type: application/pdf\r\nContent-Disposition: inline", SMALL, False),
        ("Content-Type: application/pkcs7-signature; name=smime.p7s", LARGE, True),
        ("Content-Type: text/x-vcard; name=me.vcf", SMALL, True),
        ("Content-Type: application/msword; name=letter.doc", SMALL, False),
    ],
)
def test_a_small_picture_within_the_mail_is_dress_and_what_somebody_attached_is_not(
    head: str, body: str, dress: bool
) -> None:
    assert is_dress(message_from_bytes(f"{head}\r\n\r\n{body}".encode())) is dress
