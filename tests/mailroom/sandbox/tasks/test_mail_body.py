from email import message_from_bytes

import pytest

from mailroom.sandbox.tasks.mail_body import content_of


@pytest.mark.parametrize(
    ("encoded", "content"),
    [
        (b"SGVsbG8sIHdvcmxk", b"Hello, world"),
        (b"SGVsbG8s\r\nIHdvcmxk\r\n", b"Hello, world"),
        (b"SGVsbG8=\r\nLCB3b3JsZA==\r\n", b"Hello"),
        (b"SGVs bG8s!\xe9IHdvcmxk", b"Hello, world"),
        (b"SGVsbG8", b"Hello"),
        (b"SGVsb", b"SGVsb"),
        (b"", b""),
    ],
    ids=[
        "whole",
        "in lines",
        "two in a row",
        "with what is not base64",
        "not filled up",
        "no base64",
        "empty",
    ],
)
def test_base64_as_it_is_met_gives_what_the_library_makes_of_it(encoded: bytes, content: bytes) -> None:
    part = message_from_bytes(b"Content-Transfer-Encoding: Base64\r\n\r\n" + encoded)
    assert content_of(part) == content
    assert part.get_payload(decode=True) == content
